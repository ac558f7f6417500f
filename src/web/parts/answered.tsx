// What those answered who had something that was taken back: done, refused and why, or silent.
import type { ReactNode } from 'react'
import type { AnswerView } from '#kernel/answer-shape.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t, when } from '../text/language.ts'
import { State, type StateKind } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name } from '../ui/value.tsx'
import { ShortList } from './list.tsx'
import { useMemberNames } from './names.ts'
import { useNow } from './now.ts'

type Word = 'erased' | 'withdrawn' | 'refused' | 'silent' | 'unreached'
const KINDS: Readonly<Record<Word, StateKind>> = {
  erased: 'ok',
  withdrawn: 'ok',
  refused: 'danger',
  silent: 'wait',
  unreached: 'wait',
}

const wordOf = ({ answer, received }: AnswerView): Word =>
  answer !== 'none' ? answer : received ? 'silent' : 'unreached'

/** How many said what, the worst first. */
export function AnswerCounts({ answers }: { readonly answers: readonly AnswerView[] }): ReactNode {
  if (answers.length === 0) return <span className="dim">{t('answered.nobody')}</span>
  return (
    <span className="states">
      {(['refused', 'unreached', 'silent', 'withdrawn', 'erased'] as const).map((word) => {
        const n = answers.filter((each) => wordOf(each) === word).length
        return n === 0 ? null : (
          <State key={word} kind={KINDS[word]}>
            {t(`answered.${word}.n`, { n })}
          </State>
        )
      })}
    </span>
  )
}

export function AnswersList({ answers }: { readonly answers: readonly AnswerView[] }): ReactNode {
  const names = useMemberNames()
  const nowMs = useNow()
  const columns: readonly Column<AnswerView>[] = [
    {
      key: 'member',
      head: t('peer.member'),
      fill: true,
      cell: ({ member, reason, passedOn }) => (
        <>
          <Link className="cell" to={to.peer(member)}>
            <Name charsMax={50}>{names(member)}</Name>
          </Link>
          {reason === undefined ? null : (
            <p className="small">
              <Foreign charsMax={500}>{reason}</Foreign>
            </p>
          )}
          {passedOn === true ? <p className="small faint">{t('answered.passedOn')}</p> : null}
        </>
      ),
    },
    {
      key: 'answer',
      head: t('answered.answer'),
      cell: (each) => <State kind={KINDS[wordOf(each)]}>{t(`answered.${wordOf(each)}`)}</State>,
    },
    {
      key: 'since',
      head: t('who.since'),
      number: true,
      cell: ({ since }) => <span className="dim nowrap">{when(since, nowMs)}</span>,
    },
  ]
  return (
    <ShortList
      of={answers}
      words={({ member, reason = '', ...rest }) =>
        `${names(member)} ${member} ${reason} ${t(`answered.${wordOf({ member, ...rest })}`)}`
      }
      label={t('answered.title')}
      where={t('peers.where')}
      columns={columns}
      rowKey={({ member }) => member}
      empty={<p className="dim">{t('answered.nobody')}</p>}
      flush={false}
      dense
    />
  )
}

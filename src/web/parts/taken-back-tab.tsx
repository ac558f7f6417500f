// What was taken back: what this member erased and what became of it at everyone who had it; and what others took back
// here, with the answer that some of it waits for.
import { useState, type ReactNode } from 'react'
import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { Link, useAddress, useAddressed } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { confirmDone, Dialog } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State, type StateKind } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'
import { AnswerCounts, AnswersList } from './answered.tsx'
import { ConfirmButton } from './confirm.tsx'
import { FormDialog } from './form-dialog.tsx'
import { List } from './list.tsx'
import { useMemberNames } from './names.ts'
import { Narrow } from './narrow.tsx'
import { useNow } from './now.ts'
import { Reason } from './reason.tsx'
import { recordTitle, typeName } from './record.ts'
import { useRight } from './session.ts'
import { verbsColumn } from './verbs.tsx'

type Erasure = ErasuresPage['items'][number]
type Asked = AskedPage['items'][number]

const NoneErased = (): ReactNode => (
  <Empty icon="check" title={t('takenBack.none')}>
    {t('takenBack.noneWhy')}
  </Empty>
)

const NoneAsked = (): ReactNode => (
  <Empty icon="check" title={t('takenBack.noneAsked')}>
    {t('takenBack.noneAskedWhy')}
  </Empty>
)

export function TakenBackTab(): ReactNode {
  const isAsked = useAddress().search.get('by') === 'others'
  return (
    <>
      <div className="toolbar">
        <nav className="seg" aria-label={t('takenBack.by')}>
          <Link to={to.takenBack()} aria-current={isAsked ? undefined : 'true'}>
            {t('takenBack.byUs')}
          </Link>
          <Link to={to.takenBack('others')} aria-current={isAsked ? 'true' : undefined}>
            {t('takenBack.byOthers')}
          </Link>
        </nav>
      </div>
      {isAsked ? <ByOthers /> : <ByUs />}
    </>
  )
}

function ByUs(): ReactNode {
  const nowMs = useNow()
  const [open, setOpen] = useState<Erasure>()
  const columns: readonly Column<Erasure>[] = [
    {
      key: 'what',
      head: t('takenBack.what'),
      fill: true,
      cell: (erasure) => (
        <>
          <Value>{titleOf(erasure)}</Value>
          <p className="small dim">
            <Reason of={erasure.reason} />
          </p>
        </>
      ),
    },
    {
      key: 'answers',
      head: t('answered.answers'),
      cell: ({ recipients }) => <AnswerCounts answers={recipients} />,
      tight: true,
    },
    {
      key: 'at',
      head: t('takenBack.at'),
      number: true,
      cell: ({ at }) => <span className="dim nowrap">{when(at, nowMs)}</span>,
    },
    verbsColumn((erasure) =>
      erasure.recipients.length === 0 ? null : (
        <Button small onClick={() => setOpen(erasure)}>
          {t('answered.show')}
        </Button>
      ),
    ),
  ]
  return (
    <>
      <List<Erasure>
        path="/erasures?limit=50"
        label={t('takenBack.byUs')}
        where={t('takenBack.where')}
        columns={columns}
        rowKey={({ index }) => index}
        empty={<NoneErased />}
      />
      {open === undefined ? null : (
        <Dialog
          title={t('answered.title')}
          wide
          onClose={() => setOpen(undefined)}
          actions={<Button onClick={() => setOpen(undefined)}>{t('close')}</Button>}
        >
          <p>
            <Value>{titleOf(open)}</Value>
          </p>
          <AnswersList answers={open.recipients} />
        </Dialog>
      )}
    </>
  )
}

/** What was erased has no name any more: its id, or where it stood. */
const titleOf = ({ record, items, leaf }: Erasure): string =>
  record ?? t('takenBack.place', { items: items.map((each) => number(each)).join(', '), leaf })

const ANSWERED: Readonly<Record<Asked['answer'], StateKind>> = {
  asked: 'wait',
  erased: 'ok',
  withdrawn: 'ok',
  refused: 'danger',
}

function ByOthers(): ReactNode {
  const names = useMemberNames()
  const nowMs = useNow()
  const mayDecide = useRight('decide')
  const [waiting, setWaiting] = useAddressed('answer')
  const columns: readonly Column<Asked>[] = [
    {
      key: 'what',
      head: t('takenBack.what'),
      fill: true,
      cell: (asked) => <WhatWasAsked asked={asked} name={names(asked.member)} />,
    },
    {
      key: 'answer',
      head: t('answered.answer'),
      cell: ({ answer, receipt }) => (
        <State kind={ANSWERED[answer]} since={answer === 'asked' || receipt ? undefined : t('takenBack.untold')}>
          {t(`answered.${answer}`)}
        </State>
      ),
      tight: true,
    },
    {
      key: 'at',
      head: t('takenBack.at'),
      number: true,
      cell: ({ at }) => <span className="dim nowrap">{when(at, nowMs)}</span>,
    },
    ...(mayDecide ? [verbsColumn((asked: Asked) => <Answering asked={asked} name={names(asked.member)} />)] : []),
  ]
  return (
    <List<Asked>
      path={`/erasures/asked?limit=50${waiting === '' ? '' : '&waiting=true'}`}
      label={t('takenBack.byOthers')}
      where={t('takenBack.whereAsked')}
      columns={columns}
      rowKey={({ number: key }) => key}
      empty={<NoneAsked />}
      filtered={waiting !== ''}
      filters={
        <Narrow
          label={t('answered.answer')}
          value={waiting}
          choices={[['asked', t('answered.asked')]]}
          onChoose={setWaiting}
        />
      }
    />
  )
}

function WhatWasAsked({ asked, name }: { readonly asked: Asked; readonly name: string }): ReactNode {
  const { kind, records, leaf, reason, why } = asked
  return (
    <>
      {records.length === 0 ? (
        <span className="dim">{t('takenBack.leaf', { leaf })}</span>
      ) : (
        records.map((record) => (
          <div key={record.id}>
            <Link className="cell" to={to.record(record.id)}>
              <Foreign charsMax={100}>{recordTitle(record)}</Foreign>
            </Link>{' '}
            <span className="small dim">{typeName(record.type)}</span>
          </div>
        ))
      )}
      <p className="small dim">
        {t(`takenBack.${kind}`)} · <Name charsMax={50}>{name}</Name> · <Reason of={reason} />
      </p>
      {why === undefined ? null : (
        <p className="small">
          <Foreign charsMax={500}>{why}</Foreign>
        </p>
      )}
    </>
  )
}

/** Erasing what somebody asks for, at once or after a refusal; and refusing it with a reason. */
function Answering({ asked, name }: { readonly asked: Asked; readonly name: string }): ReactNode {
  const [refusing, setRefusing] = useState(false)
  if (asked.kind !== 'erase' || (asked.answer !== 'asked' && asked.answer !== 'refused')) return null
  const answer = async (body: object, done: string): Promise<void> => {
    await send('POST', `/erasures/asked/${asked.number}`, body)
    changed('/erasures', '/home', '/records', '/search')
    confirmDone(done)
  }
  return (
    <span className="actions">
      {asked.answer === 'asked' ? (
        <Button small onClick={() => setRefusing(true)}>
          {t('takenBack.refuse')}
        </Button>
      ) : null}
      <ConfirmButton
        small
        verb={t('takeBack.erase')}
        title={t('takenBack.honour')}
        why={t('takenBack.honourWhy', { member: name })}
        act={() => answer({ answer: 'honour' }, t('takeBack.erase.done'))}
      />
      {refusing ? (
        <Refusing
          act={async (reason) => {
            await answer({ answer: 'refuse', reason }, t('takenBack.refused', { member: name }))
            setRefusing(false)
          }}
          onClose={() => setRefusing(false)}
        />
      ) : null}
    </span>
  )
}

function Refusing({
  act,
  onClose,
}: {
  readonly act: (reason: string) => Promise<void>
  readonly onClose: () => void
}): ReactNode {
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      title={t('takenBack.refuseTitle')}
      verb={t('takenBack.refuse')}
      whyNot={reason.trim() === '' ? t('takenBack.needReason') : undefined}
      act={() => act(reason.trim())}
      onClose={onClose}
    >
      <p>{t('takenBack.refuseWhy')}</p>
      <Area
        label={t('takeBack.reason')}
        value={reason}
        maxLength={500}
        rows={3}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}

// What came of an import: how many objects were new, known, refused; where it broke off; and each refusal with its place
// and its reason.
import { useState, type ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Facts } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Foreign, Value } from '../ui/value.tsx'
import { refusalsWith, type Refusal, type Tally } from '../write/file-import.ts'

const SHOWN = 50
const COUNTS = ['read', 'added', 'known', 'conflict', 'refused', 'kept'] as const
/** Told even where there are none. */
const ALWAYS: readonly string[] = ['read', 'added', 'known', 'refused']

export function Imported({
  tally,
  into,
  again,
}: {
  readonly tally: Tally
  readonly into: CollectionView
  readonly again: () => void
}): ReactNode {
  const { counts, broken, refusals } = tally
  const clean = broken === undefined && counts.refused + counts.conflict === 0
  const nothing = counts.added + counts.known + counts.kept === 0
  return (
    <>
      <p role="status">
        <State kind={clean ? 'ok' : 'warning'}>
          {t(
            broken !== undefined ? 'import.broken' : clean ? 'import.done' : nothing ? 'import.none' : 'import.partly',
          )}
        </State>{' '}
        <Link className="link" to={to.knowledge({ collection: into.alias ?? into.uuid })}>
          <Text k="import.show" title={into.title} />
        </Link>
      </p>
      <Facts
        facts={COUNTS.filter((each) => ALWAYS.includes(each) || counts[each] > 0).map((each) => [
          t(`import.count.${each}`),
          number(counts[each]),
          each,
        ])}
      />
      {broken === undefined ? null : (
        <Notice kind="danger">
          <Foreign charsMax={300}>{[broken.message, broken.place].filter(Boolean).join(', ')}</Foreign>{' '}
          {broken.remedy === undefined ? null : <Foreign charsMax={300}>{broken.remedy}</Foreign>}{' '}
          {t('import.brokenWhy')}{' '}
          <Button small onClick={again}>
            {t('again')}
          </Button>
        </Notice>
      )}
      {refusals.length === 0 ? null : <Refusals refusals={refusals} of={counts.refused + counts.conflict} />}
    </>
  )
}

function Refusals({ refusals, of }: { readonly refusals: readonly Refusal[]; readonly of: number }): ReactNode {
  const [words, setWords] = useState('')
  const found = refusalsWith(words, refusals)
  return (
    <section className="form" aria-label={t('import.refusals')}>
      <Input
        label={t('import.find')}
        type="search"
        value={words}
        hint={t('import.found', { n: found.length, of })}
        onChange={(event) => setWords(event.target.value)}
      />
      <ul className="plain-list small">
        {found.slice(0, SHOWN).map((refusal) => (
          <li key={refusal.index}>
            <Text k="import.place" object={number(refusal.index + 1)} line={number(refusal.line)} />{' '}
            {refusal.id === undefined ? null : <Value>{refusal.id}</Value>}
            <br />
            <Foreign charsMax={400}>
              {refusal.findings
                .map(({ path, message, remedy }) => [path, message, remedy].filter(Boolean).join(' '))
                .join('; ')}
            </Foreign>
          </li>
        ))}
      </ul>
    </section>
  )
}

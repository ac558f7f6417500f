// Who may have what, at a glance: each class of records (one collection, one marking) by each recipient. A cell says yes
// or no with its shape, and by which rule where it is chosen. Arrow keys go from cell to cell.
import { memo, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { MatrixRow, MatrixView } from '#kernel/policy/wire.ts'
import { useGet, usePages } from '../load.ts'
import { Show } from '../parts/fault.tsx'
import { usePrincipalName } from '../parts/left-today.tsx'
import { Tlp } from '../parts/marking.tsx'
import { RuleReason } from '../parts/rule-reason.tsx'
import { MoreRows } from '../parts/more-rows.tsx'
import { number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Name, Value } from '../ui/value.tsx'

const PATH = '/policy/matrix?limit=50'
/** Columns beyond this are asked for by name. */
const COLUMNS_SHOWN = 60
/** So many names fit beside each other, written as one reads. */
const COLUMNS_FEW = 12

type Chosen = { readonly row: number; readonly column: number }

export function Matrix(): ReactNode {
  const head = useGet<MatrixView>(PATH)
  const pages = usePages<MatrixRow>(PATH)
  return (
    <Show of={pages} rows={10}>
      {(rows) =>
        rows.length === 0 || head.value?.recipients.length === 0 ? (
          <Empty icon="policy" title={t('matrix.none')}>
            {t('matrix.noneWhy')}
          </Empty>
        ) : (
          <>
            <Grid rows={rows} recipients={head.value?.recipients ?? []} reasons={head.value?.reasons ?? {}} />
            <MoreRows of={pages} />
          </>
        )
      }
    </Show>
  )
}

function Grid({
  rows,
  recipients,
  reasons,
}: {
  readonly rows: readonly MatrixRow[]
  readonly recipients: readonly string[]
  readonly reasons: Readonly<Record<string, string>>
}): ReactNode {
  const names = usePrincipalName()
  const [filter, setFilter] = useState('')
  const [{ row, column }, choose] = useState<Chosen>({ row: 0, column: 0 })
  const columns = useMemo(() => {
    const word = filter.trim().toLowerCase()
    return recipients
      .map((name, at) => ({ name, at, title: names(name) }))
      .filter(({ name, title }) => `${name} ${title}`.toLowerCase().includes(word))
      .toSorted((a, b) => Number(isMember(b)) - Number(isMember(a)) || a.title.localeCompare(b.title))
      .slice(0, COLUMNS_SHOWN)
  }, [recipients, filter, names])
  const move = (event: KeyboardEvent<HTMLTableElement>): void => {
    const rtl = document.documentElement.dir === 'rtl' ? -1 : 1
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -rtl],
      ArrowRight: [0, rtl],
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = {
      row: Math.min(rows.length - 1, Math.max(0, row + step[0])),
      column: Math.min(columns.length - 1, Math.max(0, column + step[1])),
    }
    choose(next)
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${next.row} ${next.column}"]`)?.focus()
  }
  const shownRow = rows[row]
  const shownColumn = columns[Math.min(column, columns.length - 1)]
  return (
    <>
      <div className="search facets">
        <input
          className="input filter"
          type="search"
          aria-label={t('matrix.filter')}
          placeholder={t('matrix.filter')}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="small faint">{t('matrix.shown', { n: columns.length, of: recipients.length })}</span>
      </div>
      <p className="matrix-why" role="status">
        {shownRow === undefined || shownColumn === undefined ? null : (
          <Reason row={shownRow} column={shownColumn} reasons={reasons} />
        )}
      </p>
      <div className="table-wrap">
        <table
          className={`table table--flush matrix${columns.length <= COLUMNS_FEW ? ' matrix--few' : ''}`}
          aria-label={t('policy.matrix')}
          onKeyDown={move}
        >
          <thead>
            <tr>
              <th scope="col">{t('matrix.class')}</th>
              <th scope="col" className="num">
                {t('left.records')}
              </th>
              {columns.map(({ name, title }) => (
                <th key={name} scope="col" className="matrix-head">
                  <span>
                    <Name charsMax={30}>{title}</Name>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((each, r) => (
              <Row
                key={`${each.collection} ${each.marking}`}
                of={each}
                row={r}
                columns={columns}
                chosen={r === row ? column : undefined}
                choose={choose}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

type Column = { readonly name: string; readonly at: number; readonly title: string }

/** A class. Thousands of cells are on the page, so a step from one to the next draws anew only the rows it touches. */
const Row = memo(function Row({
  of: { collection, marking, tlp, records, answers },
  row,
  columns,
  chosen,
  choose,
}: {
  readonly of: MatrixRow
  readonly row: number
  readonly columns: readonly Column[]
  readonly chosen: number | undefined
  readonly choose: (place: Chosen) => void
}): ReactNode {
  return (
    <tr>
      <th scope="row" className="matrix-class">
        <Tlp tlp={tlp} /> <Name charsMax={40}>{collection}</Name>{' '}
        <span className="small faint">
          <Name charsMax={80}>{marking.split(', ').slice(1).join(', ')}</Name>
        </span>
      </th>
      <td className="num">{number(records)}</td>
      {columns.map(({ name, title, at }, column) => (
        <td key={name} className="matrix-cell">
          <button
            type="button"
            data-cell={`${row} ${column}`}
            tabIndex={column === chosen ? 0 : -1}
            aria-pressed={column === chosen}
            aria-label={`${title}: ${t(`matrix.${answers[at] ?? 'no'}`)}`}
            className={`matrix-btn matrix-btn--${answers[at] ?? 'no'}`}
            onFocus={() => choose({ row, column })}
            onClick={() => choose({ row, column })}
          />
        </td>
      ))}
    </tr>
  )
})

const isMember = ({ name }: { readonly name: string }): boolean => name.startsWith('member:')

const KINDS = { yes: 'ok', some: 'warning', no: 'danger' } as const

function Reason({
  row,
  column: { at, title },
  reasons,
}: {
  readonly row: MatrixRow
  readonly column: Column
  readonly reasons: Readonly<Record<string, string>>
}): ReactNode {
  const answer = row.answers[at] ?? 'no'
  const rule = row.rules[at] ?? ''
  return (
    <>
      <State kind={KINDS[answer]}>{t(`matrix.${answer}`)}</State>{' '}
      <Text k="matrix.sentence" marking={row.marking} collection={row.collection} to={title} />{' '}
      <RuleReason rule={rule} reason={reasons[rule] ?? rule} /> <Value>{rule}</Value>
    </>
  )
}

// The table of the matrix. One cell is in the way of Tab, the arrows go from cell to cell; a technique with parts opens in
// its place.
import { useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Technique } from '#sharing/picture/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, t } from '../text/language.ts'
import { Foreign } from '../ui/value.tsx'
import { typeName } from '../parts/record.ts'
import { brightness, knownOf, type Cell, type MatrixColumn } from './columns.ts'

type Chosen = { readonly type: string | undefined; readonly usedOnly: boolean }

export function Grid({
  label,
  columns,
  chosen,
}: {
  readonly label: string
  readonly columns: readonly MatrixColumn[]
  readonly chosen: Chosen
}): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [place, setPlace] = useState<readonly [column: number, row: number]>([0, 0])
  const shown = columns.map((column) => ({
    ...column,
    cells: chosen.usedOnly ? column.cells.filter(({ used }) => used) : column.cells,
  }))
  const rows = Math.max(0, ...shown.map(({ cells }) => cells.length))
  const toggle = (id: string): void =>
    setOpen((before) =>
      before.has(id) ? new Set([...before].filter((each) => each !== id)) : new Set([...before, id]),
    )
  const move = (event: KeyboardEvent<HTMLTableElement>): void => {
    const next = neighbour(event, shown)
    if (next === undefined) return
    event.preventDefault()
    setPlace(next)
    event.currentTarget.querySelector<HTMLElement>(`[data-place="${next.join(' ')}"]`)?.focus()
  }
  return (
    <div className="attack-wrap">
      <table className="attack" aria-label={label} onKeyDown={move}>
        <thead>
          <tr>
            {shown.map(({ phase, name, cells, lit }) => (
              <th key={phase} scope="col">
                <Foreign charsMax={60}>{name}</Foreign>
                <span className="n">{t('attack.lit', { lit, n: cells.length })}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {shown.map(({ phase, cells }, column) => {
                const cell = cells[row]
                return (
                  <td key={phase}>
                    {cell === undefined ? null : (
                      <Square
                        cell={cell}
                        type={chosen.type}
                        place={`${column} ${row}`}
                        inWay={column === place[0] && row === place[1]}
                        isOpen={open.has(`${phase} ${cell.technique.id}`)}
                        onToggle={() => toggle(`${phase} ${cell.technique.id}`)}
                        onFocus={() => setPlace([column, row])}
                      />
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Where an arrow leads from the cell that has the focus, along the direction of the page. */
function neighbour(
  { key, target, currentTarget }: KeyboardEvent<HTMLTableElement>,
  columns: readonly MatrixColumn[],
): readonly [number, number] | undefined {
  const place = target instanceof HTMLElement ? target.dataset['place'] : undefined
  if (place === undefined) return undefined
  const [column = 0, row = 0] = place.split(' ').map(Number)
  const last = (columns[column]?.cells.length ?? 1) - 1
  const ahead = getComputedStyle(currentTarget).direction === 'rtl' ? -1 : 1
  if (key === 'ArrowDown') return [column, Math.min(last, row + 1)]
  if (key === 'ArrowUp') return [column, Math.max(0, row - 1)]
  if (key === 'Home') return [column, 0]
  if (key === 'End') return [column, last]
  const by = key === 'ArrowRight' ? ahead : key === 'ArrowLeft' ? -ahead : 0
  for (let at = column + by; by !== 0 && at >= 0 && at < columns.length; at += by) {
    const length = columns[at]?.cells.length ?? 0
    if (length > 0) return [at, Math.min(row, length - 1)]
  }
  return undefined
}

type SquareProps = {
  readonly cell: Cell
  readonly type: string | undefined
  readonly place: string
  readonly inWay: boolean
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly onFocus: () => void
}

function Square({ cell, type, place, inWay, isOpen, onToggle, onFocus }: SquareProps): ReactNode {
  const { technique, parts, known, used } = cell
  return (
    <>
      <div className={classOf(known, used)}>
        <Name technique={technique} known={known} used={used} place={place} inWay={inWay} onFocus={onFocus} />
        {parts.length === 0 ? null : (
          <button
            type="button"
            className="attack-fold"
            aria-expanded={isOpen}
            aria-label={t('attack.parts', { n: parts.length, name: technique.code ?? technique.name })}
            tabIndex={inWay ? 0 : -1}
            onClick={onToggle}
          >
            <bdi dir="ltr">{`${isOpen ? '−' : '+'}${number(parts.length)}`}</bdi>
          </button>
        )}
      </div>
      {isOpen ? (
        <ul className="attack-parts">
          {parts.map((part) => (
            <li key={part.id} className={classOf(knownOf(part, type), part.used)}>
              <Name technique={part} known={knownOf(part, type)} used={part.used} inWay />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  )
}

const classOf = (known: number, used: boolean): string =>
  `attack-cell attack-cell--${brightness(known)}${used ? ' attack-cell--used' : ''}`

function Name({
  technique,
  known,
  used,
  place,
  inWay,
  onFocus,
}: {
  readonly technique: Technique
  readonly known: number
  readonly used: boolean
  readonly place?: string
  readonly inWay: boolean
  readonly onFocus?: () => void
}): ReactNode {
  const by = technique.known.map(({ type, count }) => `${typeName(type)} ${number(count)}`).join(', ')
  return (
    <Link
      to={to.record(technique.id)}
      tabIndex={inWay ? 0 : -1}
      title={by === '' ? t('attack.nothing') : by}
      {...(place === undefined ? {} : { 'data-place': place })}
      {...(onFocus === undefined ? {} : { onFocus })}
    >
      <span className="attack-code">{technique.code ?? ''}</span>
      <span className="attack-name">
        <Foreign charsMax={70}>{technique.name}</Foreign>
      </span>
      {used ? <span className="sr">{t(technique.through === true ? 'attack.usedThrough' : 'attack.used')}</span> : null}
      <span className="attack-n">
        {number(known)}
        <span className="sr"> {t('attack.known', { n: known })}</span>
      </span>
    </Link>
  )
}

// Tables: mono heads, one line a row, the first cell is the link. A row that leaves the screen is not painted, so that
// thousands of rows scroll as ten do.
import type { ReactNode } from 'react'

export type Column<T> = {
  readonly key: string
  readonly head: ReactNode
  readonly cell: (row: T) => ReactNode
  /** Numbers stand at the end, in figures of one width. */
  readonly number?: boolean
  /** Not on a phone. */
  readonly wideOnly?: boolean
  readonly fill?: boolean
  /** The last of a row that is too much for one line of a phone, buttons mostly: there it becomes a few lines. */
  readonly verbs?: boolean
  /** Never broken into lines. */
  readonly tight?: boolean
}

export function Table<T>({
  label,
  columns,
  rows,
  rowKey,
  mine,
  dense,
  flush = true,
  headless,
}: {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly rowKey: (row: T) => string | number
  /** The row that is this member's own, or chosen. */
  readonly mine?: (row: T) => boolean
  readonly dense?: boolean
  readonly flush?: boolean
  readonly headless?: boolean
}): ReactNode {
  const className = [
    'table',
    dense === true ? 'table--dense' : '',
    flush ? 'table--flush' : '',
    columns.some(({ verbs }) => verbs === true) ? 'table--verbs' : '',
  ].join(' ')
  const classOf = ({ number, wideOnly, fill, tight, verbs }: Column<T>): string | undefined =>
    [
      number === true ? 'num' : '',
      wideOnly === true ? 'hide-s' : '',
      fill === true ? 'fill' : '',
      tight === true ? 'nowrap' : '',
      verbs === true ? 'verbs' : '',
    ]
      .filter((each) => each !== '')
      .join(' ') || undefined
  return (
    <div className="table-wrap">
      <table className={className} aria-label={label}>
        {headless === true ? null : (
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.key} scope="col" className={classOf(column)}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className={mine?.(row) === true ? 'mine' : undefined}>
              {columns.map((column) => (
                <td key={column.key} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

// The lines of the drawing: a row for each record, and where there are many a lane for each kind, which opens to its rows.
import type { Row } from './rows.ts'

export type Line =
  | { readonly kind: 'row'; readonly key: string; readonly rows: readonly [Row]; readonly inLane: boolean }
  | {
      readonly kind: 'lane'
      readonly key: string
      readonly rows: readonly Row[]
      readonly type: string
      readonly open: boolean
    }

/** Up to so many records each have a line of their own. */
export const ROWS_MAX = 14

/** The record itself always stands first and alone; lanes follow in the order in which their kinds began. */
export function linesOf(rows: readonly Row[], open: ReadonlySet<string>): Line[] {
  if (rows.length <= ROWS_MAX) return rows.map((row) => lineOf(row, false))
  const isSelf = ({ item }: Row): boolean => item.word === undefined
  const lanes = [
    ...Map.groupBy(
      rows.filter((row) => !isSelf(row)),
      ({ item }) => item.type,
    ),
  ]
  return [
    ...rows.filter(isSelf).map((row) => lineOf(row, false)),
    ...lanes.flatMap(([type, inLane]) => laneOf(type, inLane, open.has(type))),
  ]
}

/** Kinds that have a lane; none where every record has a line of its own. */
export const lanesOf = (lines: readonly Line[]): (Line & { readonly kind: 'lane' })[] =>
  lines.filter((line) => line.kind === 'lane')

function laneOf(type: string, rows: readonly Row[], open: boolean): Line[] {
  const [only, ...others] = rows
  if (only === undefined) return []
  if (others.length === 0) return [lineOf(only, false)]
  const lane: Line = { kind: 'lane', key: `lane ${type}`, rows, type, open }
  return open ? [lane, ...rows.map((row) => lineOf(row, true))] : [lane]
}

const lineOf = (row: Row, inLane: boolean): Line => ({ kind: 'row', key: row.id, rows: [row], inLane })

// The matrix as it is laid out: a column for each tactic, techniques below it by name, the parts of a technique folded into it.
import type { MatrixView, Technique } from '#sharing/picture/wire.ts'

/** A technique in one column, with what is known of it and of its parts together. */
export type Cell = {
  readonly technique: Technique
  readonly parts: readonly Technique[]
  readonly known: number
  readonly used: boolean
  readonly usedParts: number
}
export type MatrixColumn = {
  readonly phase: string
  readonly name: string
  readonly cells: readonly Cell[]
  readonly lit: number
}

export function columnsOf(
  matrix: Pick<MatrixView, 'tactics' | 'techniques'>,
  type: string | undefined,
): MatrixColumn[] {
  return matrix.tactics.map(({ phase, name }) => {
    const inPhase = matrix.techniques.filter(({ phases }) => phases.includes(phase))
    const codes = new Set(
      inPhase.flatMap(({ code, parent }) => (parent === undefined && code !== undefined ? [code] : [])),
    )
    const isPart = ({ parent }: Technique): boolean => parent !== undefined && codes.has(parent)
    const parts = Map.groupBy(inPhase.filter(isPart), ({ parent }) => parent ?? '')
    const cells = inPhase
      .filter((each) => !isPart(each))
      .toSorted(byName)
      .map((technique) => cellOf(technique, (parts.get(technique.code ?? '') ?? []).toSorted(byName), type))
    return { phase, name, cells, lit: cells.filter(({ known }) => known > 0).length }
  })
}

function cellOf(technique: Technique, parts: readonly Technique[], type: string | undefined): Cell {
  const usedParts = parts.filter(({ used }) => used).length
  const known = [technique, ...parts].reduce((sum, each) => sum + knownOf(each, type), 0)
  return { technique, parts, known, used: technique.used || usedParts > 0, usedParts }
}

/** How many records speak of a technique: all, or those of one type. */
export function knownOf({ known }: Technique, type: string | undefined): number {
  return known.filter((each) => type === undefined || each.type === type).reduce((sum, { count }) => sum + count, 0)
}

const byName = (a: Technique, b: Technique): number =>
  a.parent === undefined ? a.name.localeCompare(b.name, 'en') : (a.code ?? '').localeCompare(b.code ?? '')

/** The types of what speaks of any technique, the most frequent first. */
export function typesOf({ techniques }: Pick<MatrixView, 'techniques'>): string[] {
  const sums = new Map<string, number>()
  for (const { type, count } of techniques.flatMap(({ known }) => known)) sums.set(type, (sums.get(type) ?? 0) + count)
  return [...sums].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([type]) => type)
}

/** From how many records on a cell is lit more brightly. */
export const STEPS = [1, 5, 20, 100] as const

export const brightness = (known: number): number => STEPS.filter((step) => known >= step).length

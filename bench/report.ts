// The table: rows as they are measured, each with what it is compared to, and everything needed to repeat them.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

export type Row = {
  readonly what: string
  readonly figure: string
  readonly limit: string
  /** How many rows were read back or counted at the other side; the figure is about no fewer. */
  readonly readBack: number
  /** SHA-256 of the input, shortened. */
  readonly digest: string
}

export type Report = { readonly rows: Row[]; readonly add: (row: Row) => void; readonly note: (text: string) => void }

export function makeReport(): Report {
  const rows: Row[] = []
  return {
    rows,
    add: (row) => {
      rows.push(row)
      console.error(`measured: ${row.what}: ${row.figure}`)
    },
    note: (text) => console.error(text),
  }
}

/** Refuses to speak about a smaller input than a figure is about. */
export function demand(count: number, atLeast: number, what: string): number {
  if (count < atLeast) throw new Error(`${what}: ${count}, and the figure is about ${atLeast}`)
  return count
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex').slice(0, 12)
}

export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Nearest-rank percentile of times in milliseconds. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

export function perSecond(count: number, seconds: number): string {
  return Math.round(count / seconds).toLocaleString('en')
}

export function printTable({ rows }: Report, about: string): void {
  const widths = [0, 0, 0, 0].map((_, i) => Math.max(...rows.map((row) => cells(row)[i]?.length ?? 0)))
  console.log(about)
  for (const row of rows)
    console.log(
      cells(row)
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  '),
    )
}

function cells({ what, figure, limit, readBack, digest }: Row): string[] {
  return [what, figure, `limit ${limit}`, `${readBack.toLocaleString('en')} read back, input ${digest}`]
}

// What the command line prints: text for people or JSON for programs, and never a control character that a record
// brought along.
import type { Fault } from '#kernel/fault.ts'
import { faultToData } from '#kernel/fault.ts'

export type Output = {
  readonly json: boolean
  /** One line for people; silent with --json. */
  readonly line: (text?: string) => void
  /** The result as data; silent without --json. */
  readonly data: (value: unknown) => void
  /** A table with aligned columns; silent with --json. */
  readonly table: (heads: readonly string[], rows: readonly (readonly string[])[]) => void
  /** Where a long work stands: one line that is overwritten on a terminal, a line now and then elsewhere. On standard error. */
  readonly progress: (text: string) => void
  readonly endProgress: () => void
  readonly fault: (fault: Fault) => void
}

export type Streams = {
  readonly stdout: { readonly write: (text: string) => unknown }
  readonly stderr: { readonly write: (text: string) => unknown; readonly isTTY?: boolean }
  readonly monotonicMs: () => number
}

/** Milliseconds between two progress lines where nobody watches live. */
const PROGRESS_EVERY_MS = 2000

export function makeOutput(json: boolean, { stdout, stderr, monotonicMs }: Streams): Output {
  let shown = false
  let lastMs = Number.NEGATIVE_INFINITY
  const endProgress = (): void => {
    if (shown) stderr.write('\r\u001b[K')
    shown = false
  }
  return {
    json,
    line: (text = '') => {
      endProgress()
      if (!json) stdout.write(`${text}\n`)
    },
    data: (value) => {
      endProgress()
      if (json) stdout.write(`${JSON.stringify(value)}\n`)
    },
    table: (heads, rows) => {
      endProgress()
      if (!json) stdout.write(formatTable(heads, rows))
    },
    progress: (text) => {
      const now = monotonicMs()
      if (stderr.isTTY === true) {
        stderr.write(`\r\u001b[K${safeText(text)}`)
        shown = true
      } else if (now - lastMs >= PROGRESS_EVERY_MS) {
        lastMs = now
        stderr.write(`${safeText(text)}\n`)
      }
    },
    endProgress,
    fault: (fault) => {
      endProgress()
      if (json) {
        stdout.write(`${JSON.stringify({ error: faultToData(fault) })}\n`)
        return
      }
      stderr.write(`comity: ${safeText(fault.message)}\n`)
      if (fault.place !== undefined) stderr.write(`  where: ${safeText(fault.place)}\n`)
      if (fault.remedy !== undefined) stderr.write(`  what to do: ${safeText(fault.remedy)}\n`)
    },
  }
}

/** Control characters, bidirectional overrides and zero-width characters as visible escapes. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

// Everything of Unicode categories Cc and Cf, and the line separators.
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const safe = [heads, ...rows].map((row) => row.map((cell) => safeText(cell)))
  const widths = heads.map((_, column) => Math.max(...safe.map((row) => displayWidth(row[column] ?? ''))))
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))))
      .join('  ')
      .trimEnd()
  return `${safe.map(format).join('\n')}\n`
}

/** Columns a text takes on a terminal: East Asian wide characters take two, combining marks none (UAX #11, roughly). */
export function displayWidth(text: string): number {
  let width = 0
  for (const char of text) {
    if (/\p{M}/u.test(char)) continue
    width += WIDE.test(char) ? 2 : 1
  }
  return width
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

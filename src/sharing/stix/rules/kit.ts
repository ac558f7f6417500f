// What rules are made of: an object whose shape is not trusted (under lenient strictness they run on objects that broke
// their schema), a report to write to, and small questions.
import type { Definition } from '../model/common.ts'
import type { Report } from '../finding.ts'

export type Json = Readonly<Record<string, unknown>>

export type RuleContext = {
  readonly definition: Definition
  readonly report: Report
  /** Where the object stands: empty, or the path inside a bundle or an observed-data object. */
  readonly path: string
}

/** Looks at one object and reports. Never throws, whatever the object. */
export type Rule = (object: Json, context: RuleContext) => void

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The type an identifier names, or an empty text. */
export function typeOfId(id: unknown): string {
  if (typeof id !== 'string') return ''
  const at = id.indexOf('--')
  return at < 0 ? '' : id.slice(0, at)
}

/**
 * Compares two STIX times without parsing them: both have the form YYYY-MM-DDTHH:mm:ss[.s+]Z. Negative, zero or positive;
 * undefined where either is not of that form.
 */
export function compareTimes(a: unknown, b: unknown): number | undefined {
  if (typeof a !== 'string' || typeof b !== 'string' || !TIME.test(a) || !TIME.test(b)) return undefined
  if (a === b) return 0
  const left = sortable(a)
  const right = sortable(b)
  return left < right ? -1 : left > right ? 1 : 0
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

/** Without the Z and without zeros at the end of the fraction, the texts sort as the times do. */
function sortable(time: string): string {
  if (time.length === 20) return time.slice(0, 19)
  let end = time.length - 1
  while (end > 20 && time.codePointAt(end - 1) === 48) end--
  return end === 20 ? time.slice(0, 19) : time.slice(0, end)
}

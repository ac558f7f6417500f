// The query of a TAXII request (sections 3.4 and 3.5): what may stand in it, and what each endpoint understands.
import { parseMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

export type VersionFilter =
  | { readonly kind: 'all' }
  /** Any of: the first, the last, versions of these times. */
  | { readonly kind: 'some'; readonly first: boolean; readonly last: boolean; readonly exact: readonly number[] }

export type Filters = {
  /** Microseconds; what was added at that very moment is not included. */
  readonly addedAfter: number
  readonly limit: number
  readonly next: string | undefined
  readonly ids: readonly string[] | undefined
  readonly types: readonly string[] | undefined
  readonly specVersions: readonly string[] | undefined
  readonly version: VersionFilter
}

export type MatchField = 'id' | 'type' | 'version' | 'spec_version'

const LAST_ONLY: VersionFilter = { kind: 'some', first: false, last: true, exact: [] }

type Query = Readonly<Record<string, unknown>>

/** Reads a query. Unknown parameters are ignored, unknown match fields and bad values refused with the parameter named. */
export function readFilters(query: Query, allowed: readonly MatchField[]): Filters {
  const matches = readMatches(query, allowed)
  return {
    addedAfter: readAddedAfter(single(query, 'added_after')),
    limit: readLimit(single(query, 'limit')),
    next: single(query, 'next'),
    ids: matches.get('id'),
    types: matches.get('type'),
    specVersions: matches.get('spec_version'),
    version: readVersion(matches.get('version')),
  }
}

/** The text by which a cursor is bound to the filters it came from; the page size is free to change. */
export function bindingOf(path: string, { ids, types, specVersions, version, addedAfter }: Filters): string {
  return JSON.stringify([path, addedAfter, ids ?? null, types ?? null, specVersions ?? null, version])
}

function readMatches(query: Query, allowed: readonly MatchField[]): Map<string, string[]> {
  const matches = new Map<string, string[]>()
  for (const [name, value] of Object.entries(query)) {
    const field = /^match\[([a-z_]+)\]$/.exec(name)?.[1]
    if (field === undefined) continue
    if (!allowed.includes(field as MatchField))
      throw invalid(name, `this cannot be matched here; ${allowed.join(', ')} can`)
    const values = textsOf(value)
      .flatMap((text) => text.split(','))
      .map((text) => text.trim())
      .filter((text) => text !== '')
    if (values.length > LIMITS.taxiiMatchValuesMax) throw invalid(name, `at most ${LIMITS.taxiiMatchValuesMax} values`)
    if (values.length > 0) matches.set(field, values)
  }
  return matches
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** One value; an empty one counts as absent, as clients send `next=`. */
function single(query: Query, name: string): string | undefined {
  const values = textsOf(query[name]).filter((text) => text !== '')
  if (values.length > 1) throw invalid(name, 'this was given more than once')
  return values[0]
}

function readAddedAfter(text: string | undefined): number {
  if (text === undefined) return 0
  const micros = parseMicros(text)
  if (micros === undefined)
    throw invalid('added_after', 'this is not a time; give RFC 3339 in UTC, such as 2026-01-31T12:00:00.000Z')
  return micros
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return LIMITS.taxiiPageDefault
  if (!/^[0-9]+$/.test(text) || Number(text) < 1) throw invalid('limit', 'this is a number of at least 1')
  return Math.min(Number(text), LIMITS.taxiiPageMax)
}

function readVersion(values: readonly string[] | undefined): VersionFilter {
  if (values === undefined) return LAST_ONLY
  if (values.includes('all')) {
    if (values.length > 1) throw invalid('match[version]', '“all” stands alone')
    return { kind: 'all' }
  }
  const exact = values
    .filter((text) => text !== 'first' && text !== 'last')
    .map((text) => {
      const micros = parseMicros(text)
      if (micros === undefined) throw invalid('match[version]', 'this is first, last, all, or times')
      return micros
    })
  return { kind: 'some', first: values.includes('first'), last: values.includes('last'), exact }
}

function invalid(place: string, message: string): Fault {
  return new Fault('input.invalid', `${place}: ${message}`, { place })
}

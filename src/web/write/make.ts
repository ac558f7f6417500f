// From what somebody typed to what is said: what is still missing, and the objects.
import type { Value } from '#kernel/value.ts'
import type { Draft } from './draft.ts'
import { changedOf, noteOf, objectOf, opinionOf, reportOf, sightingOf, type Common, type Fields } from './objects.ts'

export const KINDS = ['indicators', 'report', 'note', 'opinion', 'sighting'] as const
export type Kind = (typeof KINDS)[number] | 'change'

export type Writing = {
  readonly kind: Kind
  readonly draft: Draft
  readonly values: readonly Value[]
  /** The ids it is about. */
  readonly about: readonly string[]
  /** The version that is changed. */
  readonly before?: Fields
}

const ID = /[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const DAY_MS = 86_400_000
/** At most ten years, or 0 for no end. */
const DAYS = /^(?:[12]?\d{1,3}|3[0-5]\d\d|36[0-4]\d|3650)$/

/** By what a value that was found is told from the others. */
export const keyOf = ({ kind, value }: Value): string => `${kind} ${value}`

export const idsIn = (text: string): string[] => [...new Set(text.match(ID) ?? [])]

/** By the names of the texts that say so. */
export type Missing =
  `write.need${'Value' | 'Days' | 'Name' | 'Text' | 'Opinion' | 'About' | 'One' | 'Count' | 'Order'}`

/** The first thing that is missing, as the text that says so; the marking and the collection are asked for elsewhere. */
export function whatIsMissing({ kind, draft, values, about }: Writing): Missing | undefined {
  const { name, description, opinion, firstSeen, lastSeen, count } = draft
  if (kind === 'indicators')
    return values.length === 0 ? 'write.needValue' : DAYS.test(draft.days) ? undefined : 'write.needDays'
  if (kind === 'change') return undefined
  if (kind === 'report' && name.trim() === '') return 'write.needName'
  if (kind === 'note' && description.trim() === '') return 'write.needText'
  if (kind === 'opinion' && opinion === '') return 'write.needOpinion'
  if (about.length === 0) return 'write.needAbout'
  if (kind !== 'sighting') return undefined
  if (about.length > 1) return 'write.needOne'
  if (!/^[1-9]\d{0,8}$/.test(count)) return 'write.needCount'
  return firstSeen !== '' && lastSeen !== '' && firstSeen > lastSeen ? 'write.needOrder' : undefined
}

export function objectsOf({ kind, draft, values, about, before = {} }: Writing, common: Common): Fields[] {
  switch (kind) {
    case 'indicators': {
      const days = Number(draft.days)
      const until = days > 0 ? new Date(Date.parse(common.now) + days * DAY_MS).toISOString() : undefined
      return values.map((value) => objectOf(value, draft, { ...common, until }))
    }
    case 'report':
      return [reportOf(draft, about, common)]
    case 'note':
      return [noteOf(draft, about, common)]
    case 'opinion':
      return [opinionOf(draft, about, common)]
    case 'sighting':
      return [sightingOf(draft, about, common)]
    case 'change':
      return [changedOf(before, draft, common)]
  }
}

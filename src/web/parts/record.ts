// Records in words: what kind each is, what it is called.
import type { RecordView } from '#sharing/wire.ts'
import { hasKey, t } from '../text/language.ts'
import { shortId } from '../ui/harmless.ts'

/** The name of a STIX type in the reader's language; a type that nobody translated is shown as it is. */
export function typeName(type: string): string {
  const key = `type.${type}`
  return hasKey(key) ? t(key) : type
}

/** What a record is called: the name its author gave it, else its value, else its id. */
export function recordTitle({ name, id }: Pick<RecordView, 'name' | 'id'>): string {
  return name === undefined || name.trim() === '' ? shortId(id) : name
}

/** The types that people search for most, in the order they are offered. */
export const COMMON_TYPES = [
  'indicator',
  'malware',
  'campaign',
  'intrusion-set',
  'threat-actor',
  'attack-pattern',
  'vulnerability',
  'tool',
  'infrastructure',
  'course-of-action',
  'report',
  'note',
  'opinion',
  'sighting',
  'observed-data',
  'identity',
  'relationship',
] as const

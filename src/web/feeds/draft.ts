// What somebody chose for a new feed, and what is still missing.
import type { FeedKind, FeedSource, NewFeed } from '#sharing/feeds/wire.ts'

/** The commonest first. */
export const KINDS: readonly FeedKind[] = ['list', 'taxii', 'stix']

export type FeedDraft = {
  readonly kind: FeedKind
  readonly url: string
  readonly from: string
  readonly column: string
  readonly revokeDays: string
  readonly user: string
  readonly secret: string
  readonly collection: string
  /** Empty until somebody chose: there is no default for what a stranger's data may do. */
  readonly tlp: string
  readonly communities: string
  readonly licence: string
  readonly everyMinutes: string
  readonly name: string
}

export const EMPTY: FeedDraft = {
  kind: 'list',
  url: '',
  from: '',
  column: '',
  revokeDays: '',
  user: '',
  secret: '',
  collection: '',
  tlp: '',
  communities: '',
  licence: '',
  everyMinutes: '60',
  name: '',
}

/** By the names of the texts that say so. */
export type Missing = `feeds.need${'Url' | 'From' | 'Collection' | 'Tlp' | 'Licence' | 'Name' | 'Every' | 'Secret'}`

export function missingForPreview({ url, user, secret }: FeedDraft): Missing | undefined {
  if (!URL.canParse(url.trim())) return 'feeds.needUrl'
  return user.trim() !== '' && secret === '' ? 'feeds.needSecret' : undefined
}

export function missingToAdd(draft: FeedDraft): Missing | undefined {
  const { kind, url, from, collection, tlp, licence, name, everyMinutes } = draft
  const before = missingForPreview(draft)
  if (before !== undefined) return before
  if (kind === 'taxii' && from.trim() === '' && !/\/collections\/[^/]+\/?/.test(url)) return 'feeds.needFrom'
  if (collection === '') return 'feeds.needCollection'
  if (tlp === '') return 'feeds.needTlp'
  if (licence.trim() === '') return 'feeds.needLicence'
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return 'feeds.needName'
  return /^[1-9]\d{0,4}$/.test(everyMinutes) ? undefined : 'feeds.needEvery'
}

/** What a look at the source needs. Without a choice the strictest marking is shown. */
export function sourceOf(draft: FeedDraft): FeedSource {
  const { kind, url, from, column, revokeDays, user, secret, tlp, communities } = draft
  const list = communities.split(/[\s,]+/).filter((each) => each !== '')
  return {
    kind,
    url: url.trim(),
    ...(kind === 'taxii' && from.trim() !== '' ? { from: from.trim() } : {}),
    ...(kind === 'list' && column.trim() !== '' ? { column: column.trim() } : {}),
    ...(kind === 'list' && /^[1-9]\d{0,3}$/.test(revokeDays) ? { revokeAfterDays: Number(revokeDays) } : {}),
    ...(secret === '' ? {} : { secret }),
    ...(user.trim() === '' ? {} : { user: user.trim() }),
    marking: {
      tlp: (tlp === '' ? 'RED' : tlp) as FeedSource['marking']['tlp'],
      audience: { named: false, communities: list },
      personal: 'none',
    },
  }
}

export function feedOf(draft: FeedDraft): NewFeed {
  const { name, collection, licence, everyMinutes } = draft
  return { ...sourceOf(draft), name, collection, licence: licence.trim(), everyMinutes: Number(everyMinutes) }
}

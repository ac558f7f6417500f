// What changes feeds: people add, pause and remove them, runs say how they went.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { enqueue } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Marking } from '#kernel/marking.ts'
import { SELF } from '#kernel/standing.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { FEED_FORGET_JOB, FEED_JOB, type FeedError, type FeedOptions, type FeedPlace } from './feed.ts'
import type { FeedKind } from './wire.ts'

export type FeedInput = {
  readonly name: string
  readonly kind: FeedKind
  readonly url: string
  readonly options: FeedOptions & { readonly withUser?: boolean }
  readonly collection: number
  readonly marking: Marking
  readonly licence: string
  readonly secret: Uint8Array | null
  readonly everyMs: number
}

export const addFeed = command('sharing.feed-add', (tx, { actor, feed }: { actor: string; feed: FeedInput }): void => {
  const { name, kind, url, options, collection, marking, licence, secret, everyMs } = feed
  const target = tx.get<{ author: number; name: string }>(
    'SELECT author, coalesce(alias, uuid) AS name FROM collection WHERE id = ?',
    collection,
  )
  if (target?.author !== SELF)
    throw new Fault('auth.denied', 'that collection holds what another member sends and is read only', {
      place: 'collection',
    })
  if (tx.get('SELECT 1 FROM feed WHERE name = ?', name) !== undefined)
    throw new Fault('conflict', `there is a feed ${name} already`, { place: 'name', remedy: 'Give it another name.' })
  const { n } = tx.get<{ n: number }>('SELECT count(*) AS n FROM feed') as { n: number }
  if (n >= LIMITS.feedsMax)
    throw new Fault('conflict', `there are ${LIMITS.feedsMax} feeds already`, { remedy: 'Remove one first.' })
  tx.run(
    `INSERT INTO feed (id, name, kind, url, options, collection, marking, licence, secret, every_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    tx.reserve(1),
    name,
    kind,
    url,
    JSON.stringify(options),
    collection,
    JSON.stringify(marking),
    licence,
    secret,
    everyMs,
  )
  enqueue(tx, { kind: FEED_JOB, key: name })
  const detail = { kind, host: new URL(url).host, collection: target.name, tlp: marking.tlp, licence }
  audit(tx, { actor, action: 'feed.add', subject: name, detail })
  changed(tx)
})

export type FeedSetting = {
  readonly paused?: boolean
  readonly everyMs?: number
  readonly secret?: { readonly sealed: Uint8Array; readonly withUser: boolean }
}

export const setFeed = command(
  'sharing.feed-set',
  (tx, { actor, name, setting }: { actor: string; name: string; setting: FeedSetting }): void => {
    const { paused, everyMs, secret } = setting
    const { options } = requireRow(tx, name)
    tx.run(
      'UPDATE feed SET every_ms = coalesce(?, every_ms), paused = coalesce(?, paused), secret = coalesce(?, secret), options = ? WHERE name = ?',
      everyMs ?? null,
      paused === undefined ? null : paused ? 1 : 0,
      secret?.sealed ?? null,
      secret === undefined ? options : JSON.stringify({ ...JSON.parse(options), withUser: secret.withUser }),
      name,
    )
    if (paused === true) {
      tx.run('DELETE FROM job WHERE kind = ? AND key = ?', FEED_JOB, name)
      tx.run('UPDATE feed SET running_ms = NULL WHERE name = ?', name)
    } else if (requireRow(tx, name).paused === 0) enqueue(tx, { kind: FEED_JOB, key: name })
    const action = paused === undefined ? 'feed.set' : paused ? 'feed.pause' : 'feed.resume'
    const detail = { ...(everyMs === undefined ? {} : { everyMs }), ...(secret === undefined ? {} : { secret: 'new' }) }
    audit(tx, { actor, action, subject: name, detail })
    changed(tx)
  },
)

/** Asks for a run now. */
export const runFeed = command('sharing.feed-run', (tx, { actor, name }: { actor: string; name: string }): void => {
  if (requireRow(tx, name).paused === 1)
    throw new Fault('conflict', `${name} is paused`, { remedy: `Resume it: comity feed resume ${name}` })
  enqueue(tx, { kind: FEED_JOB, key: name })
  audit(tx, { actor, action: 'feed.run', subject: name })
  changed(tx)
})

/** Its records stay: they are this member's. */
export const removeFeed = command(
  'sharing.feed-remove',
  (tx, { actor, name }: { actor: string; name: string }): void => {
    const { id } = requireRow(tx, name)
    tx.run('DELETE FROM feed WHERE id = ?', id)
    tx.run('DELETE FROM feed_refusal WHERE feed = ?', id)
    tx.run('DELETE FROM job WHERE kind = ? AND key = ?', FEED_JOB, name)
    enqueue(tx, { kind: FEED_FORGET_JOB, key: String(id) })
    audit(tx, { actor, action: 'feed.remove', subject: name })
    changed(tx)
  },
)

const FORGET_STEP = 5000

/** Forgets some values of a feed that is gone; true where there are more. */
export const forgetFeedValues = command('sharing.feed-forget', (tx, { id }: { readonly id: number }): boolean => {
  const last = tx.get<{ kind: string; value: string }>(
    'SELECT kind, value FROM feed_value WHERE feed = ? ORDER BY kind, value LIMIT 1 OFFSET ?',
    id,
    FORGET_STEP,
  )
  if (last === undefined) tx.run('DELETE FROM feed_value WHERE feed = ?', id)
  else tx.run('DELETE FROM feed_value WHERE feed = ? AND (kind, value) <= (?, ?)', id, last.kind, last.value)
  return last !== undefined
})

export const beginFeed = command(
  'sharing.feed-begin',
  (tx, { id, whole }: { readonly id: number; readonly whole: boolean }): void => {
    tx.run(
      'UPDATE feed SET running_ms = ?1, tried_ms = ?1, added = 0, known = 0, refused = 0 WHERE id = ?2',
      tx.nowMs,
      id,
    )
    // What is read from its beginning every time says anew what it is refused for.
    if (whole) tx.run('DELETE FROM feed_refusal WHERE feed = ?', id)
    changed(tx)
  },
)

export type FeedCounts = { readonly added: number; readonly known: number; readonly refused: number }
export type FeedRefusal = { readonly what: string; readonly reason: string }

export const noteFeed = command(
  'sharing.feed-note',
  (tx, note: { readonly id: number; readonly counts: FeedCounts; readonly refusals: readonly FeedRefusal[] }): void => {
    const { added, known, refused } = note.counts
    const there = tx.run(
      `UPDATE feed SET added = added + ?1, known = known + ?2, refused = refused + ?3, total = total + ?1 WHERE id = ?4`,
      added,
      known,
      refused,
      note.id,
    )
    if (there === 0) return
    for (const { what, reason } of note.refusals)
      tx.run(
        'INSERT OR REPLACE INTO feed_refusal (seq, feed, what, time_ms, reason) VALUES (?, ?, ?, ?, ?)',
        tx.reserve(1),
        note.id,
        what.slice(0, 400),
        tx.nowMs,
        reason.slice(0, 500),
      )
    if (note.refusals.length > 0)
      tx.run(
        `DELETE FROM feed_refusal WHERE feed = ?1 AND seq <=
           (SELECT seq FROM feed_refusal WHERE feed = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`,
        note.id,
        LIMITS.feedRefusalsMax,
      )
  },
)

/** A run came to its end. */
export const endFeed = command(
  'sharing.feed-end',
  (tx, { id, place }: { readonly id: number; readonly place: FeedPlace }): void => {
    const row = tx.get<{ name: string; failures: number; added: number; known: number; refused: number }>(
      'SELECT name, failures, added, known, refused FROM feed WHERE id = ?',
      id,
    )
    if (row === undefined) return
    tx.run(
      'UPDATE feed SET running_ms = NULL, read_ms = ?, failures = 0, error = NULL, place = ? WHERE id = ?',
      tx.nowMs,
      JSON.stringify(place),
      id,
    )
    const { name, failures, ...counts } = row
    if (failures > 0 || counts.added + counts.refused > 0)
      audit(tx, { actor: 'node', action: 'feed.read', subject: name, detail: { ...counts, failures } })
    changed(tx)
  },
)

export const failFeed = command(
  'sharing.feed-fail',
  (tx, { id, error }: { readonly id: number; readonly error: FeedError }): void => {
    const row = tx.get<{ name: string; failures: number }>('SELECT name, failures FROM feed WHERE id = ?', id)
    if (row === undefined) return
    tx.run(
      'UPDATE feed SET running_ms = NULL, failures = failures + 1, error = ? WHERE id = ?',
      JSON.stringify(error),
      id,
    )
    if (row.failures === 0)
      audit(tx, { actor: 'node', action: 'feed.fail', subject: row.name, detail: { error: error.message } })
    changed(tx)
  },
)

type Values = readonly { readonly kind: string; readonly value: string }[]

/** Values that a list does not hold any more, or holds again. */
export const markGone = command(
  'sharing.feed-gone',
  (tx, { id, gone, back }: { readonly id: number; readonly gone: Values; readonly back: Values }): void => {
    for (const { kind, value } of gone)
      tx.run('UPDATE feed_value SET gone_ms = ? WHERE feed = ? AND kind = ? AND value = ?', tx.nowMs, id, kind, value)
    for (const { kind, value } of back)
      tx.run('UPDATE feed_value SET gone_ms = NULL WHERE feed = ? AND kind = ? AND value = ?', id, kind, value)
  },
)

/** What was revoked is a new value when it comes again: a revoked object has no further version (STIX 2.1 section 3.6). */
export const dropValues = command(
  'sharing.feed-drop',
  (tx, { id, values }: { readonly id: number; readonly values: Values }): void => {
    for (const { kind, value } of values)
      tx.run('DELETE FROM feed_value WHERE feed = ? AND kind = ? AND value = ?', id, kind, value)
  },
)

export const feedCommands = [
  addFeed,
  setFeed,
  runFeed,
  removeFeed,
  forgetFeedValues,
  beginFeed,
  noteFeed,
  endFeed,
  failFeed,
  markGone,
  dropValues,
]

function requireRow(tx: Tx, name: string): { readonly id: number; readonly paused: number; readonly options: string } {
  const row = tx.get<{ id: number; paused: number; options: string }>(
    'SELECT id, paused, options FROM feed WHERE name = ?',
    name,
  )
  if (row !== undefined) return row
  throw new Fault('not-found', `there is no feed “${name.slice(0, 80)}”`, { remedy: 'See “comity feed list”.' })
}

function changed(tx: Tx): void {
  tx.emit({ name: 'feed.changed' })
}

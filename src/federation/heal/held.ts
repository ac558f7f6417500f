// What a peer holds of our log, without its content: after a restore it is no longer known here who received what, and
// whoever received something is owed what comes after it, such as a withdrawal.
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { formatBase64, parseBase64 } from '#kernel/base64.ts'
import { joinBytes } from '#kernel/bytes.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { parseJson } from '#kernel/json.ts'
import { HELD_BYTES, heldHash, heldKey } from '#kernel/log/erase.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { SELF } from '#kernel/standing.ts'
import { command, type Reader, type Store } from '#kernel/store/types.ts'
import type { Caller } from '../call.ts'
import { forgetClasses } from '../classes.ts'
import type { Peer } from '../peers.ts'
import { HELD_MAX, HeldShape } from './wire.ts'

/** Statements told of in a bundle, unasked: a restore loses what was said last. */
const NEWEST_MAX = 1000

const heldShape = Compile(HeldShape)

/** First and last index of each run of statements held. */
export type Ranges = readonly (readonly [number, number])[]

/** What is told of a log: `claims` are of `HELD_BYTES` for each statement, in order, as Base64; `next` is where to go on. */
export type Held = Static<typeof HeldShape>

/** What is told behind a leaf, in a file. */
export type HeldBehind = Held & { readonly after: number }

type Salted = { readonly idx: number; readonly salt: Uint8Array; readonly key: Uint8Array | null }
/** Of a statement that was erased whole by an earlier version no key is left, so nothing can be claimed of it. */
const SALTED = `s.idx, s.entry_salt AS salt, s.held_key AS key FROM statement s
  WHERE s.log = ? AND (s.held_key IS NOT NULL OR length(s.entry_salt) > 0)`

const claimOf = ({ salt, key }: Salted, member: string): Uint8Array => heldHash(key ?? heldKey(salt), member)

/**
 * The statements of a log of a member that are held here behind `after`, as runs, with what shows for each that `self` was
 * given it; not what came by way of others alone: what follows that comes by the same way, and its author need not learn
 * by whom it was passed on. Throws `not-found` for a log that is not known here as that member's.
 */
export async function tellHeld(
  reader: Reader,
  self: string,
  { member, origin, after }: { readonly member: number; readonly origin: string; readonly after: number },
): Promise<Held> {
  const row = await reader.get<{ log: number }>(
    'SELECT id AS log FROM log WHERE origin = ? AND member = ?',
    origin,
    member,
  )
  if (row === undefined) throw new Fault('not-found', 'no such log of yours is known here')
  const rows = await reader.all<Salted>(
    `SELECT ${SALTED} AND s.idx > ?
       AND NOT EXISTS (SELECT 1 FROM via v WHERE v.statement = s.seq AND v.direct_ms IS NULL) ORDER BY s.idx LIMIT ?`,
    row.log,
    after,
    HELD_MAX,
  )
  const last = rows.at(-1)
  return {
    origin,
    ranges: runsOf(rows.map(({ idx }) => idx)),
    claims: formatBase64(joinBytes(rows.map((row) => claimOf(row, self)))),
    ...(last === undefined || rows.length < HELD_MAX ? {} : { next: last.idx }),
  }
}

/** The same of the newest statements, for a file; `after` is the leaf that this begins behind. */
export async function tellNewestHeld(
  reader: Reader,
  self: string,
  asked: { readonly member: number; readonly origin: string },
): Promise<HeldBehind> {
  const row = await reader.get<{ after: number }>(
    'SELECT s.idx AS after FROM log l JOIN statement s ON s.log = l.id WHERE l.origin = ? ORDER BY s.idx DESC LIMIT 1 OFFSET ?',
    asked.origin,
    NEWEST_MAX,
  )
  const after = row?.after ?? -1
  return { ...(await tellHeld(reader, self, { ...asked, after })), after }
}

function runsOf(indexes: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const index of indexes) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === index - 1) last[1] = index
    else runs.push([index, index])
  }
  return runs
}

type Claimed = Pick<Held, 'origin' | 'next'> & { readonly claims: ReadonlyMap<number, Uint8Array> }

/** Reads a peer's answer: what it claims for each index. Throws `peer.invalid` where it is none, or does not get on. */
export function parseHeld(bytes: Uint8Array, after: number): Claimed {
  return readHeld(parseJson(bytes), after)
}

function readHeld(value: unknown, after: number): Claimed {
  if (!heldShape.Check(value) || !areRuns(value.ranges, after)) throw notTold()
  const indexes = value.ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))
  const claims = parseBase64(value.claims)
  if (claims === undefined || claims.length !== indexes.length * HELD_BYTES) throw notTold()
  // Only a full answer goes on, and from where it ended: else there could be answers for ever.
  if (value.next !== undefined && (indexes.length < HELD_MAX || value.next !== indexes.at(-1))) throw notTold()
  return {
    origin: value.origin,
    ...(value.next === undefined ? {} : { next: value.next }),
    claims: new Map(indexes.map((index, n) => [index, claims.subarray(n * HELD_BYTES, (n + 1) * HELD_BYTES)])),
  }
}

/** Ascending, behind `after`, none within another, and not too many. */
function areRuns(ranges: Ranges, after: number): boolean {
  let [last, count] = [after, 0]
  return ranges.every(([from, to]) => {
    const follows = from > last && from <= to
    last = to
    count += to - from + 1
    return follows && count <= HELD_MAX
  })
}

const notTold = (): Fault => new Fault('peer.invalid', 'what a peer holds of this log is not told as it should be')

/** Of what a peer claims, what it was given: it knows the salts of those leaves. */
async function verifiedRuns(
  reader: Reader,
  { log, member, claims }: { readonly log: number; readonly member: string; readonly claims: Claimed['claims'] },
): Promise<Ranges> {
  const rows = await reader.all<Salted>(
    `SELECT ${SALTED} AND s.idx IN (SELECT value FROM json_each(?)) ORDER BY s.idx`,
    log,
    JSON.stringify([...claims.keys()]),
  )
  const known = rows.filter((row) => equalBytes(claimOf(row, member), claims.get(row.idx) ?? new Uint8Array(0)))
  return runsOf(known.map(({ idx }) => idx))
}

export type HeldNow = {
  readonly peer: number
  /** Row id of a log of ours. */
  readonly log: number
  /** The last item of our stream that came to it. */
  readonly streamSeq: number
  readonly ranges: Ranges
  /** Which leaves this tells of: behind the first, up to the second. */
  readonly after: number
  readonly until: number
}

/**
 * Notes that a peer has these of our statements, as far as they are here, and that it does not have the others of which it
 * was held to: it lost them, or went without them after a backup of ours was made. Those are offered again.
 */
export const noteHeld = command('federation.note-held', (tx, input: HeldNow): void => {
  const { peer, log, streamSeq, ranges } = input
  let news = 0
  let last = input.after
  for (const [from, to] of [...ranges, [input.until + 1, input.until] as const]) {
    news += tx.run(NOT_HELD_SQL, peer, log, last + 1, from - 1, streamSeq)
    if (from <= to) {
      tx.run(HAD_SQL, peer, log, from, to)
      news += tx.run(HELD_SQL, peer, streamSeq, log, from, to)
    }
    last = to
  }
  if (news === 0) return
  tx.run('UPDATE peer SET widened_epoch = 0 WHERE id = ?', peer)
  forgetClasses(tx, peer)
  tx.emit({ name: 'policy.changed' })
})

/** Whatever is left out of answers from now on: it is there. */
const HAD_SQL = `UPDATE delivery_index SET perhaps_had = 1 WHERE peer = ? AND log = ? AND idx BETWEEN ? AND ? AND perhaps_had = 0`
/** What was once left out (1) was given by what is forgotten: it is perhaps given again (2), and followed. */
const HELD_SQL = `INSERT INTO delivery_index (peer, log, idx, seq, rule, perhaps_had)
  SELECT ?, log, idx, ?, 'follows.returned', 1 FROM statement WHERE log = ? AND idx BETWEEN ? AND ?
  ON CONFLICT DO UPDATE SET narrowed = 2 WHERE narrowed = 1`
const NOT_HELD_SQL = `UPDATE delivery_index SET narrowed = 2
  WHERE peer = ? AND log = ? AND idx BETWEEN ? AND ? AND seq <= ? AND narrowed = 0`

type AskDeps = { readonly store: Store; readonly caller: Caller }

/**
 * Asks a peer what it holds of our log, and of those of ours that ended. Whoever holds something of ours is owed what comes
 * after it, also where the record of giving it was lost. False where the peer does not know our log yet.
 */
export async function askWhatIsHeld(deps: AskDeps, peer: Peer, streamSeq: number): Promise<boolean> {
  const logs = await deps.store.all<OwnLog>('SELECT id, origin, size FROM log WHERE member = ? ORDER BY id DESC', SELF)
  // Our log of today is the first row, so it is asked about last.
  let knows = false
  for (const log of logs) knows = await askOfLog(deps, peer, { ...log, streamSeq })
  return knows
}

const LAST_LEAF = Number.MAX_SAFE_INTEGER - 1

type OwnLog = { readonly id: number; readonly origin: string; readonly size: number }

/** Page by page, no further than the log goes; false where the peer does not know it. */
async function askOfLog(
  { store, caller }: AskDeps,
  peer: Peer,
  { id, origin, size, streamSeq }: OwnLog & { readonly streamSeq: number },
): Promise<boolean> {
  const heard = { peer: peer.id, log: id, streamSeq }
  for (let after: number | undefined = -1; after !== undefined && after < size;) {
    const response = await caller.call(peer.document, {
      method: 'GET',
      url: `${peer.document.endpoint}/peer/returns/held?origin=${encodeURIComponent(origin)}&after=${after}`,
    })
    if (response.status !== 200) {
      // Who does not know the log of today may come to mirror it yet; of one that ended it holds nothing.
      if (response.status === 404 && id !== OWN_LOG)
        await store.write(noteHeld, { ...heard, ranges: [], after, until: LAST_LEAF })
      return false
    }
    const { claims, next, ...told } = parseHeld(response.body, after)
    if (told.origin !== origin) throw notTold()
    const ranges = await verifiedRuns(store, { log: id, member: peer.name, claims })
    await store.write(noteHeld, { ...heard, ranges, after, until: next ?? LAST_LEAF })
    after = next
  }
  return true
}

/** Takes what a peer without a network says in a file that it holds of our log, where that is open. Of another log it says nothing. */
export async function takeHeld(
  store: Store,
  peer: Peer,
  { held, streamSeq }: { readonly held: HeldBehind; readonly streamSeq: number },
): Promise<void> {
  const own = await store.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', OWN_LOG)
  const { after, origin } = held
  if (!peer.asksHeld || origin !== own?.origin) return
  const { claims } = readHeld(held, after)
  const ranges = await verifiedRuns(store, { log: OWN_LOG, member: peer.name, claims })
  await store.write(noteHeld, { peer: peer.id, log: OWN_LOG, streamSeq, ranges, after, until: LAST_LEAF })
}

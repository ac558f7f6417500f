// What was passed on and could not be believed, because its author was no peer, stood still, or spoke in a log that was not
// known yet: it is asked for once more when that has changed, of who brought it. Nobody has to remember what was missing.
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { Fault } from '#kernel/fault.ts'
import { memberOf } from '#kernel/id.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Store, type Tx } from '#kernel/store/types.ts'
import type { Caller } from '../call.ts'
import { forgetClasses } from '../classes.ts'
import type { Peer } from '../peers.ts'

/** Statements asked for in one request. */
const AGAIN_MAX = 1000

const AgainShape = Type.Object(
  {
    origin: Type.String({ minLength: 1, maxLength: 300 }),
    indexes: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), { maxItems: AGAIN_MAX }),
  },
  { additionalProperties: false },
)
const againShape = Compile(AgainShape)

/** Statements of one log. */
type Refused = { readonly origin: string; readonly indexes: readonly number[] }

/**
 * Notes what a peer brought of others' logs and was not taken. Returns for how many there was no room: of those nothing is
 * known but that they were refused, and nobody asks for them again.
 */
export function noteNotTaken(tx: Tx, peer: number, refused: readonly Refused[]): number {
  const rows = refused.flatMap(({ origin, indexes }) => indexes.map((index) => ({ origin, index })))
  if (rows.length === 0) return 0
  const noted = tx.get<{ n: number }>('SELECT count(*) AS n FROM forward_refused WHERE peer = ?', peer)?.n ?? 0
  let room = LIMITS.forwardRefusedMax - noted
  let left = 0
  for (const { origin, index } of rows) {
    const sql = 'UPDATE forward_refused SET due = 0 WHERE peer = ? AND origin = ? AND idx = ?'
    if (tx.run(sql, peer, origin, index) === 1) continue
    if (room <= 0) left += 1
    else tx.run(REFUSED_SQL, peer, origin, index, memberOf(origin))
    room -= 1
  }
  return left
}

const REFUSED_SQL = 'INSERT INTO forward_refused (peer, origin, idx, member) VALUES (?, ?, ?, ?)'

/** What was not taken of a member's logs, or of any, may be believed now. */
export function dueAgain(tx: Tx, member?: string): void {
  if (member === undefined) tx.run('UPDATE forward_refused SET due = 1 WHERE due = 0')
  else tx.run('UPDATE forward_refused SET due = 1 WHERE member = ? AND due = 0', member)
}

/** Asks a peer for what it brought and may be believed by now, of one log in one round. What it has not by now it leaves. */
export async function askAgain(
  { store, caller }: { readonly store: Store; readonly caller: Caller },
  peer: Peer,
): Promise<void> {
  const rows = await store.all<{ origin: string; idx: number }>(
    `SELECT origin, idx FROM forward_refused WHERE peer = ? AND due = 1
       AND origin = (SELECT min(origin) FROM forward_refused WHERE peer = ? AND due = 1) ORDER BY idx LIMIT ?`,
    peer.id,
    peer.id,
    AGAIN_MAX,
  )
  const [first] = rows
  if (first === undefined) return
  const asked: Refused = { origin: first.origin, indexes: rows.map(({ idx }) => idx) }
  await caller.call(peer.document, {
    method: 'POST',
    url: `${peer.document.endpoint}/peer/again`,
    body: Buffer.from(JSON.stringify(asked)),
    contentType: 'application/json',
  })
  await store.write(askedAgain, { peer: peer.id, ...asked })
}

export const askedAgain = command('federation.asked-again', (tx, input: Refused & { readonly peer: number }): void => {
  tx.run(
    'DELETE FROM forward_refused WHERE peer = ? AND origin = ? AND idx IN (SELECT value FROM json_each(?))',
    input.peer,
    input.origin,
    JSON.stringify(input.indexes),
  )
})

/** Reads what a peer asks for. Throws `input.invalid`. */
export function parseAgain(bytes: Uint8Array): Refused {
  const value: unknown = parseJson(bytes)
  if (!againShape.Check(value)) throw new Fault('input.invalid', 'this does not ask for statements of a log')
  return value
}

/**
 * A peer did not take what it was given: that is given again, where policy still allows it, each statement a few times
 * until people approve the peer anew: else its stream and our log would grow as often as it asks. What was only offered
 * stays so: else it would count as perhaps given, and its withdrawal, which names records, would go there.
 */
export const giveOnceMore = command(
  'federation.give-once-more',
  (tx, input: Refused & { readonly peer: number }): void => {
    const doubted = tx.run(
      `UPDATE delivery_index SET narrowed = 2, again = again + 1 WHERE peer = ?1 AND narrowed = 0 AND again < ?4
         AND seq <= (SELECT given_seq FROM peer WHERE id = ?1)
         AND log = (SELECT id FROM log WHERE origin = ?2) AND idx IN (SELECT value FROM json_each(?3))`,
      input.peer,
      input.origin,
      JSON.stringify(input.indexes),
      LIMITS.onceMoreMax,
    )
    if (doubted === 0) return
    tx.run('UPDATE peer SET widened_epoch = 0 WHERE id = ?', input.peer)
    forgetClasses(tx, input.peer)
    tx.emit({ name: 'policy.changed' })
  },
)

/** A peer that people approve anew may ask for everything once more. */
export function mayAskAgain(tx: Tx, peer: string): void {
  tx.run('UPDATE delivery_index SET again = 0 WHERE peer = (SELECT id FROM peer WHERE name = ?) AND again > 0', peer)
}

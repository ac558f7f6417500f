// What a peer said becomes records here: in the read-only collection of its author, under the marking the author
// gave, with the bytes as they came. Called by the replication inside its own command, after the statement was
// verified against the author's log.
import { parseMicros } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'
import { uuidv5 } from '#kernel/name-uuid.ts'
import { DEFAULT_MARKING, stricterTlp, type Tlp } from '#kernel/marking.ts'
import { saidAt, saidBefore, type Said } from '#kernel/log/said.ts'
import { internForeignLabel, readLabel, SELF, setCollectionShare } from '#kernel/standing.ts'
import type { Tx } from '#kernel/store/types.ts'
import {
  holdersOf,
  insertRecord,
  internType,
  noteCopy,
  noteLate,
  versionsOf,
  type Holder,
  type PreparedRecord,
} from './record-store.ts'
import { withdrawHolders } from './stand-in.ts'
import { objectKey } from './stix-id.ts'

/** A verified statement of a peer as it is being applied. `seq` is the sequence number of its first item. */
export type ForeignStatement = {
  readonly seq: number
  readonly member: number
  readonly memberName: string
  readonly labelClass: number
}

/** One item of a foreign records.put: the record with the label that it says of itself, or why it cannot be one. */
export type ForeignRecord =
  | { readonly ok: true; readonly record: PreparedRecord; readonly tlp: Tlp }
  | { readonly ok: false; readonly reason: string }

const COLLECTION_SPACE = Uint8Array.fromHex('5e3c1a5c0c5a4f5a9f8e0d5d1b1f6c21')

/** The read-only collection that holds what a peer sends, made when it first sends something. */
export function collectionOfPeer(tx: Tx, member: number, name: string): number {
  const row = tx.get<{ id: number }>('SELECT id FROM collection WHERE author = ?', member)
  if (row !== undefined) return row.id
  tx.run(
    `INSERT INTO collection (uuid, alias, title, description, author, marking, named, strictness, created_ms, mixed)
     VALUES (?, ?, ?, ?, ?, ?, '[]', 'lenient', ?, 0)`,
    uuidv5(COLLECTION_SPACE, name),
    `from-${name}`,
    `From ${name}`,
    `What ${name} sends to this member. Read only.`,
    member,
    JSON.stringify(DEFAULT_MARKING),
    tx.nowMs,
  )
  const id = tx.get<{ id: number }>('SELECT id FROM collection WHERE author = ?', member)?.id as number
  setCollectionShare(tx, id, { own: false, share: 'none', public: false })
  return id
}

/**
 * Adds the records of a foreign statement; what is not valid, or says it is stricter, is quarantined with its reason. The
 * strictest that one of its objects says then counts for the whole statement, so that it does not go on to others.
 */
export function applyPut(tx: Tx, statement: ForeignStatement, records: readonly (ForeignRecord | undefined)[]): void {
  const collection = collectionOfPeer(tx, statement.member, statement.memberName)
  const { tlp } = readLabel(tx, statement.labelClass) ?? DEFAULT_MARKING
  const strictest = records.reduce((most, each) => (each?.ok === true ? stricterTlp(most, each.tlp) : most), tlp)
  const labelClass = strictest === tlp ? statement.labelClass : holdBack(tx, statement, strictest)
  noteLate(tx, statement.seq)
  for (const [j, each] of records.entries()) {
    if (each === undefined) continue
    const seq = statement.seq + j
    if (!each.ok) quarantine(tx, statement.member, seq, each.reason)
    else if (stricterTlp(each.tlp, tlp) !== tlp)
      quarantine(tx, statement.member, seq, `its object says TLP:${each.tlp} where its statement says TLP:${tlp}`)
    else applyRecord(tx, { statement: { labelClass }, collection, seq, record: each.record })
  }
  tx.emit({ name: 'sharing.put' })
}

/** From here on this node handles a statement under a stricter label than its author's. */
function holdBack(tx: Tx, { seq, member, labelClass }: ForeignStatement, tlp: Tlp): number {
  const marking = { ...(readLabel(tx, labelClass) ?? DEFAULT_MARKING), tlp }
  const stricter = internForeignLabel(tx, marking, member)
  tx.run('UPDATE statement SET label_class = ? WHERE seq = ?', stricter, seq)
  return stricter
}

function applyRecord(
  tx: Tx,
  {
    statement,
    collection,
    seq,
    record,
  }: { statement: Pick<ForeignStatement, 'labelClass'>; collection: number; seq: number; record: PreparedRecord },
): void {
  const type = internType(tx, record.type)
  const siblings = versionsOf(tx, record.oid, type).filter((each) => each.collection === collection)
  const same = siblings.find((each) => each.version === record.version && each.withdrawn === null)
  if (same !== undefined) return noteCopy(tx, { seq, type, collection, record })
  insertRecord(tx, { seq, type, collection, labelClass: statement.labelClass, record, siblings })
}

/** Puts aside what cannot be used, the newest of each member. Of what came in parts the last reason counts. */
export function quarantine(tx: Tx, member: number, seq: number, reason: string): void {
  tx.run(
    `INSERT INTO quarantine (seq, member, time_ms, reason) VALUES (?, ?, ?, ?)
     ON CONFLICT (seq) DO UPDATE SET time_ms = excluded.time_ms, reason = excluded.reason`,
    seq,
    member,
    tx.nowMs,
    reason.slice(0, 500),
  )
  tx.run(OVERFLOW_SQL, member, member, LIMITS.quarantineMax)
}

/** What was put aside can be used after all. */
export function releaseQuarantined(tx: Tx, seq: number): void {
  tx.run('DELETE FROM quarantine WHERE seq = ?', seq)
}

const OVERFLOW_SQL = `DELETE FROM quarantine WHERE member = ? AND seq IN
  (SELECT seq FROM quarantine WHERE member = ? ORDER BY time_ms DESC, seq DESC LIMIT -1 OFFSET ?)`

const RETURNED_ALIAS = 'returned'

/** The own collection for records that peers gave back after a restore; shared with nobody until a person says so. */
export function returnedCollection(tx: Tx): number {
  const row = tx.get<{ id: number }>('SELECT id FROM collection WHERE author = ? AND alias = ?', SELF, RETURNED_ALIAS)
  if (row !== undefined) return row.id
  tx.run(
    `INSERT INTO collection (uuid, alias, title, description, author, marking, named, strictness, created_ms, mixed)
     VALUES (?, ?, 'Returned by peers', 'What this member had said and peers gave back after a restore.', ?, ?, '[]', 'lenient', ?, 0)`,
    uuidv5(COLLECTION_SPACE, RETURNED_ALIAS),
    RETURNED_ALIAS,
    SELF,
    JSON.stringify(DEFAULT_MARKING),
    tx.nowMs,
  )
  const id = tx.get<{ id: number }>('SELECT id FROM collection WHERE alias = ?', RETURNED_ALIAS)?.id as number
  setCollectionShare(tx, id, { own: true, share: 'none', public: false })
  return id
}

type Returned = { readonly seq: number; readonly labelClass: number; readonly collection: number }

/** Own records that came back. */
export function returnPut(tx: Tx, statement: Returned, records: readonly (ForeignRecord | undefined)[]): void {
  noteLate(tx, statement.seq)
  for (const [j, each] of records.entries())
    if (each?.ok === true)
      applyRecord(tx, { statement, collection: statement.collection, seq: statement.seq + j, record: each.record })
  tx.emit({ name: 'sharing.put' })
}

/** An own withdrawal that came back: it holds for whatever of it stands in own collections. */
export function returnWithdraw(tx: Tx, statement: Returned, content: unknown): void {
  const own = new Set(tx.all<{ id: number }>('SELECT id FROM collection WHERE author = ?', SELF).map(({ id }) => id))
  withdrawNamed(tx, parseWithdrawal(content) ?? [], { by: statement.seq, within: own })
}

/**
 * Takes back what the author named, and only what that author said. Unknown records are no error: they never came here.
 * Answers whether it was a withdrawal that can be followed.
 */
export function applyWithdraw(tx: Tx, statement: ForeignStatement, content: unknown): boolean {
  const named = parseWithdrawal(content)
  if (named === undefined) {
    quarantine(
      tx,
      statement.member,
      statement.seq,
      'this withdrawal names no records, or a version that cannot be read',
    )
    return false
  }
  const collection = collectionOfPeer(tx, statement.member, statement.memberName)
  withdrawNamed(tx, named, { by: statement.seq, within: new Set([collection]) })
  return true
}

type Named = { readonly id: string; readonly version: number | undefined }

function withdrawNamed(
  tx: Tx,
  named: readonly Named[],
  { by, within }: { readonly by: number; readonly within: ReadonlySet<number> },
): void {
  const taken = saidAt(tx, by)
  for (const { id, version } of named) {
    const key = objectKey(id)
    if (key === undefined || taken === undefined) continue
    const meant = holdersOf(tx, key.oid, internType(tx, key.type))
      .filter((each) => within.has(each.collection) && each.withdrawn === null)
      .filter((each) => (version === undefined || version === each.version) && isMeant(tx, each, taken))
    withdrawHolders(tx, meant, by)
  }
  tx.emit({ name: 'sharing.withdrawn' })
}

/**
 * What its author said again after it had taken it back stands, in whichever order the two come. In the log it speaks in, it
 * names each statement itself; what it said in one that ended it may have lost with its disk.
 */
function isMeant(tx: Tx, { seq }: Holder, taken: Said): boolean {
  const said = saidAt(tx, seq)
  if (said === undefined || !saidBefore(said, taken)) return false
  return said.log !== taken.log || said.statement === taken.about
}

function parseWithdrawal(content: unknown): Named[] | undefined {
  if (typeof content !== 'object' || content === null) return undefined
  const records = (content as Record<string, unknown>)['records']
  if (!Array.isArray(records) || records.length > 10_000) return undefined
  const parsed = []
  for (const each of records as unknown[]) {
    if (typeof each !== 'object' || each === null) return undefined
    const { id, version } = each as Record<string, unknown>
    if (typeof id !== 'string' || !(version === undefined || typeof version === 'string')) return undefined
    const micros = version === undefined ? undefined : parseMicros(version)
    // Without a version all are meant; one that cannot be read is none of ours.
    if (version !== undefined && micros === undefined) return undefined
    parsed.push({ id, version: micros })
  }
  return parsed
}

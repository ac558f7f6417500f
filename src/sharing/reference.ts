// Which records point at which: relationships, sightings, notes, opinions, reports. Kept for what is looked at from the
// other end, "what is said about this".
import type { Reader, Tx } from '#kernel/store/types.ts'
import { objectKey } from './stix-id.ts'

/** References of one record that are kept; a report of a book's length is found by its first ones. */
const REFERENCES_MAX = 5000
const OID_BYTES = 16

/** What says who made or marked an object points at no subject. */
const NOT_ABOUT = new Set(['created_by_ref', 'object_marking_refs'])

/** The properties of an object that point at others, with the ids, in its order (STIX 2.1 section 3.2: `_ref`, `_refs`). */
export function linksOf(
  object: Readonly<Record<string, unknown>>,
): { readonly property: string; readonly id: string }[] {
  const links = []
  for (const [property, value] of Object.entries(object)) {
    if (!/_refs?$/.test(property) || NOT_ABOUT.has(property)) continue
    for (const id of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof id === 'string' && links.length < REFERENCES_MAX) links.push({ property, id })
  }
  return links
}

/** The ids it points at as the database keeps them, 16 bytes each in one row; odd ids are left out. */
export function packReferences(object: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  const oids = new Set<string>()
  for (const { id } of linksOf(object)) {
    const oid = objectKey(id)?.oid
    if (oid?.length === OID_BYTES) oids.add(Buffer.from(oid).toString('latin1'))
  }
  return oids.size === 0 ? undefined : Uint8Array.from(Buffer.from([...oids].join(''), 'latin1'))
}

export function insertReferences(tx: Tx, seq: number, packed: Uint8Array): void {
  for (let at = 0; at < packed.length; at += OID_BYTES)
    tx.run(
      'INSERT INTO reference (oid, seq) VALUES (?, ?) ON CONFLICT DO NOTHING',
      packed.subarray(at, at + OID_BYTES),
      seq,
    )
}

export function forgetReferences(tx: Tx, seq: number, object: Readonly<Record<string, unknown>>): void {
  const packed = packReferences(object) ?? new Uint8Array(0)
  for (let at = 0; at < packed.length; at += OID_BYTES)
    tx.run('DELETE FROM reference WHERE oid = ? AND seq = ?', packed.subarray(at, at + OID_BYTES), seq)
}

/** Sequence numbers of records that point at an object, newest first; which of them still stand, the caller asks. */
export async function referringTo(
  reader: Reader,
  { oid, before, limit }: { readonly oid: Uint8Array; readonly before: number; readonly limit: number },
): Promise<number[]> {
  const rows = await reader.all<{ seq: number }>(
    'SELECT seq FROM reference WHERE oid = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
    oid,
    before,
    limit,
  )
  return rows.map(({ seq }) => seq)
}

// Which records point at which: relationships, sightings, notes, opinions, reports. Kept for what is looked at from the
// other end, "what is said about this".
import type { Sight } from '#kernel/sight.ts'
import type { Reader, Tx } from '#kernel/store/types.ts'
import { objectKey } from './stix-id.ts'
import { recordInSight } from './visible.ts'

/** References of one record that are kept; a report of a book's length is found by its first ones. */
const REFERENCES_MAX = 5000
const OID_BYTES = 16

const isReference = (property: string): boolean => property.endsWith('_ref') || property.endsWith('_refs')

/** What says who made, changed or marked an object points at no subject, and would point from everything at a few. */
const isAbout = (property: string): boolean =>
  !property.endsWith('created_by_ref') && !property.endsWith('modified_by_ref') && property !== 'object_marking_refs'

/** The properties of an object that point at others, with the ids, in its order (STIX 2.1 section 3.2: `_ref`, `_refs`). */
export function linksOf(
  object: Readonly<Record<string, unknown>>,
): { readonly property: string; readonly id: string }[] {
  return referencesIn(object, isAbout)
}

function referencesIn(
  object: Readonly<Record<string, unknown>>,
  wanted: (property: string) => boolean,
): { readonly property: string; readonly id: string }[] {
  const links = []
  for (const property of Object.keys(object)) {
    if (!isReference(property) || !wanted(property)) continue
    const value = object[property]
    for (const id of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof id === 'string' && links.length < REFERENCES_MAX) links.push({ property, id })
  }
  return links
}

/** The ids it points at as the database keeps them, 16 bytes each in one row; odd ids are left out. */
export function packReferences(object: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  return pack(linksOf(object))
}

function pack(links: readonly { readonly id: string }[]): Uint8Array | undefined {
  const oids: Uint8Array[] = []
  for (const id of new Set(links.map((link) => link.id))) {
    const oid = objectKey(id)?.oid
    if (oid?.length === OID_BYTES) oids.push(oid)
  }
  if (oids.length === 0) return undefined
  const packed = new Uint8Array(oids.length * OID_BYTES)
  for (const [n, oid] of oids.entries()) packed.set(oid, n * OID_BYTES)
  return packed
}

export function insertReferences(tx: Tx, seq: number, packed: Uint8Array): void {
  for (let at = 0; at < packed.length; at += OID_BYTES)
    tx.run(
      'INSERT INTO reference (oid, seq) VALUES (?, ?) ON CONFLICT DO NOTHING',
      packed.subarray(at, at + OID_BYTES),
      seq,
    )
}

/** Forgets whatever was ever kept of an object, also what is not kept any more. */
export function forgetReferences(tx: Tx, seq: number, object: Readonly<Record<string, unknown>>): void {
  const packed = pack(referencesIn(object, () => true)) ?? new Uint8Array(0)
  for (let at = 0; at < packed.length; at += OID_BYTES)
    tx.run('DELETE FROM reference WHERE oid = ? AND seq = ?', packed.subarray(at, at + OID_BYTES), seq)
}

type Pointing = {
  readonly oid: Uint8Array
  readonly sight: Sight
  readonly before: number
  readonly limit: number
}

/** Sequence numbers of records in sight that point at an object, newest first; which of them still stand, the caller asks. */
export async function referringTo(reader: Reader, { oid, sight, before, limit }: Pointing): Promise<number[]> {
  const seen = recordInSight(sight)
  const rows = await reader.all<{ seq: number }>(
    `SELECT r.seq FROM reference f CROSS JOIN record r ON r.seq = f.seq
     WHERE f.oid = ? AND f.seq < ? AND ${seen.sql} ORDER BY f.seq DESC LIMIT ?`,
    oid,
    before,
    ...seen.values,
    limit,
  )
  return rows.map(({ seq }) => seq)
}

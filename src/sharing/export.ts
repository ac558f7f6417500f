// A collection as one STIX bundle, for a named principal: what the principal may not have is not in it, nor what whoever
// fetches it may not.
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Collection } from './collection.ts'

const PAGE = 500

type Row = { seq: number; labelClass: number; bytes: Uint8Array }

/** Yields the bundle in pieces, page by page, each page through the one door. `bundleId` is a fresh UUID. */
export async function* exportBundle(
  deps: { readonly store: Reader; readonly egress: Egress },
  request: {
    readonly collection: Collection
    readonly principal: Principal
    /** Who fetches it for the principal, where that is somebody else. */
    readonly bearer?: Principal
    readonly bundleId: string
    readonly allVersions: boolean
  },
): AsyncGenerator<Uint8Array> {
  const { collection, principal, bearer, bundleId, allVersions } = request
  yield Buffer.from(`{"type":"bundle","id":"bundle--${bundleId}","objects":[`)
  let separator = '\n'
  for (let after = 0; ;) {
    const rows = await deps.store.all<Row>(
      `SELECT r.seq, r.label_class AS labelClass, i.bytes FROM record r JOIN item i ON i.seq = r.seq
       WHERE r.collection = ? AND r.seq > ? AND r.withdrawn IS NULL ${allVersions ? '' : 'AND r.latest = 1'} ORDER BY r.seq LIMIT ?`,
      collection.id,
      after,
      PAGE,
    )
    const last = rows.at(-1)
    if (last === undefined) break
    const released = await deps.egress.release({
      principal,
      ...(bearer === undefined ? {} : { bearer }),
      route: 'export',
      collection: collection.id,
      cursor: String(after),
      candidates: rows,
    })
    for (const row of released) {
      yield Buffer.from(separator)
      yield row.bytes
      separator = ',\n'
    }
    after = last.seq
  }
  yield Buffer.from('\n]}\n')
}

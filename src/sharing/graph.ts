// Records as points and what joins them as lines: a relationship joins its two ends, anything else that refers to a record
// (a report, a note, a sighting) is joined to it. Only what the reader may look at joins anything.
import { Fault } from '#kernel/fault.ts'
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadSight, type Sight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { bytesOfRecord, recordsAt, standingRecords, type RecordRow } from './find.ts'
import { linksOf, referringTo } from './reference.ts'
import { objectKey } from './stix-id.ts'
import { visible } from './visible.ts'
import type { GraphEdge, GraphNode, NeighboursView, RecordView } from './wire.ts'

export type GraphDeps = {
  readonly store: Reader
  readonly egress: Egress
  readonly views: (rows: readonly RecordRow[]) => Promise<RecordView[]>
}
type Route = 'neighbours' | 'path' | 'timeline' | 'attack' | 'search'
/** Who looks, by which way, and what there is to see for them: nothing else is read, so nothing tells of it. */
export type Look = { readonly principal: Principal; readonly route: Route; readonly sight: Sight }

export async function lookAs(deps: GraphDeps, principal: Principal, route: Route): Promise<Look> {
  return { principal, route, sight: await loadSight(deps, principal) }
}

/** Where a page of neighbours begins: what the record points at comes first, then what points at it, newest first. */
type Place = { readonly side: 'out' | 'in'; readonly at: number }

export const CURSOR = '^(?:out|in)\\.[0-9]{1,16}$'

/** The cursor of the first page: of all, or of what points at the record alone. */
export function firstOf(side: Place['side'] = 'out'): string {
  return side === 'out' ? 'out.0' : `in.${Number.MAX_SAFE_INTEGER}`
}

/** One page of what is joined to a record; the first page has the record itself among its nodes. */
export async function neighbours(
  deps: GraphDeps,
  look: Look,
  { id, cursor, limit }: { readonly id: string; readonly cursor: string; readonly limit: number },
): Promise<NeighboursView> {
  requireId(id)
  const place = parsePlace(cursor)
  const outward = place.side === 'out' ? await outwardEdges(deps, look, [id]) : []
  const out = outward.slice(place.at, place.at + limit)
  const left = limit - out.length
  const inward =
    place.side === 'in' || left > 0
      ? await inwardEdges(deps, look, id, {
          before: place.side === 'in' ? place.at : Number.MAX_SAFE_INTEGER,
          limit: Math.max(1, left),
        })
      : { edges: [], next: Number.MAX_SAFE_INTEGER }
  const next = left === 0 && place.side === 'out' ? nextOut(place.at + limit, outward.length) : inward.next
  const edges = distinct([...out, ...inward.edges])
  const ids = new Set([id, ...edges.flatMap(({ from, to }) => [from, to])])
  return {
    nodes: await nodesOf(deps, look, [...ids]),
    edges,
    ...(next === undefined ? {} : { next: typeof next === 'string' ? next : `in.${next}` }),
  }
}

const nextOut = (at: number, length: number): string => (at < length ? `out.${at}` : firstOf('in'))

function parsePlace(cursor: string): Place {
  const [side, at] = cursor.split('.')
  return { side: side === 'in' ? 'in' : 'out', at: Number(at) }
}

export function requireId(id: string): Uint8Array {
  const oid = objectKey(id)?.oid
  if (oid !== undefined) return oid
  throw new Fault('input.invalid', `“${id.slice(0, 80)}” is not a STIX id`, {
    remedy: 'An id looks like indicator--<uuid>.',
  })
}

/** What some records point at, by what stands of them today. */
export async function outwardEdges(deps: GraphDeps, look: Look, ids: readonly string[]): Promise<GraphEdge[]> {
  const rows = await seen(deps, look, await standingRecords(deps.store, look.sight, ids))
  const edges: GraphEdge[] = []
  for (const row of rows)
    for (const link of linksOf(await objectOf(deps.store, row)))
      edges.push({ id: row.id, from: row.id, to: link.id, word: link.property })
  return distinct(edges)
}

/** What joins a record to others from their side: `looked` says how many records were read for it. */
export async function inwardEdges(
  deps: GraphDeps,
  look: Look,
  id: string,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<{ readonly edges: GraphEdge[]; readonly next: number | undefined; readonly looked: number }> {
  const seqs = await referringTo(deps.store, { oid: requireId(id), sight: look.sight, before, limit: limit + 1 })
  const page = seqs.slice(0, limit)
  const standing = (await recordsAt(deps.store, page)).filter(
    ({ latest, withdrawnBy }) => latest && withdrawnBy === null,
  )
  const edges: GraphEdge[] = []
  for (const row of await seen(deps, look, standing)) {
    const object = await objectOf(deps.store, row)
    edges.push(...joining(row, object).filter(({ from, to }) => from === id || to === id))
  }
  return { edges: distinct(edges), next: seqs.length > limit ? page.at(-1) : undefined, looked: page.length }
}

/** A relationship is a line between its ends; anything else is an end itself. */
function joining(row: RecordRow, object: Readonly<Record<string, unknown>>): GraphEdge[] {
  const { source_ref: from, target_ref: to, relationship_type: word } = object
  if (row.type === 'relationship' && typeof from === 'string' && typeof to === 'string')
    return [{ id: row.id, from, to, word: typeof word === 'string' ? word : 'related-to' }]
  return linksOf(object).map((link) => ({ id: row.id, from: row.id, to: link.id, word: link.property }))
}

/** Points by their ids, with names where they are here for this reader. */
export async function nodesOf(deps: GraphDeps, look: Look, ids: readonly string[]): Promise<GraphNode[]> {
  const rows = await seen(deps, look, await standingRecords(deps.store, look.sight, ids))
  const newest = new Map(rows.toReversed().map((row) => [row.id, row]))
  const views = new Map((await deps.views([...newest.values()])).map((view) => [view.id, view]))
  return ids.map((id) => {
    const view = views.get(id)
    return {
      id,
      type: id.slice(0, Math.max(0, id.indexOf('--'))),
      here: view !== undefined,
      ...(view?.name === undefined ? {} : { name: view.name }),
      ...(view === undefined ? {} : { tlp: view.tlp }),
    }
  })
}

/** Several members may say the same: one line. */
export function distinct(edges: readonly GraphEdge[]): GraphEdge[] {
  return [...new Map(edges.map((edge) => [`${edge.id} ${edge.from} ${edge.to} ${edge.word}`, edge])).values()]
}

const seen = ({ egress }: GraphDeps, { principal, route }: Look, rows: readonly RecordRow[]): Promise<RecordRow[]> =>
  visible(egress, { principal, route, cursor: '' }, rows)

/** What a record says, empty where it is not here any more. */
export async function objectOf(store: Reader, { seq }: RecordRow): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await bytesOfRecord(store, seq)
  return bytes === undefined ? {} : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>)
}

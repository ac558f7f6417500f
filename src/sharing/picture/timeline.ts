// When what stands around a record was, is or was said: each neighbour with the times that it and the line to it speak of.
import { standingRecords, bytesOfRecord } from '../find.ts'
import { firstOf, lookAs, neighbours, type GraphDeps, type Look } from '../graph.ts'
import { visible } from '../visible.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { TimelineItem, TimelineView } from './wire.ts'

/** Properties that say when something was or is (STIX 2.1 sections 4 to 6), in the order people read them. */
const TIMES = [
  'first_seen',
  'last_seen',
  'valid_from',
  'valid_until',
  'start_time',
  'stop_time',
  'first_observed',
  'last_observed',
  'published',
  'submitted',
  'created',
  'modified',
] as const

type Asked = { readonly id: string; readonly limit: number; readonly cursor: string | undefined }

export async function timeline(
  deps: GraphDeps,
  principal: Principal,
  { id, limit, cursor }: Asked,
): Promise<TimelineView> {
  const look = await lookAs(deps, principal, 'timeline')
  const view = await neighbours(deps, look, { id, limit, cursor: cursor ?? firstOf() })
  // Who made or changed a record says nothing of what happened.
  const edges = view.edges.filter(({ word }) => !word.endsWith('_by_ref'))
  const lines = new Map(edges.map((edge) => [edge.from === id ? edge.to : edge.from, edge]))
  const here = view.nodes.filter((node) => node.here && (node.id === id ? cursor === undefined : lines.has(node.id)))
  const times = await timesBy(deps, look, [...here.map((node) => node.id), ...edges.map((edge) => edge.id)])
  return {
    items: here.map((node): TimelineItem => {
      const line = node.id === id ? undefined : lines.get(node.id)
      return {
        id: node.id,
        type: node.type,
        ...(node.name === undefined ? {} : { name: node.name }),
        tlp: node.tlp ?? 'RED',
        times: times.get(node.id) ?? [],
        ...(line === undefined ? {} : { word: line.word }),
        ...(line === undefined || line.id === node.id || line.id === id ? {} : { joined: times.get(line.id) ?? [] }),
      }
    }),
    ...(view.next === undefined ? {} : { next: view.next }),
  }
}

/** The times each of some records speaks of, as its newest version that may be looked at has them. */
async function timesBy(
  { store, egress }: GraphDeps,
  { principal, route, sight }: Look,
  ids: readonly string[],
): Promise<Map<string, TimelineItem['times']>> {
  const standing = await standingRecords(store, sight, [...new Set(ids)])
  const rows = await visible(egress, { principal, route, cursor: '' }, standing)
  const times = new Map<string, TimelineItem['times']>()
  for (const row of rows.toReversed()) {
    const bytes = await bytesOfRecord(store, row.seq)
    if (bytes !== undefined)
      times.set(row.id, timesOf(JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>))
  }
  return times
}

function timesOf(object: Readonly<Record<string, unknown>>): TimelineItem['times'] {
  return TIMES.flatMap((property) => {
    const at = object[property]
    return typeof at === 'string' && Number.isFinite(Date.parse(at)) ? [{ property, at }] : []
  })
}

// A shortest way between two records: searched from both ends at once, the smaller side first, until they meet or the
// bounds are reached. What the reader may not look at leads nowhere.
import { LIMITS } from '#kernel/limits.ts'
import { inwardEdges, nodesOf, outwardEdges, requireId, type GraphDeps, type Look } from './graph.ts'
import type { GraphEdge, PathView } from './wire.ts'

export type PathBounds = { readonly steps: number; readonly fan: number; readonly records: number }
const BOUNDS: PathBounds = {
  steps: LIMITS.graphStepsMax,
  fan: LIMITS.graphFanMax,
  records: LIMITS.graphRecordsMax,
}

/** One end's half of the search: every record it has reached, with the line that led there. */
type Side = { readonly reached: Map<string, GraphEdge | undefined>; front: readonly string[] }
type Work = { records: number; whole: boolean }

export async function findPath(
  deps: GraphDeps,
  look: Look,
  { from, to }: { readonly from: string; readonly to: string },
  bounds: PathBounds = BOUNDS,
): Promise<PathView> {
  for (const id of [from, to]) requireId(id)
  const [here, there] = [side(from), side(to)]
  const work: Work = { records: 0, whole: true }
  let meeting = from === to ? from : undefined
  for (let step = 0; meeting === undefined && step < bounds.steps; step += 1) {
    const [near, far] = here.front.length <= there.front.length ? [here, there] : [there, here]
    if (near.front.length === 0) break
    meeting = await grow({ deps, look, bounds, work }, near, far)
    if (work.records >= bounds.records) break
  }
  if (meeting === undefined) {
    const ended = here.front.length === 0 || there.front.length === 0
    return { found: false, whole: work.whole && ended, nodes: [], edges: [] }
  }
  const edges = [...walkBack(here, meeting).toReversed(), ...walkBack(there, meeting)]
  return { found: true, whole: work.whole, nodes: await nodesOf(deps, look, inOrder(from, edges)), edges }
}

const side = (id: string): Side => ({ reached: new Map([[id, undefined]]), front: [id] })

type Search = {
  readonly deps: GraphDeps
  readonly look: Look
  readonly bounds: PathBounds
  readonly work: Work
}

/** One step outward on one side; the record where both sides meet, where they do. */
async function grow({ deps, look, bounds, work }: Search, near: Side, far: Side): Promise<string | undefined> {
  const front: string[] = []
  for (const id of near.front) {
    if (work.records >= bounds.records) {
      work.whole = false
      break
    }
    const limit = Math.min(bounds.fan, bounds.records - work.records)
    const outward = await outwardEdges(deps, look, [id])
    const inward = await inwardEdges(deps, look, id, { before: Number.MAX_SAFE_INTEGER, limit })
    work.records += 1 + inward.looked
    if (inward.next !== undefined || outward.length > bounds.fan) work.whole = false
    for (const edge of [...outward.slice(0, bounds.fan), ...inward.edges]) {
      const next = edge.from === id ? edge.to : edge.from
      if (near.reached.has(next)) continue
      near.reached.set(next, edge)
      if (far.reached.has(next)) return next
      front.push(next)
    }
  }
  near.front = front
  return undefined
}

/** The lines from where the sides met back to one end, in that order. */
function walkBack({ reached }: Side, meeting: string): GraphEdge[] {
  const edges: GraphEdge[] = []
  let at = meeting
  for (let edge = reached.get(at); edge !== undefined; edge = reached.get(at)) {
    edges.push(edge)
    at = edge.from === at ? edge.to : edge.from
  }
  return edges
}

function inOrder(from: string, edges: readonly GraphEdge[]): string[] {
  const ids = [from]
  for (const edge of edges) ids.push(edge.from === ids.at(-1) ? edge.to : edge.from)
  return ids
}

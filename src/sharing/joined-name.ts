// What records are called that say something about others and have no name of their own: by the names of what they join.
import type { Principal } from '#kernel/policy/types.ts'
import type { RecordRow } from './find.ts'
import { lookAs, nodesOf, objectOf, type GraphDeps } from './graph.ts'
import { linksOf } from './reference.ts'
import type { GraphNode, RecordView } from './wire.ts'

/** A record without a name of its own, and what it is called by. */
type Joining = { readonly word: string | undefined; readonly ends: readonly string[] }

/**
 * The same lines, in which a relationship is called “A → uses → B”, and what has neither name nor text (most sightings) as
 * the first record that it is about. Only names that `principal` may see are told; of the others their type and the
 * beginning of their id.
 */
export async function nameJoined(
  deps: GraphDeps,
  principal: Principal,
  { rows, views }: { readonly rows: readonly RecordRow[]; readonly views: readonly RecordView[] },
): Promise<RecordView[]> {
  const joinings: (Joining | undefined)[] = []
  for (const [i, row] of rows.entries()) joinings.push(await joiningOf(deps, row, views[i]))
  const ids = new Set(joinings.flatMap((joining) => joining?.ends ?? []))
  if (ids.size === 0) return [...views]
  const look = await lookAs(deps, principal, 'search')
  const nodes = new Map((await nodesOf(deps, look, [...ids])).map((node) => [node.id, node]))
  return views.map((view, i) => {
    const joining = joinings[i]
    return joining === undefined ? view : { ...view, name: nameOf(joining, nodes) }
  })
}

async function joiningOf(
  { store }: GraphDeps,
  row: RecordRow,
  view: RecordView | undefined,
): Promise<Joining | undefined> {
  if (row.type !== 'relationship' && view?.name !== undefined) return undefined
  const object = await objectOf(store, row)
  const { source_ref: source, target_ref: target } = object
  if (row.type === 'relationship' && typeof source === 'string' && typeof target === 'string')
    return { word: view?.name, ends: [source, target] }
  const [first] = linksOf(object)
  return first === undefined || view?.name !== undefined ? undefined : { word: undefined, ends: [first.id] }
}

function nameOf({ word, ends }: Joining, nodes: ReadonlyMap<string, GraphNode>): string {
  const [source = '', target] = ends.map((id) => nodes.get(id)?.name ?? shortened(id))
  return target === undefined ? source : [source, word, target].filter((each) => each !== undefined).join(' → ')
}

const SHOWN_OF_ID = 8

function shortened(id: string): string {
  const at = id.indexOf('--') + 2
  return `${id.slice(0, at + SHOWN_OF_ID)}…`
}

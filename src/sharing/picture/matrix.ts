// Tactics by techniques, from the node's own records: any kill chain that attack patterns name, in the order that an ATT&CK
// matrix gives its tactics where one is here. How much is known of each technique is one indexed query over what refers to
// it; of very much the newest is counted.
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { MENTIONS_SQL } from '#kernel/store/dialect.ts'
import { bytesOfRecord, recordsWhere, type RecordRow } from '../find.ts'
import { inwardEdges, outwardEdges, requireId, type GraphDeps } from '../graph.ts'
import { objectKey } from '../stix-id.ts'
import { mayLookAt, visible, type Held } from '../visible.ts'
import type { MatrixView, Technique } from './wire.ts'

type Fields = Readonly<Record<string, unknown>>
type Asked = { readonly chain: string | undefined; readonly by: string | undefined }
type Found = Omit<Technique, 'known' | 'used'> & { readonly chains: readonly string[] }

/** Which kill chain the matrices of an ATT&CK domain are about. */
const CHAIN_OF: Readonly<Record<string, string>> = {
  'enterprise-attack': 'mitre-attack',
  'mobile-attack': 'mitre-mobile-attack',
  'ics-attack': 'mitre-ics-attack',
}

export async function techniqueMatrix(
  deps: GraphDeps,
  principal: Principal,
  { chain: asked, by }: Asked,
): Promise<MatrixView> {
  if (by !== undefined) requireId(by)
  const of = (type: string): Promise<Fields[]> => objectsOf(deps, principal, type)
  const patterns = await of('attack-pattern')
  const all = patterns.map(techniqueOf).filter((each) => each !== undefined)
  const matrices = await of('x-mitre-matrix')
  const chains = chainsOf(all, matrices)
  const used = by === undefined ? undefined : await usedBy(deps, principal, by)
  const chain = chains.find((each) => each.chain === asked)?.chain ?? likeliest(chains, all, used?.ids)
  if (chain === undefined) return { chains, tactics: [], techniques: [], whole: true }
  const techniques = all.filter(({ chains: named }) => named.includes(chain))
  const known = await mentionsOf(deps, principal, techniques)
  return {
    chains,
    chain,
    tactics: tacticsOf({ chain, matrices, techniques, tactics: await of('x-mitre-tactic') }),
    techniques: techniques.map(({ chains: _, ...each }) => ({
      ...each,
      known: [...(known.counts.get(each.id) ?? [])].map(([type, count]) => ({ type, count })).toSorted(byCount),
      used: used?.ids.has(each.id) ?? false,
    })),
    whole: known.whole && (used?.whole ?? true) && patterns.length < LIMITS.matrixTechniquesMax,
  }
}

const byCount = (a: { type: string; count: number }, b: { type: string; count: number }): number =>
  b.count - a.count || (a.type < b.type ? -1 : 1)

/** All records of one type that stand, each object once, without those that their authors took out of use. */
async function objectsOf({ store, egress }: GraphDeps, principal: Principal, type: string): Promise<Fields[]> {
  const rows = await recordsWhere(
    store,
    `r.collection IN (SELECT id FROM collection) AND r.type = (SELECT id FROM stix_type WHERE name = ?)
     AND r.latest = 1 AND r.withdrawn IS NULL ORDER BY r.seq DESC LIMIT ?`,
    type,
    LIMITS.matrixTechniquesMax,
  )
  const newest = new Map<string, RecordRow>()
  for (const row of await visible(egress, { principal, route: 'attack', cursor: type }, rows)) {
    const known = newest.get(row.id)
    if (known === undefined || (known.version ?? '') < (row.version ?? '')) newest.set(row.id, row)
  }
  const objects: Fields[] = []
  for (const { seq } of newest.values()) {
    const bytes = await bytesOfRecord(store, seq)
    const object = bytes === undefined ? {} : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Fields)
    if (object['revoked'] !== true && object['x_mitre_deprecated'] !== true) objects.push(object)
  }
  return objects
}

function techniqueOf(object: Fields): Found | undefined {
  const phases = list(object['kill_chain_phases']).flatMap(({ kill_chain_name: chain, phase_name: phase }) =>
    typeof chain === 'string' && typeof phase === 'string' ? [{ chain, phase }] : [],
  )
  if (phases.length === 0) return undefined
  const code = list(object['external_references'])
    .map(({ external_id: id }) => id)
    .find((id) => typeof id === 'string' && /^T\d{4}(?:\.\d{3})?$/.test(id)) as string | undefined
  return {
    id: String(object['id']),
    name: typeof object['name'] === 'string' ? object['name'] : '',
    ...(code === undefined ? {} : { code }),
    ...(code?.includes('.') === true ? { parent: code.split('.')[0] as string } : {}),
    phases: [...new Set(phases.map(({ phase }) => phase))],
    chains: [...new Set(phases.map(({ chain }) => chain))],
  }
}

const list = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.filter((each): each is Fields => typeof each === 'object' && each !== null) : []

/** The kill chains that are here, the one with most techniques first. */
function chainsOf(techniques: readonly Found[], matrices: readonly Fields[]): MatrixView['chains'] {
  const sizes = new Map<string, number>()
  for (const chain of techniques.flatMap(({ chains }) => chains)) sizes.set(chain, (sizes.get(chain) ?? 0) + 1)
  return [...sizes]
    .toSorted(([, a], [, b]) => b - a)
    .map(([chain]) => {
      const name = matrices.find((each) => chainOfMatrix(each) === chain)?.['name']
      return { chain, name: typeof name === 'string' ? name : chain }
    })
}

/** Where most of what is used stands; the largest where nothing is. */
function likeliest(
  chains: MatrixView['chains'],
  techniques: readonly Found[],
  used: ReadonlySet<string> = new Set(),
): string | undefined {
  const usedIn = (chain: string): number =>
    techniques.filter((each) => used.has(each.id) && each.chains.includes(chain)).length
  return chains.toSorted((a, b) => usedIn(b.chain) - usedIn(a.chain))[0]?.chain
}

function chainOfMatrix(matrix: Fields): string | undefined {
  const domains = [matrix['x_mitre_domains'], list(matrix['external_references']).map((each) => each['external_id'])]
  return domains.flat().flatMap((each) => CHAIN_OF[String(each)] ?? [])[0]
}

/** In the order of the matrix; phases that no matrix names come behind, in the order in which techniques name them. */
function tacticsOf({
  chain,
  matrices,
  techniques,
  tactics,
}: {
  readonly chain: string
  readonly matrices: readonly Fields[]
  readonly techniques: readonly Found[]
  readonly tactics: readonly Fields[]
}): MatrixView['tactics'] {
  const order = matrices
    .filter((each) => chainOfMatrix(each) === chain)
    .flatMap((each) => (Array.isArray(each['tactic_refs']) ? (each['tactic_refs'] as unknown[]) : []))
  const phases = new Set(techniques.flatMap((each) => each.phases))
  const named = tactics
    .filter(({ id }) => order.includes(id))
    .toSorted((a, b) => order.indexOf(a['id']) - order.indexOf(b['id']))
    .map(({ id, name, x_mitre_shortname: phase }) => ({ id: String(id), name: String(name), phase: String(phase) }))
    .filter(({ phase }) => phases.delete(phase))
  return [...named, ...[...phases].map((phase) => ({ phase, name: phase.replaceAll('-', ' ') }))]
}

type Mention = Held & { readonly oid: Uint8Array; readonly type: string; readonly n: number }
type Counts = { readonly counts: Map<string, Map<string, number>>; readonly whole: boolean }

/** By technique how many records of which type speak of it, as far as whoever asks may look at them. */
async function mentionsOf(
  { store, egress }: GraphDeps,
  principal: Principal,
  techniques: readonly Found[],
): Promise<Counts> {
  const byOid = new Map(techniques.map(({ id }) => [Buffer.from(objectKey(id)?.oid ?? []).toString('hex'), id]))
  const rows = await store.all<Mention>(MENTIONS_SQL, JSON.stringify([...byOid.keys()]), LIMITS.matrixMentionsMax - 1)
  const [counts, sums, allowed] = [
    new Map<string, Map<string, number>>(),
    new Map<string, number>(),
    new Map<string, boolean>(),
  ]
  for (const row of rows) {
    const id = byOid.get(Buffer.from(row.oid).toString('hex')) ?? ''
    sums.set(id, (sums.get(id) ?? 0) + row.n)
    const key = `${row.collection} ${row.labelClass}`
    const allow = allowed.get(key) ?? (await mayLookAt(egress, principal, row))
    allowed.set(key, allow)
    if (!allow) continue
    const known = counts.get(id) ?? new Map<string, number>()
    counts.set(id, known.set(row.type, (known.get(row.type) ?? 0) + row.n))
  }
  return { counts, whole: ![...sums.values()].some((sum) => sum >= LIMITS.matrixMentionsMax) }
}

/** The ids at the other ends of a record's lines. */
async function usedBy(
  deps: GraphDeps,
  principal: Principal,
  id: string,
): Promise<{ readonly ids: ReadonlySet<string>; readonly whole: boolean }> {
  const look = { principal, route: 'attack' } as const
  const outward = await outwardEdges(deps, look, [id])
  const inward = await inwardEdges(deps, look, id, { before: Number.MAX_SAFE_INTEGER, limit: LIMITS.graphRecordsMax })
  const ids = [...outward, ...inward.edges].map(({ from, to }) => (from === id ? to : from))
  return { ids: new Set(ids), whole: inward.next === undefined }
}

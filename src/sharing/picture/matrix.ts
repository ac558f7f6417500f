// Tactics by techniques, from the node's own records: any kill chain that attack patterns name, in the order that an ATT&CK
// matrix gives its tactics where one is here, with how much is known of each technique.
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { GraphDeps } from '../graph.ts'
import { mayLookAt, visible } from '../visible.ts'
import type { Drawn, Kept, MatrixMemory } from './memory.ts'
import type { Matrix, Tactic, Technique } from './technique.ts'
import { usedBy } from './used-by.ts'
import type { MatrixView } from './wire.ts'

export type MatrixDeps = GraphDeps & { readonly memory: MatrixMemory }
export type MatrixAsked = {
  readonly chain?: string | undefined
  /** Whose techniques are marked. */
  readonly by?: string | undefined
  /** Only techniques of one tactic, of one platform, with a text in name or code. */
  readonly tactic?: string | undefined
  readonly platform?: string | undefined
  readonly q?: string | undefined
}

export async function techniqueMatrix(
  deps: MatrixDeps,
  principal: Principal,
  { by, ...asked }: MatrixAsked,
): Promise<MatrixView> {
  const used = by === undefined ? undefined : await usedBy(deps, principal, by)
  const drawn = await deps.memory.look(deps.store)
  const of = <T>(type: string, kept: readonly Kept<T>[]): Promise<T[]> => shown(deps, principal, { type, kept })
  const all = await of('attack-pattern', drawn.techniques)
  const matrices = await of('x-mitre-matrix', drawn.matrices)
  const chains = chainsOf(all, matrices)
  const marked = used === undefined ? undefined : used.ids.union(used.through)
  const chain = chains.find((each) => each.chain === asked.chain)?.chain ?? likeliest(chains, all, marked)
  if (chain === undefined) return { chains, tactics: [], platforms: [], techniques: [], whole: true }
  const inChain = all.filter(({ chains: named }) => named.includes(chain))
  const tactics = tacticsOf({
    chain,
    matrices,
    techniques: inChain,
    tactics: await of('x-mitre-tactic', drawn.tactics),
  })
  const techniques = inChain.filter((each) => fits(each, asked))
  const known = await countsOf(deps, principal, { techniques, mentions: drawn.mentions })
  return {
    chains,
    chain,
    tactics: tactics.filter(({ phase }) => asked.tactic === undefined || phase === asked.tactic),
    platforms: [...new Set(inChain.flatMap(({ platforms }) => platforms))].toSorted(),
    techniques: techniques.map(({ id, name, code, parent, phases }) => ({
      id,
      name,
      ...(code === undefined ? {} : { code }),
      ...(parent === undefined ? {} : { parent }),
      phases: [...phases],
      known: [...(known.counts.get(id) ?? [])].map(([type, count]) => ({ type, count })).toSorted(byCount),
      used: marked?.has(id) ?? false,
      ...(used !== undefined && used.through.has(id) && !used.ids.has(id) ? { through: true } : {}),
    })),
    whole: known.whole && (used?.whole ?? true) && drawn.techniques.length < LIMITS.matrixTechniquesMax,
  }
}

const byCount = (a: { type: string; count: number }, b: { type: string; count: number }): number =>
  b.count - a.count || (a.type < b.type ? -1 : 1)

/** What whoever asks may look at, each object once, by its newest version. */
async function shown<T>(
  { egress }: GraphDeps,
  principal: Principal,
  { type, kept }: { readonly type: string; readonly kept: readonly Kept<T>[] },
): Promise<T[]> {
  const newest = new Map<string, Kept<T>>()
  for (const each of await visible(egress, { principal, route: 'attack', cursor: type }, kept)) {
    const known = newest.get(each.id)
    if (known === undefined || (known.version ?? '') < (each.version ?? '')) newest.set(each.id, each)
  }
  return [...newest.values()].map(({ is }) => is).filter((each) => each !== undefined)
}

function fits({ name, code, phases, platforms }: Technique, { tactic, platform, q }: MatrixAsked): boolean {
  if (tactic !== undefined && !phases.includes(tactic)) return false
  if (platform !== undefined && !platforms.includes(platform)) return false
  return q === undefined || `${code ?? ''} ${name}`.toLowerCase().includes(q.trim().toLowerCase())
}

/** The kill chains that are here, the one with most techniques first. */
function chainsOf(techniques: readonly Technique[], matrices: readonly Matrix[]): MatrixView['chains'] {
  const sizes = new Map<string, number>()
  for (const chain of techniques.flatMap(({ chains }) => chains)) sizes.set(chain, (sizes.get(chain) ?? 0) + 1)
  return [...sizes]
    .toSorted(([, a], [, b]) => b - a)
    .map(([chain]) => ({ chain, name: matrices.find((each) => each.chain === chain)?.name ?? chain }))
}

/** Where most of what is used stands; the largest where nothing is. */
function likeliest(
  chains: MatrixView['chains'],
  techniques: readonly Technique[],
  used: ReadonlySet<string> = new Set(),
): string | undefined {
  const usedIn = (chain: string): number =>
    techniques.filter((each) => used.has(each.id) && each.chains.includes(chain)).length
  return chains.toSorted((a, b) => usedIn(b.chain) - usedIn(a.chain))[0]?.chain
}

/** In the order of the matrix; phases that no matrix names come behind, in the order in which techniques name them. */
function tacticsOf({
  chain,
  matrices,
  techniques,
  tactics,
}: {
  readonly chain: string
  readonly matrices: readonly Matrix[]
  readonly techniques: readonly Technique[]
  readonly tactics: readonly Tactic[]
}): MatrixView['tactics'] {
  const order = matrices.filter((each) => each.chain === chain).flatMap((each) => each.order)
  const phases = new Set(techniques.flatMap((each) => each.phases))
  const named = tactics
    .filter(({ id }) => order.includes(id))
    .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
    .filter(({ phase }) => phases.delete(phase))
  return [...named, ...[...phases].map((phase) => ({ phase, name: phase.replaceAll('-', ' ') }))]
}

type Counts = { readonly counts: Map<string, Map<string, number>>; readonly whole: boolean }

/** By technique how many records of which type speak of it, as far as whoever asks may look at them. */
async function countsOf(
  { egress }: GraphDeps,
  principal: Principal,
  { techniques, mentions }: Pick<Drawn, 'mentions'> & { readonly techniques: readonly Technique[] },
): Promise<Counts> {
  const counts = new Map<string, Map<string, number>>()
  const allowed = new Map<string, boolean>()
  let whole = true
  for (const { id } of techniques) {
    const groups = mentions.get(id)?.groups ?? []
    if (groups.reduce((sum, { n }) => sum + n, 0) >= LIMITS.matrixMentionsMax) whole = false
    for (const group of groups) {
      const key = `${group.collection} ${group.labelClass}`
      const allow = allowed.get(key) ?? (await mayLookAt(egress, principal, group))
      allowed.set(key, allow)
      if (!allow) continue
      const known = counts.get(id) ?? new Map<string, number>()
      counts.set(id, known.set(group.type, (known.get(group.type) ?? 0) + group.n))
    }
  }
  return { counts, whole }
}

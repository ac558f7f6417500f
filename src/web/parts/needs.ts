// What needs a person now, from everything the node knows: the home page lists it, the rail counts it.
import type { PeerView } from '#federation/wire.ts'
import type { EvidenceView } from '#federation/witness/wire.ts'
import type { HomeView, NeedView } from '#src/home/wire.ts'
import type { QuarantinePage } from '#sharing/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { isSettled, useGet, type Loaded } from '../load.ts'

export type Page<T> = { readonly items: readonly T[]; readonly next?: string }

export const READ = {
  newWarnings: '/warnings?state=new&muted=false&limit=50',
  peers: '/peers',
  home: '/home',
  quarantine: '/quarantine?limit=50',
  evidence: '/evidence',
} as const

export const useNewWarnings = (): Loaded<Page<WarningView>> => useGet(READ.newWarnings, { everyMs: 60_000 })
export const usePeers = (): Loaded<Page<PeerView>> => useGet(READ.peers, { everyMs: 30_000 })
export const useQuarantine = (): Loaded<QuarantinePage> => useGet(READ.quarantine, { everyMs: 120_000 })
export const useEvidence = (): Loaded<Page<EvidenceView>> => useGet(READ.evidence, { everyMs: 120_000 })

export const useHome = (): Loaded<HomeView> => useGet(READ.home, { everyMs: 30_000 })

export type Need =
  | { readonly kind: 'warning'; readonly atMs: number; readonly warning: WarningView }
  | { readonly kind: 'fork'; readonly atMs: number; readonly evidence: EvidenceView }
  | { readonly kind: NodeNeed; readonly atMs: number; readonly need: NeedView }

/** Most urgent first: what is proven and dangerous, what waits for a decision, what went wrong by itself. */
const URGENCY = [
  'frozen',
  'alarm',
  'kept',
  'rules',
  'fork',
  'warning',
  'stopped',
  'doubt',
  'pending',
  'asked',
  'withdrawals',
  'quarantine',
  'jobs',
  'feeds',
  'silent',
  'folder',
  'certificate',
  'tokens',
] as const
/** What the node says in one line each; warnings and forks are shown one by one. */
export type NodeNeed = Exclude<(typeof URGENCY)[number], 'warning' | 'fork'>

export function useNeeds(nowMs: number): {
  readonly needs: readonly Need[] | undefined
  readonly loads: readonly Loaded<unknown>[]
} {
  const [warnings, evidence, home] = [useNewWarnings(), useEvidence(), useHome()]
  // The peers are in it by the names they give themselves.
  const loads = [warnings, evidence, home, usePeers()]
  // All at once or not yet: a list that grows while it is read moves under the pointer.
  if (!loads.every(isSettled) || loads.every((each) => each.value === undefined)) return { needs: undefined, loads }
  const needs: Need[] = [
    ...(evidence.value?.items ?? []).map((each): Need => ({ kind: 'fork', atMs: Date.parse(each.at), evidence: each })),
    ...(warnings.value?.items ?? []).map((each): Need => ({
      kind: 'warning',
      atMs: Date.parse(each.firstSeen),
      warning: each,
    })),
    ...(home.value?.needs ?? []).flatMap((need) => needOfNode(need, nowMs)),
  ]
  return {
    needs: needs.toSorted((a, b) => URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind) || b.atMs - a.atMs),
    loads,
  }
}

function needOfNode(need: NeedView, nowMs: number): Need[] {
  const { kind, since } = need
  if (kind === 'warnings' || kind === 'fork') return []
  return [{ kind, atMs: since === undefined ? nowMs : Date.parse(since), need }]
}

/** How much waits, as the rail counts it: as many as the home page has lines. */
export function useCounts(): { readonly needs: number; readonly warnings: number } {
  const needs = useHome().value?.needs ?? []
  const countOf = ({ kind, count }: NeedView): number => (kind === 'warnings' || kind === 'fork' ? count : 1)
  return {
    needs: needs.reduce((sum, need) => sum + countOf(need), 0),
    warnings: needs.find(({ kind }) => kind === 'warnings')?.count ?? 0,
  }
}

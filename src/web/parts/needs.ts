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
  | { readonly kind: 'pending' | 'stopped' | 'silent'; readonly atMs: number; readonly peer: PeerView }
  | {
      readonly kind: 'quarantine'
      readonly atMs: number
      readonly member: string
      readonly count: number
      readonly reason: string
    }
  | { readonly kind: NodeNeed; readonly atMs: number; readonly need: NeedView }

/** What the node counts itself; the others are shown one by one. */
const NODE_NEEDS = ['frozen', 'kept', 'doubt', 'withdrawals', 'jobs', 'feeds', 'certificate', 'tokens'] as const
export type NodeNeed = (typeof NODE_NEEDS)[number]

/** A peer that was not heard for this long is silent. */
const SILENT_MS = 6 * 3600_000

/** Most urgent first: what is proven and dangerous, what waits for a decision, what went wrong by itself. */
const URGENCY = [
  'frozen',
  'kept',
  'fork',
  'warning',
  'stopped',
  'doubt',
  'pending',
  'withdrawals',
  'quarantine',
  'jobs',
  'feeds',
  'silent',
  'certificate',
  'tokens',
] as const

export function useNeeds(nowMs: number): {
  readonly needs: readonly Need[] | undefined
  readonly loads: readonly Loaded<unknown>[]
} {
  const [warnings, peers, quarantine, evidence, home] = [
    useNewWarnings(),
    usePeers(),
    useQuarantine(),
    useEvidence(),
    useHome(),
  ]
  const loads = [warnings, peers, quarantine, evidence, home]
  // All at once or not yet: a list that grows while it is read moves under the pointer.
  if (!loads.every(isSettled) || loads.every((each) => each.value === undefined)) return { needs: undefined, loads }
  const needs: Need[] = [
    ...(evidence.value?.items ?? []).map((each): Need => ({ kind: 'fork', atMs: Date.parse(each.at), evidence: each })),
    ...(warnings.value?.items ?? []).map((each): Need => ({
      kind: 'warning',
      atMs: Date.parse(each.firstSeen),
      warning: each,
    })),
    ...(peers.value?.items ?? []).flatMap((peer) => needOfPeer(peer, nowMs)),
    ...needsOfQuarantine(quarantine.value),
    ...(home.value?.needs ?? []).flatMap((need) => needOfNode(need, nowMs)),
  ]
  return {
    needs: needs.toSorted((a, b) => URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind) || b.atMs - a.atMs),
    loads,
  }
}

function needOfPeer(peer: PeerView, nowMs: number): Need[] {
  const atMs = peer.lastContact === undefined ? nowMs : Date.parse(peer.lastContact)
  if (peer.state === 'pending') return [{ kind: 'pending', atMs, peer }]
  if (peer.state !== 'approved') return []
  if (peer.stopped !== undefined) return [{ kind: 'stopped', atMs, peer }]
  return nowMs - atMs > SILENT_MS ? [{ kind: 'silent', atMs, peer }] : []
}

function needsOfQuarantine(page: QuarantinePage | undefined): Need[] {
  const byMember = new Map<string, { count: number; atMs: number; reason: string }>()
  for (const { member, received, reason } of page?.items ?? []) {
    const known = byMember.get(member)
    byMember.set(member, {
      count: (known?.count ?? 0) + 1,
      atMs: Math.max(known?.atMs ?? 0, Date.parse(received)),
      reason: known?.reason ?? reason,
    })
  }
  return [...byMember].map(([member, each]) => ({ kind: 'quarantine', member, ...each }))
}

function needOfNode(need: NeedView, nowMs: number): Need[] {
  const kind = NODE_NEEDS.find((each) => each === need.kind)
  return kind === undefined ? [] : [{ kind, atMs: need.since === undefined ? nowMs : Date.parse(need.since), need }]
}

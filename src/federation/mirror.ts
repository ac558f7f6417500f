// Mirroring a peer's log: its head, then the leaves that are new, in stretches. Stretches are stored as they come but
// believed only once the root over all of them is the one the head signs, so memory stays flat however far a peer grew
// and a line that breaks goes on where it broke.
import { recordAtTimes, type Deed } from '#kernel/audit.ts'
import { equalBytes } from '#kernel/hash.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { openCheckpoint, type Checkpoint, type OpenedCheckpoint } from '#kernel/log/checkpoint.ts'
import { parseBundle, TILE_WIDTH } from '#kernel/log/tile.ts'
import { loadLogKeys, loadVkeys, openHistoric } from '#kernel/log/key-history.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import type { Store } from '#kernel/store/types.ts'
import { dropStaged, mirrorLeaves, renewHead, stageLeaves } from './mirror-store.ts'
import type { Peer } from './peers.ts'
import type { Source } from './source.ts'
import { Growth, judgeHead } from './verify-round.ts'
import { evidenceFromMirror, evidenceFromShown, ForkFound } from './witness/fork.ts'

/** Leaves of one stretch: whole bundles, small enough to hold. */
export const STRETCH = 16 * TILE_WIDTH

export type MirrorDeps = { readonly store: Store; readonly source: Source }

export type Mirror = { size: number; root: Uint8Array; staged: number; checkpoint: Uint8Array | null }

export type MirrorResult = {
  readonly leaves: number
  /** How much of the log is verified now. */
  readonly size: number
}

/**
 * Brings the mirror of a peer's log up to the head it shows. Throws `log.fork` for another history. Where the peer speaks
 * of a newer node document than `peer` has, that version alone is returned: with it other keys may sign the head.
 */
export async function pullLog(
  { store, source }: MirrorDeps,
  peer: Peer,
): Promise<MirrorResult | { readonly newer: number }> {
  const mirror = (await store.get<Mirror>(
    'SELECT size, root, staged, checkpoint FROM log WHERE id = ?',
    peer.log,
  )) as Mirror
  const { note, documentVersion, taken } = await source.head(mirror.size)
  if (documentVersion !== undefined && documentVersion > peer.document.version) return { newer: documentVersion }
  if (note === undefined) return { leaves: 0, size: mirror.size }
  const opened = openHead(peer, note)
  if (!opened.ok && (await isEarlier(store, peer, mirror, note))) return { leaves: 0, size: mirror.size }
  const head = demandSigned(peer, opened)
  const verdict = judgeHead({ ...mirror, readTile: await edgeTiles(store, peer.log, [mirror.size, head.size]) }, head)
  if (verdict.kind === 'fork') throw await forkOf(store, { peer, mirror, head, note, reason: verdict.reason })
  // The same head with other witness lines under it is worth keeping: they say who else follows this log.
  if (verdict.kind === 'same') await store.write(renewHead, { log: peer.log, checkpoint: note })
  // A file may well be older than what came since; who answers now has no reason to show less.
  if (verdict.kind === 'stale' && source.isPast === undefined)
    await store.write(recordAtTimes, shorterHead(peer.name, { shown: head.size, known: mirror.size }))
  const grown = verdict.kind === 'newer' && (await grow({ store, source }, { peer, mirror, head, checkpoint: note }))
  if (grown || verdict.kind === 'same') taken()
  return { leaves: grown ? head.size - mirror.size : 0, size: grown ? head.size : mirror.size }
}

/** A deed that accuses nobody: a cache, an answer that was held up, or a machine that was put back shows an older head, too. */
function shorterHead(member: string, detail: { readonly shown: number; readonly known: number }): Deed {
  return { actor: 'node', action: 'peer.shorter', subject: member, detail }
}

function openHead(peer: Peer, note: Uint8Array): OpenedCheckpoint {
  const opened = openCheckpoint(note, peer.verifiers)
  if (!opened.ok || opened.checkpoint.origin === peer.document.log.origin) return opened
  return { ok: false, reason: 'another origin' }
}

function demandSigned({ name }: Peer, opened: OpenedCheckpoint): Checkpoint {
  if (opened.ok) return opened.checkpoint
  throw new Fault('peer.invalid', `the head that ${name} shows is not signed by its log: ${opened.reason}`)
}

/**
 * Whether this is a head that the mirror contains, signed by the keys of its time: a file that is read late shows such a
 * one. Nothing but that is believed from keys that are put away, so whoever has them now accuses nobody here.
 */
async function isEarlier(store: Store, { log, document }: Peer, mirror: Mirror, note: Uint8Array): Promise<boolean> {
  const opened = openHistoric(note, await loadLogKeys(store, log))
  if (!opened.ok || opened.checkpoint.origin !== document.log.origin) return false
  const readTile = await edgeTiles(store, log, [mirror.size, opened.checkpoint.size])
  return judgeHead({ ...mirror, readTile }, opened.checkpoint).kind === 'stale'
}

type GrowthTask = {
  readonly peer: Peer
  readonly mirror: Mirror
  readonly head: Checkpoint
  readonly checkpoint: Uint8Array
}

/**
 * Fetches, verifies and stores the leaves between a mirror and a head of its log. False where the rest waits for another
 * day: what was staged stays.
 */
export async function grow(
  { store, source }: MirrorDeps,
  { peer, mirror, head, checkpoint }: GrowthTask,
): Promise<boolean> {
  const { log } = peer
  if (mirror.staged >= head.size) await store.write(dropStaged, { log })
  const start = mirror.staged > mirror.size && mirror.staged < head.size ? mirror.staged : mirror.size
  const growth = new Growth(start, await edgeTiles(store, log, [start]))
  for (let from = start; ;) {
    const to = Math.min(head.size, (Math.floor(from / STRETCH) + 1) * STRETCH)
    const entries = await fetchEntries(source, peer, { from, to, size: head.size })
    const tiles = growth.append(entries)
    if (to === head.size) {
      if (!equalBytes(growth.root, head.root))
        return await refuseGrowth({ store, source }, { peer, mirror, head, checkpoint }, start)
      await store.write(mirrorLeaves, { log, size: mirror.size, root: head.root, checkpoint, from, to, tiles, entries })
      return true
    }
    await store.write(stageLeaves, { log, size: mirror.size, from, to, tiles, entries })
    if (await source.waits()) return false
    from = to
  }
}

/**
 * Leaves that were staged in an earlier round are doubted first: they are fetched again before a fork is spoken of. Then
 * the peer's own tiles tell a second history from leaves that are merely not those it signed.
 */
async function refuseGrowth(
  { store, source }: MirrorDeps,
  { peer, mirror, head, checkpoint }: GrowthTask,
  start: number,
): Promise<never> {
  await store.write(dropStaged, { log: peer.log })
  if (start > mirror.size)
    throw new Fault('peer.invalid', `the leaves that ${peer.name} sent in several rounds do not fit its head`, {
      remedy: 'They are fetched again by itself.',
    })
  const evidence =
    mirror.checkpoint === null
      ? undefined
      : await evidenceFromShown(source, {
          vkeys: await loadVkeys(store, peer.log),
          older: { note: mirror.checkpoint, size: mirror.size },
          newer: { note: checkpoint, size: head.size },
        })
  if (evidence === undefined)
    throw new Fault('peer.invalid', `the leaves that ${peer.name} sent are not the ones its head signs`)
  throw new ForkFound(
    `its log of ${head.size} statements does not contain the ${mirror.size} it showed before`,
    evidence,
  )
}

/** A head that cannot be true beside the mirrored one, with evidence where it can be shown. */
async function forkOf(
  store: Store,
  {
    peer,
    mirror,
    head,
    note,
    reason,
  }: Omit<GrowthTask, 'checkpoint'> & { readonly note: Uint8Array; readonly reason: string },
): Promise<Fault> {
  const evidence =
    mirror.checkpoint === null
      ? undefined
      : await evidenceFromMirror(store, peer.log, {
          vkeys: await loadVkeys(store, peer.log),
          older: { note, size: head.size },
          newer: { note: mirror.checkpoint, size: mirror.size },
        })
  return evidence === undefined ? new Fault('log.fork', reason) : new ForkFound(reason, evidence)
}

/** The leaves from `from` to before `to` out of a log of `size`, as many bundles at once as a peer grants. */
async function fetchEntries(
  source: Source,
  peer: Peer,
  { from, to, size }: { readonly from: number; readonly to: number; readonly size: number },
): Promise<Uint8Array[]> {
  const first = Math.floor(from / TILE_WIDTH)
  const last = Math.floor((to - 1) / TILE_WIDTH)
  const entries: Uint8Array[] = []
  const most = Math.min(LIMITS.peerRequestsMax, peer.document.limits.requests)
  for (let n = first; n <= last; n += most) {
    const many = Math.min(most, last - n + 1)
    const bundles = await Promise.all(Array.from({ length: many }, (_, i) => fetchBundle(source, peer, n + i, size)))
    for (const bundle of bundles) for (const entry of bundle) entries.push(entry)
  }
  return entries.slice(from - first * TILE_WIDTH)
}

async function fetchBundle(source: Source, peer: Peer, n: number, size: number): Promise<Uint8Array[]> {
  const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
  const bytes = await source.entries(n, width)
  try {
    return parseBundle(bytes, width).map((entry) => Uint8Array.from(entry))
  } catch (cause) {
    throw new Fault('peer.invalid', `the leaves that ${peer.name} shows cannot be read`, { cause })
  }
}

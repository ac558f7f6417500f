// What this node does as a witness and a neighbour when it has been with a peer: cosign what it verified, tell the author,
// remember who else follows that log, and pass on heads that both follow.
import type { Logger } from 'pino'
import type { Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes, sha256 } from '#kernel/hash.ts'
import type { Cosigner } from '#kernel/key.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { loadVkeys } from '#kernel/log/key-history.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { parseNote, parseVkey } from '#kernel/note.ts'
import { OnceAnHour } from '#kernel/once.ts'
import type { Store } from '#kernel/store/types.ts'
import type { Caller } from '../call.ts'
import { listPeers, type Peer } from '../peers.ts'
import { evidenceFromMirror, ForkFound } from './fork.ts'
import { followersIn, followersOf, headsFor, inOneMessage, noteFollower, noteWithLines } from './gossip.ts'
import { cosignedNote, seenOf } from './store.ts'
import { cosignMirrored } from './witness.ts'

export type RoundsDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly caller: Caller
  readonly cosigners: readonly Cosigner[]
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

export type WitnessRounds = {
  /** After the mirror of a peer's log is up to date. Throws `log.fork` where it contradicts what was cosigned. */
  readonly cosign: (peer: Peer) => Promise<void>
  /** The same, and tells the author over the network. */
  readonly witness: (peer: Peer) => Promise<void>
  /**
   * What this node cosigned last of a peer's log, with its own lines alone. Where the mirror is not that far, the log's own
   * stand there, too: whoever does not know that head must see that its keys signed it.
   */
  readonly linesFor: (peer: Peer) => Promise<OwnLines | undefined>
  /** After a round went well. Lost gossip is no loss. */
  readonly gossip: (peer: Peer) => Promise<void>
}

const NO_HEAD = new Uint8Array(0)

export type OwnLines = { readonly size: number; readonly note: Uint8Array }

type Mirror = { size: number; checkpoint: Uint8Array | null }

/** When a peer was told of heads, in which words, and the last of them in the order of origins. */
type Told = { readonly atMs: number; readonly body?: string; readonly last?: string }

export function makeWitnessRounds(deps: RoundsDeps): WitnessRounds {
  const { store, caller, clock } = deps
  /** The size whose lines each author has, the head under which followers were looked for, and what each peer was told. */
  const returned = new Map<string, number>()
  const looked = new Map<string, Uint8Array>()
  const told = new Map<string, Told>()
  const ahead = new OnceAnHour(clock)
  const names = new Set(deps.cosigners.map(({ vkey }) => keyOf(vkey)))

  const linesFor = async (peer: Peer): Promise<OwnLines | undefined> => {
    const note = await cosignedNote(store, sha256(Buffer.from(peer.document.log.origin)))
    if (note === undefined) return undefined
    const lines = linesOf(note, names)
    if (lines.length === 0) return undefined
    const { size } = parseCheckpoint(parseNote(note).text)
    const isAhead = size > ((await mirrorOf(store, peer))?.size ?? 0)
    return { size, note: isAhead ? note : noteWithLines(note, lines) }
  }

  /** Also a head that the peer's log did not show, in case it knows nothing of it: until it does, none is cosigned. */
  const returnLines = async (peer: Peer, size: number): Promise<void> => {
    const lines = await linesFor(peer)
    if (lines === undefined || lines.size < size || returned.get(peer.name) === lines.size) return
    if (lines.size > size && !ahead.isDue(peer.name)) return
    try {
      await caller.call(peer.document, {
        method: 'POST',
        url: `${peer.document.endpoint}/peer/cosignature`,
        body: Buffer.from(lines.note),
        contentType: 'text/plain',
      })
      returned.set(peer.name, lines.size)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      deps.logger.warn({ peer: peer.name, reason: error.message }, 'a peer did not take our witness lines')
    }
  }

  /** The size that stands cosigned, where there is anything mirrored. */
  const cosign = async (peer: Peer): Promise<number | undefined> => {
    const mirror = await mirrorOf(store, peer)
    if (mirror === undefined || mirror.checkpoint === null) return undefined
    if (!equalBytes(looked.get(peer.name) ?? NO_HEAD, mirror.checkpoint))
      await noteFollowers(store, peer, mirror.checkpoint)
    looked.set(peer.name, mirror.checkpoint)
    if (returned.get(peer.name) !== mirror.size)
      await cosignHead(deps, names, peer, { size: mirror.size, note: mirror.checkpoint })
    return mirror.size
  }

  return {
    cosign: async (peer) => void (await cosign(peer)),
    witness: async (peer) => {
      const size = await cosign(peer)
      if (size !== undefined) await returnLines(peer, size)
    },
    linesFor,
    gossip: async (peer) => {
      const before = told.get(peer.name)
      if (before !== undefined && clock.nowMs() - before.atMs < LIMITS.gossipIntervalMs) return
      const heads = inOneMessage(await headsFor(store, peer.name, before?.last))
      // In one order, whichever came first: where all have room, the same heads are the same words.
      const body = JSON.stringify({ heads: heads.map(({ text }) => text).toSorted() })
      told.set(peer.name, { ...before, atMs: clock.nowMs() })
      const last = heads.at(-1)?.origin
      if (last === undefined || before?.body === body) return
      await caller.call(peer.document, {
        method: 'POST',
        url: `${peer.document.endpoint}/peer/heads`,
        body: Buffer.from(body),
        contentType: 'application/json',
      })
      told.set(peer.name, { atMs: clock.nowMs(), body, last })
    },
  }
}

function mirrorOf(store: Store, peer: Peer): Promise<Mirror | undefined> {
  return store.get<Mirror>('SELECT size, checkpoint FROM log WHERE id = ?', peer.log)
}

function keyOf(vkey: string): string {
  const { name, keyId } = parseVkey(vkey)
  return `${name} ${keyId}`
}

/** The lines under a note of these keys, by name and id. */
function linesOf(note: Uint8Array, names: ReadonlySet<string>): string[] {
  const { signatures } = parseNote(note)
  return signatures.filter(({ name, keyId }) => names.has(`${name} ${keyId}`)).map(({ line }) => line)
}

/** A head that only earlier keys of ours have cosigned is cosigned again: those may count nowhere any more. */
async function cosignHead(
  deps: RoundsDeps,
  names: ReadonlySet<string>,
  peer: Peer,
  { size, note }: { readonly size: number; readonly note: Uint8Array },
): Promise<void> {
  const { origin } = peer.document.log
  const seen = await seenOf(deps.store, origin)
  if (seen.size > size) return
  const before = seen.size === size ? await cosignedNote(deps.store, sha256(Buffer.from(origin))) : undefined
  if (before !== undefined && linesOf(before, names).length > 0) return
  const parsed = parseNote(note)
  const ownLines = parsed.signatures.filter(({ name }) => name === origin).map(({ line }) => line)
  const rootAt = async (at: number): Promise<Uint8Array> => treeRoot(at, await edgeTiles(deps.store, peer.log, [at]))
  try {
    await cosignMirrored(deps, { checkpoint: parseCheckpoint(parsed.text), ownLines }, rootAt)
  } catch (error) {
    const older = await cosignedNote(deps.store, sha256(Buffer.from(origin)))
    if (!(error instanceof Fault) || error.code !== 'log.fork' || older === undefined) throw error
    const heads = {
      vkeys: await loadVkeys(deps.store, peer.log),
      older: { note: older, size: seen.size },
      newer: { note, size },
    }
    const evidence = await evidenceFromMirror(deps.store, peer.log, heads)
    throw evidence === undefined ? error : new ForkFound(error.message, evidence)
  }
}

/** Only the lines of peers that are not known to follow this log are worth checking. */
async function noteFollowers(store: Store, peer: Peer, note: Uint8Array): Promise<void> {
  const { origin } = peer.document.log
  const known = new Set(await followersOf(store, origin))
  const others = (await listPeers(store)).filter(
    ({ name, state }) => state === 'approved' && name !== peer.name && !known.has(name),
  )
  const members = followersIn(note, others)
  if (members.length > 0) await store.write(noteFollower, { origin, members })
}

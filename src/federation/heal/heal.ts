// A node that was restored from a backup gets its own history back from its equals: its leaves, which each peer mirrors
// and its own signature proves, and of the content what was shared with them. Then it goes on in the same log; a second
// history is never signed. A person begins it (protocol sections 3 and 6).
import type { Logger } from 'pino'
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { OutboundResponse } from '#kernel/http/outbound.ts'
import { openCheckpoint, type Checkpoint } from '#kernel/log/checkpoint.ts'
import { alignedItems } from '#kernel/list-part.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { formatNote, type NoteVerifier } from '#kernel/note.ts'
import type { Store } from '#kernel/store/types.ts'
import type { VerifiedStatement } from '../apply.ts'
import { dropStaged } from '../mirror-store.ts'
import type { Caller } from '../call.ts'
import { DeliveryDecoder } from '../frames.ts'
import { grow, type Mirror } from '../mirror.ts'
import { listPeers, type Peer } from '../peers.ts'
import type { Source } from '../source.ts'
import { judgeStatement } from '../verify-round.ts'
import { lookElsewhere } from './clone.ts'
import {
  beginHealing,
  begunAt,
  finishHealing,
  giveUpLeaves,
  settleStream,
  takeBack,
  type StreamHead,
} from './commands.ts'
import { askWhatIsHeld } from './held.ts'
import { APPLIED_HEADER, STREAM_HEADER } from './wire.ts'

export type HealDeps = {
  readonly store: Store
  readonly caller: Caller
  /** A peer as a source whose log is what it shows below `prefix`. */
  readonly sourceOf: (peer: Peer, prefix: string) => Source
  readonly member: string
  readonly origin: string
  /** Every key of this member's log. */
  readonly verifiers: () => Promise<readonly NoteVerifier[]>
  readonly nowMs: () => number
  readonly logger: Pick<Logger, 'warn'>
  readonly prepare: (kind: string, items: readonly (Uint8Array | undefined)[]) => unknown
}

export type Healed = {
  /** Peers that answered with a head of this log. */
  readonly confirmedBy: readonly string[]
  readonly sizeBefore: number
  readonly size: number
  /** Statements whose content came back, and those whose content nobody had. */
  readonly returned: number
  readonly lost: number
  /** Peers of whose answer nothing more could be taken: they are asked again later, and given nothing before. */
  readonly unheard: readonly Unheard[]
}

type Unheard = { readonly member: string; readonly reason: string }

type Answer = { readonly peer: Peer; readonly checkpoint: Checkpoint; readonly note: Uint8Array }

/** Asks all peers, takes back what is missing, and ends the mark that stops signing. Throws where nobody confirms. */
export async function heal(deps: HealDeps, actor: string): Promise<Healed> {
  if (deps.store.status().frozen === undefined)
    throw new Fault('conflict', 'this log is not held back; there is nothing to resume')
  const own = await ownLog(deps.store)
  const answers = await askAll(deps)
  if (answers.length === 0)
    throw new Fault('peer.unreachable', 'no peer answered with a head that this log signed', {
      remedy: 'Try again when one can be reached. A person may decide without them: comity log resume --alone',
    })
  const size = Math.max(...answers.map(({ checkpoint }) => checkpoint.size))
  const largest = answers.filter(({ checkpoint }) => checkpoint.size === size)
  if (size > own.size) {
    await deps.store.write(beginHealing, { from: own.size, to: size })
    await takeLeaves(deps, largest, own)
  }
  try {
    await demandOneHistory(deps.store, answers)
  } catch (error) {
    await deps.store.write(giveUpLeaves, { size: own.size, root: own.root, checkpoint: own.checkpoint })
    throw error
  }
  const from = (await begunAt(deps.store)) ?? own.size
  const { streams, unheard } = await takeContent(deps, answers, from)
  const after = await ownLog(deps.store)
  const returned = await statementsFrom(deps.store, from)
  const healed = {
    confirmedBy: answers.map(({ peer }) => peer.name),
    sizeBefore: from,
    size: after.size,
    returned,
    lost: after.size - from - returned,
    unheard,
  }
  await deps.store.write(finishHealing, { actor, streams, size: after.size, detail: healed })
  return healed
}

async function ownLog(store: Store): Promise<Mirror> {
  return (await store.get<Mirror>('SELECT size, root, staged, checkpoint FROM log WHERE id = ?', OWN_LOG)) as Mirror
}

async function statementsFrom(store: Store, index: number): Promise<number> {
  const sql = 'SELECT count(*) AS n FROM statement WHERE log = ? AND idx >= ?'
  return (await store.get<{ n: number }>(sql, OWN_LOG, index))?.n ?? 0
}

/** What each peer holds of this log, as far as our own keys signed it. */
async function askAll(deps: HealDeps): Promise<Answer[]> {
  const answers: Answer[] = []
  const verifiers = await deps.verifiers()
  for (const peer of await listPeers(deps.store)) {
    if (peer.state !== 'approved') continue
    try {
      const response = await deps.caller.call(peer.document, {
        method: 'GET',
        url: `${peer.document.endpoint}/peer/mirror/checkpoint`,
        bodyBytesMax: LIMITS.noteBytesMax,
      })
      const opened = response.status === 200 ? openCheckpoint(response.body, verifiers) : undefined
      if (opened?.ok === true && opened.checkpoint.origin === deps.origin)
        answers.push({
          peer,
          checkpoint: opened.checkpoint,
          note: ownLines(opened.note.text, opened.note.signatures, deps),
        })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      deps.logger.warn({ peer: peer.name, reason: error.message }, 'a peer could not be asked for our own log')
    }
  }
  return answers
}

/** Our own signatures alone: the lines of witnesses are kept elsewhere. */
function ownLines(
  text: string,
  signatures: readonly { readonly name: string; readonly line: string }[],
  { origin }: HealDeps,
): Uint8Array {
  return formatNote(
    text,
    signatures.filter(({ name }) => name === origin).map(({ line }) => line),
  )
}

/** The leaves behind ours, from the first that shows those of the largest head. Throws what was wrong with the last. */
async function takeLeaves(deps: HealDeps, largest: readonly Answer[], own: Mirror): Promise<void> {
  let failure: Fault | undefined
  for (const answer of largest)
    try {
      // What somebody showed who did not show the rest is doubted.
      if (failure !== undefined) await deps.store.write(dropStaged, { log: OWN_LOG })
      return await takeLeavesOf(deps, answer, failure === undefined ? own : { ...own, staged: 0 })
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'log.fork') throw error
      deps.logger.warn({ peer: answer.peer.name, reason: error.message }, 'a peer did not show the leaves of our log')
      failure = error
    }
  if (failure !== undefined) throw failure
}

/** The root over all must be the one we signed. */
async function takeLeavesOf(deps: HealDeps, { peer, checkpoint, note }: Answer, own: Mirror): Promise<void> {
  const source = deps.sourceOf(peer, `${peer.document.endpoint}/peer/mirror`)
  const task = { peer: { ...peer, log: OWN_LOG }, mirror: own, head: checkpoint, checkpoint: note }
  await grow({ store: deps.store, source }, task)
}

/** Every head we signed must be of the log as it stands now. */
async function demandOneHistory(store: Store, answers: readonly Answer[]): Promise<void> {
  for (const { peer, checkpoint } of answers) {
    if (checkpoint.size === 0) continue
    const root = treeRoot(checkpoint.size, await edgeTiles(store, OWN_LOG, [checkpoint.size]))
    if (!equalBytes(root, checkpoint.root))
      throw new Fault('log.fork', `${peer.name} holds another history of this log, signed with its keys`, {
        remedy: 'Do not resume. Find out which of the two your peers know, and telephone them.',
      })
  }
}

type Content = { readonly streams: readonly StreamHead[]; readonly unheard: readonly Unheard[] }

/** What came back of whoever gave something that is not ours stays; where our stream to it stands is not believed. */
async function takeContent(deps: HealDeps, answers: readonly Answer[], from: number): Promise<Content> {
  const streams: StreamHead[] = []
  const unheard: Unheard[] = []
  for (const { peer } of answers)
    try {
      const stream = await takeContentOf(deps, peer, from)
      if (stream !== undefined) streams.push(stream)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      deps.logger.warn({ peer: peer.name, reason: error.message }, 'what a peer gave back could not be taken')
      unheard.push({ member: peer.name, reason: error.message })
    }
  return { streams, unheard }
}

/** Takes what a peer has of ours from an index on, and asks what else it holds. Returns where our stream to it stands. */
async function takeContentOf(deps: HealDeps, peer: Peer, from: number): Promise<StreamHead | undefined> {
  let stream: StreamHead | undefined
  // Said once, at the beginning: what is owed to who lost a disk is looked for once.
  let have = `&stream=${peer.outSeq}`
  for (let after = from - 1; ;) {
    const response = await deps.caller.call(peer.document, {
      method: 'GET',
      url: `${peer.document.endpoint}/peer/returns?after=${after}${have}`,
    })
    have = ''
    if (response.status !== 200) break
    const said = streamIn(response.headers)
    stream ??= said === undefined ? undefined : { peer: peer.id, ...said }
    const { last, statements } = await verifyReturned(deps, response.body, after)
    if (last === after) break
    await deps.store.write(takeBack, { peer: peer.id, streamSeq: stream?.seq ?? 0, statements })
    after = last
  }
  await askWhatIsHeld(deps, peer, stream?.seq ?? 0)
  return stream
}

/**
 * Asks a peer that could not be asked when this node was put back. Throws where it contradicts this log, which then signs
 * nothing more, and where it does not say where it stands.
 */
export async function askLater(deps: HealDeps, peer: Peer): Promise<void> {
  const { conflict } = await lookElsewhere(deps, peer)
  if (conflict !== undefined) throw new Fault('node.restored', conflict)
  const from = (await healedFrom(deps.store)) ?? (await ownLog(deps.store)).size
  const stream = await takeContentOf(deps, peer, from)
  if (stream === undefined) throw new Fault('peer.invalid', `${peer.name} does not say where it stands`)
  await deps.store.write(settleStream, { ...stream, byFile: false })
}

/** Asks a peer for what it has of ours where that is all that is open: it said by file where it stands, or they met anew. */
export async function askForReturns(deps: HealDeps, peer: Peer): Promise<void> {
  const from = await healedFrom(deps.store)
  if (from !== undefined) await takeContentOf(deps, peer, from)
}

/** The first leaf whose content may have been lost with a disk. */
async function healedFrom(store: Store): Promise<number | undefined> {
  return (await store.get<{ first: number | null }>('SELECT min(from_idx) AS first FROM healed'))?.first ?? undefined
}

function streamIn(headers: OutboundResponse['headers']): Omit<StreamHead, 'peer'> | undefined {
  const [, seq = '', hash = ''] = /^([0-9]{1,15}) ([0-9a-f]{64})$/.exec(headers[STREAM_HEADER] ?? '') ?? []
  if (hash === '') return undefined
  const applied = /^[0-9]{1,15}$/.exec(headers[APPLIED_HEADER] ?? '')?.[0]
  const place = { seq: Number(seq), hash: Uint8Array.fromHex(hash) }
  return applied === undefined ? place : { ...place, applied: Number(applied) }
}

type Returned = { readonly statements: readonly VerifiedStatement[]; readonly last: number }

/**
 * What a peer gives back is ours only where our own leaf commits to it. `last` is the last index it told of, of which it
 * may have nothing any more; each lies behind the one before, so that an answer without any is the end.
 */
async function verifyReturned(deps: HealDeps, bytes: Uint8Array, after: number): Promise<Returned> {
  const decoder = new DeliveryDecoder()
  const verified: VerifiedStatement[] = []
  let last = after
  for (const { item, statements } of decoder.push(bytes)) {
    for (const index of item.indexes) {
      if (index <= last) throw new Fault('peer.invalid', 'what came back does not get on')
      last = index
    }
    for (const disclosed of statements) {
      if ('gone' in disclosed) continue
      const judged = judgeStatement(await loadEntry(deps.store, OWN_LOG, disclosed.index), disclosed, {
        member: deps.member,
        origin: deps.origin,
        nowMs: deps.nowMs(),
      })
      if (judged.kind !== 'statement') throw new Fault('peer.invalid', `what came back is not ours: ${judged.reason}`)
      const { statement } = judged
      verified.push({
        ...statement,
        prepared: deps.prepare(statement.header.kind, alignedItems(statement.parts.content)),
      })
    }
  }
  decoder.end()
  return { statements: verified, last }
}

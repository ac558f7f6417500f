// One round with one peer (protocol section 6): its head, its new leaves, then what it has for us. Everything is
// verified before it is stored, and stored in steps that a crash can repeat.
import type { Clock } from '#kernel/clock.ts'
import { FIRST_HASH } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { CertificateRefused } from '#kernel/http/outbound.ts'
import { alignedItems } from '#kernel/list-part.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import type { Store } from '#kernel/store/types.ts'
import { SignatureRefused } from './call.ts'
import { applyCommand, type ApplyInput, type Erasure, type VerifiedStatement } from './apply.ts'
import { DeliveryDecoder, type Delivery } from './frames.ts'
import { verifyForwarded, type Forwarded } from './forward/verify.ts'
import { exposeRewrite, takeHead, type TakeHeadDeps } from './heads/take.ts'
import { allCame } from './heads/told.ts'
import { beginAgain, positionBehind, skipGap } from './gap.ts'
import { pullLog } from './mirror.ts'
import { noteContact, requirePeer, type Peer } from './peers.ts'
import { refreshDocument, whereabouts, type Whereabouts } from './refresh.ts'
import { SourceEnds, type Source } from './source.ts'
import { ForkFound, recordFork } from './witness/fork.ts'
import { judgeItem, judgeStatement, positionAfter, type StreamPosition } from './verify-round.ts'
import { NodeStops } from './way-out.ts'

export type PullDeps = {
  readonly store: Store
  readonly sourceOf: (peer: Peer) => Source
  readonly clock: Clock
  /** This member's id. */
  readonly self: string
  readonly erasure: Erasure
  /** Looks at the mirrored head as a witness, and tells its author. Throws `log.fork` where it contradicts what was cosigned. */
  readonly witness: (peer: Peer) => Promise<void>
  /** Asks the peer what it holds of our logs, where that is due. False where it does not know our log yet. */
  readonly askWhatIsHeld: (peer: Peer) => Promise<boolean>
  /** Asks the peer for what it brought of others, was not taken, and may be believed by now. */
  readonly askAgain: (peer: Peer) => Promise<void>
  /** Asks a peer where it stands that was not asked since this node was put back to a backup. */
  readonly askLater: (peer: Peer) => Promise<void>
  /** What the capability of a kind makes of a statement's items, outside the writer. Never throws for foreign bytes. */
  readonly prepare: (kind: string, items: readonly (Uint8Array | undefined)[]) => unknown
}

export type RoundResult = { readonly leaves: number; readonly statements: number }

/** The pages one round takes at most; what is left comes with the next. */
const PAGES_MAX = 10_000

/**
 * Runs one round. `moved` is what the peer itself signed about where it is now, if it did. Throws the Fault that ended
 * the round, after noting it with the peer.
 */
export async function pullOnce(deps: PullDeps, name: string, moved?: Whereabouts): Promise<RoundResult> {
  const peer = await requirePeer(deps.store, name)
  if (peer.state !== 'approved')
    throw new Fault('auth.denied', `${name} is ${peer.state} here`, { remedy: `comity peer approve ${name}` })
  if (peer.stopped !== null)
    throw new Fault('log.fork', `replication from ${name} stands still: ${peer.stopped}`, {
      remedy: `Ask them by telephone; “comity peer approve ${name}” goes on from what is verified.`,
    })
  try {
    const { leaves, statements } = await exchange(deps, peer, moved).catch((error: unknown) =>
      exchangeAnew(deps, peer, error),
    )
    // The round may have followed it into another log, with other keys: then it is asked as it is now.
    const met = await requirePeer(deps.store, name)
    const told = met.asksHeld && (await deps.askWhatIsHeld(met))
    const whole = peer.acceptGap && (await allCame(deps.store, peer.id, deps.clock.nowMs()))
    await deps.askAgain(met)
    if (
      leaves + statements > 0 ||
      peer.lastError !== null ||
      told ||
      whole ||
      peer.lastContactMs === null ||
      deps.clock.nowMs() - peer.lastContactMs > CONTACT_NOTE_MS
    )
      await deps.store.write(noteContact, { name, error: null, told, whole })
    return { leaves, statements }
  } catch (error) {
    if (error instanceof SourceEnds || error instanceof NodeStops) throw error
    const stopped = error instanceof Fault && error.code === 'log.fork' ? { stopped: error.message } : {}
    if (error instanceof ForkFound)
      await deps.store.write(recordFork, { bytes: error.evidence, member: name, origin: peer.document.log.origin })
    await deps.store.write(noteContact, {
      name,
      error: error instanceof Error ? error.message : String(error),
      ...stopped,
    })
    throw error
  }
}

/**
 * A peer that refuses what this member signs, or shows another certificate than it announced, may have a newer document
 * that nobody could tell of: it lost its keys, or both did and each refuses the other, until one looks. Documents are
 * shown to anybody.
 */
async function exchangeAnew(deps: PullDeps, peer: Peer, error: unknown): Promise<RoundResult> {
  if (!(error instanceof SignatureRefused || error instanceof CertificateRefused)) throw error
  const at = whereabouts(peer, peer.document.version + 1)
  const renewed = await refreshDocument({ store: deps.store, source: deps.sourceOf(peer) }, peer, at).catch(() => peer)
  if (renewed.document.version === peer.document.version) throw error
  return exchange(deps, renewed, undefined)
}

async function exchange(deps: PullDeps, known: Peer, moved: Whereabouts | undefined): Promise<RoundResult> {
  const { store } = deps
  const refresh = async (peer: Peer, at: Whereabouts): Promise<Peer> =>
    refreshDocument({ store, source: deps.sourceOf(peer) }, peer, at)
  let peer = moved === undefined ? known : await refresh(known, moved)
  if (peer.unaskedMs !== null) await deps.askLater(peer)
  let source = deps.sourceOf(peer)
  let pulled = await pullLog({ store, source }, peer)
  // Once more where its document changed again in between.
  for (let tries = 0; 'newer' in pulled && tries < REFRESH_TRIES; tries += 1) {
    peer = await refresh(peer, whereabouts(peer, pulled.newer))
    source = deps.sourceOf(peer)
    pulled = await pullLog({ store, source }, peer)
  }
  if ('newer' in pulled) throw new Fault('peer.invalid', `${peer.name} speaks of a node document that it does not show`)
  await deps.witness(peer)
  return { leaves: pulled.leaves, statements: await pullDeliveries(deps, peer, { source, logSize: pulled.size }) }
}

const REFRESH_TRIES = 2

/** A quiet peer's contact time is written this often, not with every poll. */
const CONTACT_NOTE_MS = 10 * 60_000

async function pullDeliveries(
  deps: PullDeps,
  peer: Peer,
  { source, logSize }: { readonly source: Source; readonly logSize: number },
): Promise<number> {
  const taking: TakeHeadDeps = {
    store: deps.store,
    nowMs: deps.clock.nowMs(),
    self: deps.self,
    catchUp: async () => {
      const caughtUp = await pullLog({ store: deps.store, source }, peer)
      return 'newer' in caughtUp ? logSize : caughtUp.size
    },
  }
  let position: StreamPosition = { seq: peer.streamSeq, hash: peer.streamHash }
  let statements = 0
  let [askedAgain, begunAgain] = [false, false]
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const bytes = await source.deliveries(position.seq)
    if (bytes === undefined) return statements
    const decoder = new DeliveryDecoder()
    const deliveries = [...decoder.push(bytes)]
    decoder.end()
    const { head: payload } = decoder
    if (deliveries.length === 0) {
      if (!(await takeHead(taking, peer, { payload, position, logSize, askedAgain }))) return statements
      askedAgain = true
      continue
    }
    const acceptGap = peer.acceptGap && source.isPast !== true
    if (acceptGap) position = await passHole(deps, peer, position, deliveries)
    const { items: run, problem } = followingOn(position, deliveries)
    if (problem !== undefined && source.isPast === true) throw isPast(peer)
    if (problem !== undefined && acceptGap && position.seq > 0 && !begunAgain) {
      begunAgain = await deps.store.write(beginAgain, { name: peer.name })
      if (begunAgain) {
        position = { seq: 0, hash: FIRST_HASH }
        continue
      }
    }
    if (problem !== undefined) {
      const items = deliveries.map((each) => each.itemBytes)
      await exposeRewrite(taking, peer, { payload, position, logSize, items })
      throw new Fault('log.fork', `${peer.name}: ${problem}`)
    }
    statements += await applyRun(deps, peer, run, logSize)
    // What stands behind a hole in the page is asked for again: so the peer sees what is missing here.
    position = positionAfter(run.at(-1) as Delivery)
  }
  return statements
}

/** A peer that was put back to a backup gave something else since than it had written before. */
function isPast({ name }: Peer): Fault {
  return new Fault('conflict', `${name} wrote this before what came since, which does not go on from it`, {
    remedy: `It was put back to a backup in between, or shows two streams: ask by telephone. What came since stands.`,
  })
}

/** Goes on behind a hole where a person has accepted that something is missing. */
async function passHole(
  deps: PullDeps,
  { name }: Peer,
  position: StreamPosition,
  [next]: readonly Delivery[],
): Promise<StreamPosition> {
  const behind = positionBehind(position, next)
  if (behind === undefined) return position
  return (await deps.store.write(skipGap, { name, from: position.seq, position: behind })) ? behind : position
}

/** The items that follow on from a position, or what is wrong with the first: what stands before a hole is taken. */
function followingOn(
  from: StreamPosition,
  deliveries: readonly Delivery[],
): { readonly items: readonly Delivery[]; readonly problem?: string } {
  let position = from
  for (const [n, delivery] of deliveries.entries()) {
    const problem = judgeItem(position, delivery)
    if (problem !== undefined) return n === 0 ? { items: [], problem } : { items: deliveries.slice(0, n) }
    position = positionAfter(delivery)
  }
  return { items: deliveries }
}

async function applyRun(deps: PullDeps, peer: Peer, run: readonly Delivery[], logSize: number): Promise<number> {
  const items: ApplyInput['items'][number][] = []
  for (const delivery of run)
    items.push({
      ...positionAfter(delivery),
      body: delivery.itemBytes,
      ...(await verifyDelivery(deps, peer, { delivery, logSize })),
    })
  const { applied } = await deps.store.write(applyCommand, {
    erasure: deps.erasure,
    peer: peer.id,
    name: peer.name,
    log: peer.log,
    items,
  })
  return applied
}

async function verifyDelivery(
  deps: PullDeps,
  peer: Peer,
  { delivery, logSize }: { readonly delivery: Delivery; readonly logSize: number },
): Promise<Forwarded> {
  if (delivery.item.origin !== undefined)
    return verifyForwarded({ store: deps.store, nowMs: deps.clock.nowMs(), prepare: deps.prepare, peer }, delivery)
  const author = { member: peer.name, origin: peer.document.log.origin, nowMs: deps.clock.nowMs() }
  const statements: VerifiedStatement[] = []
  const malformed: string[] = []
  for (const disclosed of delivery.statements) {
    if ('gone' in disclosed) continue
    const entry = disclosed.index < logSize ? await loadEntry(deps.store, peer.log, disclosed.index) : undefined
    const judged = judgeStatement(entry, disclosed, author)
    if (judged.kind === 'wrong') throw new Fault('peer.invalid', `${peer.name}: ${judged.reason}`)
    if (judged.kind === 'malformed') {
      malformed.push(judged.reason)
      continue
    }
    const { statement } = judged
    const { kind } = statement.header
    statements.push({ ...statement, prepared: deps.prepare(kind, alignedItems(statement.parts.content)) })
  }
  return { statements, malformed }
}

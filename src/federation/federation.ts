// The part of a node that deals with equals: it keeps the own document current, meets peers, pulls what they have,
// tells them when there is news, and answers what they ask. One object, made by `node.ts`.
import type { Logger } from 'pino'
import type { AnswerView } from '#kernel/answer-shape.ts'
import type { Clock, Random } from '#kernel/clock.ts'
import type { Identity } from '#kernel/data-folder.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { enqueueJob } from '#kernel/job.ts'
import { NonceMemory } from '#kernel/http/nonce.ts'
import { OnceAnHour } from '#kernel/once.ts'
import type { Outbound } from '#kernel/http/outbound.ts'
import type { TlsIdentity } from '#kernel/http/tls.ts'
import type { JobHandler } from '#kernel/job.ts'
import { witnessKeys, type LogKeys, type Seeds } from '#kernel/key-file.ts'
import { noteVerifier } from '#kernel/note-verifier.ts'
import { LIMITS } from '#kernel/limits.ts'
import { loadLogKeys } from '#kernel/log/key-history.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { NoteVerifier } from '#kernel/note.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadPrincipal } from '#kernel/standing.ts'
import type { Store } from '#kernel/store/types.ts'
import { makeBundleDesk, type BundleDesk } from './bundle/desk.ts'
import { makeCaller, type Caller } from './call.ts'
import { Asking, askToWiden, widen, WIDEN_JOB, type WidenStep } from './walk.ts'
import { hasNoNetwork } from './document.ts'
import type { GiveDeps } from './give.ts'
import { sendHint } from './hint.ts'
import { Publisher, requireOwnDocument } from './publisher.ts'
import { viaOf, verifiersOf, type Via } from './forward/via.ts'
import { HeadCommitter } from './heads/committer.ts'
import { leave, stopAfterLeaving } from './leave.ts'
import { lookElsewhere } from './heal/clone.ts'
import { askForReturns, askLater, type HealDeps } from './heal/heal.ts'
import { askAgain } from './forward/again.ts'
import { askWhatIsHeld } from './heal/held.ts'
import { witnessName } from './shown-keys.ts'
import { PASS_ON_JOB, passOnEvidence, prepareEvidence } from './witness/fork.ts'
import type { Erasure } from './apply.ts'
import { EARLY_JOB } from './early.ts'
import { useEarly } from './use-early.ts'
import { writeReceipts } from './erasure/answer.ts'
import { prepareErasure, RECEIPTS_JOB } from './erasure/apply.ts'
import { makeWitnessRounds } from './witness/rounds.ts'
import type { HearDeps } from './witness/hear.ts'
import { Submitter } from './witness/submit.ts'
import { witnessedOf, type Witnessed } from './witness/trust.ts'
import type { SilentWitness } from './witness/wire.ts'
import type { WitnessDeps } from './witness/witness.ts'
import { witnessesOf, type Witnesses } from './witness/proof.ts'
import { networkSource, type NetworkDeps } from './network-source.ts'
import type { PairingDeps } from './pairing.ts'
import { describePeers } from './peer-standing.ts'
import { findPeer, listPeers, type Peer } from './peers.ts'
import { pullOnce, type PullDeps, type RoundResult } from './pull.ts'
import { Refusals } from './refusals.ts'
import { recipientsOf, type Recipients } from './recipients.ts'
import { answersTo } from './erasure/answers.ts'
import { disputeOf, type Ended } from './recovery.ts'
import { Scheduler } from './scheduler.ts'
import { Traffic } from './traffic.ts'
import { closable } from './way-out.ts'
import type { Whereabouts } from './wire.ts'

export type FederationDeps = {
  readonly store: Store
  readonly egress: Egress
  /** Who the member was when the node began; what it says of itself may have changed since. */
  readonly identity: Identity
  /** Keeps the identity for the next start, where there is a place for it. */
  readonly keepIdentity?: (identity: Identity) => void
  readonly seeds: Seeds
  readonly logKeys: LogKeys
  readonly clock: Clock
  readonly random: Random
  readonly outbound: Outbound
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly publicUrl: string
  readonly tls: TlsIdentity | undefined
  readonly pullSeconds: number
  /** Bytes a day to and from a peer that has no budget of its own. */
  readonly dailyBytes: number | undefined
  /** Whether peers are called at all. */
  readonly network: boolean
  readonly prepare: PullDeps['prepare']
  readonly withdrawnOf: GiveDeps['withdrawnOf']
  readonly erasure: Erasure
}

export type Federation = AsyncDisposable & {
  readonly deps: FederationDeps
  readonly pairing: PairingDeps
  readonly caller: Caller
  readonly witnessing: WitnessDeps
  /** Witnesses beyond the peers that gave no line when they were asked last. */
  readonly silentWitnesses: () => SilentWitness[]
  readonly hearing: HearDeps
  readonly traffic: Traffic
  readonly healing: HealDeps
  /** Exchange without a network. */
  readonly bundles: BundleDesk
  readonly jobs: Readonly<Record<string, JobHandler>>
  /** Who is being answered. */
  readonly asking: Asking
  readonly nonces: NonceMemory
  /** What others did that was refused, for the audit log. */
  readonly refusals: Refusals
  readonly startedMs: number
  /** Who this member is, as it says now. */
  readonly self: () => Identity
  readonly describe: Publisher['describe']
  /** Logs the own document where it changed. */
  readonly publish: () => Promise<void>
  /** Publishes the own document where it changed, then begins to pull and to hint by itself. */
  readonly start: () => Promise<void>
  /** Another TLS certificate is shown from now on: publishes its key and tells peers. */
  readonly renewTls: (tls: TlsIdentity) => Promise<void>
  /** One round with a peer now; rounds with one peer never overlap. */
  readonly pullPeer: (name: string) => Promise<RoundResult>
  /** A peer says there is news: pull soon. */
  readonly hinted: (name: string, node?: Whereabouts) => void
  /** Ends this member's log for good; `confirm` is its name. Throws `input.invalid` for another. */
  readonly leave: (actor: string, confirm: string) => Promise<{ index: number }>
  readonly verifiersOf: (log: number) => Promise<readonly NoteVerifier[]>
  /** By whose way another member's statement came, where its author did not bring it. */
  readonly viaOf: (statement: number) => Promise<Via | undefined>
  readonly disputeOf: (statement: number) => Promise<Ended | undefined>
  readonly recipientsOf: (statement: number) => Promise<Recipients>
  /** What those answered whom an own erase or withdrawal was meant for. */
  readonly answersTo: (statement: number) => Promise<AnswerView[]>
  /** Every approved peer, as policy sees it. */
  readonly principals: () => Promise<{ readonly name: string; readonly principal: Principal }[]>
  /** How far our own log is witnessed at a size above `index`. */
  readonly witnessedOf: (index: number) => Promise<Witnessed>
  /** Who witnesses a log, by its row id, each with its newest line. */
  readonly witnessesOf: (log: number) => Promise<Witnesses>
}

export function makeFederation(deps: FederationDeps): Federation {
  const { store, clock, random, identity } = deps
  const publisher = new Publisher(deps, async () => {
    for (const peer of await listPeers(store)) if (peer.state === 'approved') scheduler.hintSoon(peer.name)
  })
  const traffic = new Traffic(store, clock, deps.dailyBytes)
  const count = (member: string, bytes: number): void => traffic.add(member, bytes)
  const outbound = closable(deps.outbound)
  const caller = makeCaller({ outbound, key: () => publisher.requestKey(), clock, random, count })
  const { outgoing } = deps.seeds.witness
  const cosigners = [deps.seeds.witness, ...(outgoing === undefined ? [] : [outgoing])].flatMap((seeds) =>
    witnessKeys(witnessName(identity.member), seeds),
  )
  const rounds = makeWitnessRounds({ store, clock, caller, cosigners, logger: deps.logger })
  const submitter = new Submitter({
    store,
    outbound,
    clock,
    origin: identity.origin,
    jitter: () => (random(1)[0] ?? 0) / 256,
    logger: deps.logger,
  })
  const network: NetworkDeps = { caller, outbound, clock, traffic, lines: new Map(), etags: new Map() }
  const pullDeps: PullDeps = {
    store,
    sourceOf: (peer) => networkSource(network, peer),
    clock,
    self: identity.member,
    erasure: deps.erasure,
    witness: rounds.witness,
    askWhatIsHeld: async (peer) => {
      const knows = await askWhatIsHeld({ store, caller }, peer, peer.confirmedSeq)
      if (knows && peer.asksReturns) await askForReturns(healing, peer)
      return knows
    },
    askAgain: (peer) => askAgain({ store, caller }, peer),
    askLater: (peer) => askLater(healing, peer),
    prepare: (kind, items) =>
      kind === 'evidence' ? prepareEvidence(items) : (prepareErasure(kind, items) ?? deps.prepare(kind, items)),
  }
  const healing: HealDeps = {
    store,
    caller,
    sourceOf: (peer, prefix) => networkSource(network, peer, prefix),
    member: identity.member,
    origin: identity.origin,
    verifiers: () => ownVerifiers(deps),
    nowMs: clock.nowMs,
    logger: deps.logger,
    prepare: pullDeps.prepare,
  }
  /** Who was asked in this run what it holds of our log. */
  const looked = new Set<string>()
  const doubts = new OnceAnHour(clock)
  const moved = new Map<string, Whereabouts>()
  const refusals = new Refusals(store, clock)
  const scheduler = new Scheduler({
    clock,
    jitter: () => (random(1)[0] ?? 0) / 256,
    everyMs: deps.pullSeconds * 1000,
    pull: async (name) => {
      const at = moved.get(name)
      const result = await pullOnce(pullDeps, name, at)
      if (moved.get(name) === at) moved.delete(name)
      const peer = await findPeer(store, name)
      if (peer !== undefined && !looked.has(name)) await look(peer).catch(notSaid)
      if (peer !== undefined) await rounds.gossip(peer).catch((error: unknown) => notTold(name, error))
      return result
    },
    hint: (peer) => sendHint({ store, caller, origin: identity.origin }, peer),
    onError: (name, error) => {
      const reason = error instanceof Error ? error.message : String(error)
      deps.logger.info({ peer: name, reason }, 'a round with a peer failed')
      void refusals.note({ member: name, at: 'round', error })
    },
  })
  /** Also those who get nothing of it are told that the log grew, a little later: they are its witnesses. */
  let asking: Disposable | undefined
  let stopping: Disposable | undefined
  let grownMs = 0
  const askForWitnesses = (): void => {
    asking ??= clock.after(LIMITS.witnessHintMs, () => {
      asking = undefined
      scheduler.hintUnlessSince(grownMs)
    })
  }
  const committer = new HeadCommitter(store, clock)
  const answering = new Asking()
  const subscription = store.onCommit((events) => {
    if (events.some((event) => event.name === 'log.grown')) {
      grownMs = clock.nowMs()
      askForWitnesses()
    }
    if (events.some((event) => event.name === 'policy.changed')) void store.write(askToWiden, null).catch(() => {})
    if (events.some((event) => event.name === 'federation.peers')) refreshSoon()
    const said = events.some((event) => event.name === 'federation.said')
    const replaced = events.some((event) => event.name === 'log.replaced')
    if (events.some((event) => event.name === 'federation.heads-due')) void committer.soon()
    if (replaced && publisher.hasBegun) publisher.publishSoon()
    // One hint for what is new and for the heads that commit to it: a second one would hold up what is said next. All
    // peers get it alike, for the times at which they then witness the log are shown to everybody.
    if (said || replaced)
      void committer.soon().then(() => {
        if (said) scheduler.hintAll()
      })
  })
  const hearing: HearDeps = {
    store,
    origin: identity.origin,
    logger: deps.logger,
    hinted: (name) => scheduler.pullOnHearsay(name),
    doubted: (peer) => void (doubts.isDue(peer.name) && look(peer).catch(notSaid)),
    refused: (peer, error) => void refusals.note({ member: peer.name, at: 'POST /peer/heads', error }),
  }
  const bundles = makeBundleDesk({
    pull: pullDeps,
    give: { store, egress: deps.egress, withdrawnOf: deps.withdrawnOf },
    identity,
    seeds: deps.seeds,
    random,
    publisher,
    rounds,
    scheduler,
    hearing,
  })
  const refresh = async (): Promise<void> =>
    scheduler.setPeers(
      (await listPeers(store)).filter(({ state, document }) => state === 'approved' && !hasNoNetwork(document)),
    )
  /** Where nobody waits for it: it is tried again with the next change. */
  const refreshSoon = (): void =>
    void refresh().catch((err: unknown) => deps.logger.warn({ err }, 'who is a peer could not be read again'))
  const notSaid = (error: unknown): void => publisher.failed(error)
  const notTold = (peer: string, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error)
    deps.logger.info({ peer, reason }, 'a peer was not told of heads')
  }
  const look = async (peer: Peer): Promise<void> => {
    const { known, conflict } = await lookElsewhere(healing, peer)
    looked.add(peer.name)
    if (conflict !== undefined) deps.logger.warn({ peer: peer.name }, conflict)
    if (known !== undefined) await publisher.catchUp(peer.name, known, { publish: conflict === undefined })
  }
  return {
    deps,
    caller,
    witnessing: { store, clock, cosigners },
    silentWitnesses: () => submitter.silent(),
    hearing,
    traffic,
    bundles,
    healing,
    pairing: {
      store,
      outbound,
      clock,
      random,
      member: identity.member,
      ownDocument: () => requireOwnDocument(store),
    },
    jobs: {
      [WIDEN_JOB]: async (payload, peer) => {
        await answering.answered()
        return store.write(widen, { ...(payload as WidenStep), peer })
      },
      [EARLY_JOB]: (payload) => useEarly({ ...pullDeps, nowMs: clock.nowMs }, payload),
      [PASS_ON_JOB]: async (_payload, origin) => store.write(passOnEvidence, { origin }),
      [RECEIPTS_JOB]: async (payload) => ((await store.write(writeReceipts, null)) ? payload : undefined),
    },
    asking: answering,
    nonces: new NonceMemory(),
    refusals,
    startedMs: clock.nowMs(),
    self: () => publisher.self,
    describe: (actor, change) => publisher.describe(actor, change),
    publish: async () => void (await publisher.publish()),
    start: async () => {
      await stopAfterLeaving(store, identity.member)
      await publisher.publish()
      await store.write(describePeers, null)
      await store.write(askToWiden, null)
      for (const kind of [RECEIPTS_JOB, EARLY_JOB]) await store.write(enqueueJob, { kind, key: '' })
      if (!deps.network) return
      await refresh()
      scheduler.start()
      submitter.start()
      void committer.soon()
    },
    renewTls: (tls) => publisher.renewTls(tls),
    leave: async (actor, confirm) => {
      if (confirm !== identity.member)
        throw new Fault('input.invalid', `this member is ${identity.member}; nothing was done`, { place: 'confirm' })
      const { index } = await store.write(leave, { actor })
      stopping = clock.after(LIMITS.leaveMs, () => void stopAfterLeaving(store, identity.member).catch(notSaid))
      return { index }
    },
    pullPeer: (name) => scheduler.pullNow(name),
    hinted: (name, node) => {
      if (node !== undefined) moved.set(name, node)
      scheduler.pullSoon(name)
    },
    verifiersOf: async (log) => (log === OWN_LOG ? ownVerifiers(deps) : verifiersOf(store, log)),
    viaOf: (statement) => viaOf(store, statement),
    disputeOf: (statement) => disputeOf(store, statement),
    recipientsOf: (statement) => recipientsOf(deps, statement),
    answersTo: (statement) => answersTo(store, statement),
    principals: async () => {
      const approved = (await listPeers(store)).filter(({ state }) => state === 'approved')
      return Promise.all(
        approved.map(async ({ name }) => ({
          name: `member:${name}`,
          principal: await loadPrincipal(store, name, 'peer'),
        })),
      )
    },
    witnessedOf: (index) => witnessedOf(store, index),
    witnessesOf: (log) => witnessesOf({ deps }, log),
    [Symbol.asyncDispose]: async () => {
      outbound[Symbol.dispose]()
      subscription[Symbol.dispose]()
      submitter[Symbol.dispose]()
      committer[Symbol.dispose]()
      await traffic[Symbol.asyncDispose]()
      asking?.[Symbol.dispose]()
      stopping?.[Symbol.dispose]()
      publisher[Symbol.dispose]()
      await scheduler[Symbol.asyncDispose]()
    },
  }
}

/** Every key that signed this member's log, and those it has now. */
async function ownVerifiers({ store, logKeys }: FederationDeps): Promise<NoteVerifier[]> {
  const vkeys = (await loadLogKeys(store, OWN_LOG)).map(({ vkey }) => vkey)
  return [...new Set([...vkeys, ...logKeys.vkeys])].map((vkey) => noteVerifier(vkey))
}

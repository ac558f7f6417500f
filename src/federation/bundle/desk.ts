// Exchange without a network, as the node does it: bundles written for a peer, and read as a round with one.
import type { Random } from '#kernel/clock.ts'
import type { Identity } from '#kernel/data-folder.ts'
import type { Seeds } from '#kernel/key-file.ts'
import { Fault } from '#kernel/fault.ts'
import { bech32Identity } from '#kernel/recipient.ts'
import type { Reader } from '#kernel/store/types.ts'
import { hasNoNetwork, parseNodeDocument } from '../document.ts'
import { loadOwnDocument } from '../own-document.ts'
import type { Peer } from '../peers.ts'
import type { Publisher } from '../publisher.ts'
import { pullOnce, type PullDeps } from '../pull.ts'
import type { Scheduler } from '../scheduler.ts'
import type { HearDeps } from '../witness/hear.ts'
import type { WitnessRounds } from '../witness/rounds.ts'
import { lookIntoBundle, type LookDeps } from './look.ts'
import { readBundle, type ReadDeps } from './read.ts'
import { RefusedBundles } from './refused.ts'
import type { GiveDeps } from '../give.ts'
import type { BundleEvent, BundleLook } from './wire.ts'
import { writeBundle, type WriteRequest } from './write.ts'

export type BundleDesk = {
  readonly write: (peer: Peer, request: WriteRequest) => AsyncGenerator<Uint8Array>
  readonly read: (actor: string, file: AsyncIterable<Uint8Array>) => AsyncGenerator<BundleEvent>
  readonly look: (file: AsyncIterable<Uint8Array>) => Promise<BundleLook>
}

export type BundleDeskDeps = {
  readonly pull: PullDeps
  readonly give: GiveDeps
  readonly identity: Identity
  readonly seeds: Seeds
  readonly random: Random
  readonly publisher: Publisher
  readonly rounds: WitnessRounds
  readonly scheduler: Scheduler
  readonly hearing: HearDeps
}

export function makeBundleDesk(deps: BundleDeskDeps): BundleDesk {
  const { pull, identity, seeds, publisher, rounds, scheduler, hearing } = deps
  const { store, clock } = pull
  const reader = (): LookDeps => ({
    store,
    member: identity.member,
    identities: [seeds.recipient, ...seeds.earlierRecipients].map((seed) => bech32Identity(seed)),
  })
  // A file answers no question: who has a network is asked there.
  const byFile = {
    ...pull,
    witness: rounds.cosign,
    askWhatIsHeld: ({ document }: Peer) => Promise.resolve(hasNoNetwork(document)),
    askAgain: () => Promise.resolve(),
    askLater: () => Promise.resolve(),
  }
  const round: ReadDeps['round'] = (name, source) =>
    scheduler.instead(name, () => pullOnce({ ...byFile, sourceOf: () => source }, name))
  const refused = new RefusedBundles(store, clock)
  return {
    write: async function* (peer, request) {
      await publisher.prepare()
      await demandOwnDocument(store, identity)
      const parts = { newId: () => deps.random(16).toHex(), nowMs: clock.nowMs, linesFor: rounds.linesFor }
      const own = { member: identity.member, origin: identity.origin, key: publisher.requestKey() }
      yield* writeBundle({ ...deps.give, ...own, ...parts }, peer, request)
    },
    read: (actor, file) => refused.watch(actor, readBundle({ ...reader(), hearing, round }, actor, file)),
    look: (file) => lookIntoBundle(reader(), file),
  }
}

/** A bundle is signed by the keys of today: nobody could read one with a document from before a recovery. */
async function demandOwnDocument(store: Reader, { origin }: Identity): Promise<void> {
  const bytes = await loadOwnDocument(store)
  const parsed = bytes === undefined ? undefined : parseNodeDocument(bytes)
  if (parsed?.ok === true && parsed.document.log.origin === origin) return
  throw new Fault('conflict', 'this node has not said its keys since it has its log: nobody could read the bundle', {
    remedy: 'Start it first: comity serve',
  })
}

// What a peer says about heads, whichever way it came: heads of third members' logs that it saw, and its lines for ours.
import type { Logger } from 'pino'
import { Fault } from '#kernel/fault.ts'
import type { Store } from '#kernel/store/types.ts'
import { witnessVkeys } from '../document.ts'
import type { Peer } from '../peers.ts'
import { raiseAlarm } from './alarm.ts'
import { judgeHeard, noteFollower, openOwn } from './gossip.ts'
import { takeCosignatures } from './trust.ts'

export type HearDeps = {
  readonly store: Store
  readonly origin: string
  readonly logger: Pick<Logger, 'warn'>
  /** A peer's log has grown beyond what is mirrored. */
  readonly hinted: (member: string) => void
  /** A peer speaks of a head of ours that is not here: whether our keys signed it must be seen, now and then. */
  readonly doubted: (peer: Peer) => void
  /** A peer passed on what does not hold, and is not told so. */
  readonly refused: (peer: Peer, error: Fault) => void
}

/**
 * Holds a head that a peer passed on against what is known here. Throws for one of our own log that our keys did not sign,
 * and for what is out of form; one that another log did not sign is noted and not told: a refusal would say whose peers we
 * are.
 */
export async function hearHead(deps: HearDeps, from: Peer, text: string): Promise<void> {
  const { store, origin: own, logger, hinted, refused } = deps
  const { verdict, member, origin, reason } = await judgeHeard(store, own, text)
  // Whoever has a head that is of the history mirrored here may be told of that log in turn: a member that gets files alone
  // gives its line too late to be seen under one. Who asks `/witness` as anybody may is told as much.
  if (origin !== undefined) await store.write(noteFollower, { origin, members: [from.name] })
  if (verdict === 'unsigned')
    refused(from, new Fault('input.invalid', `a head is not signed by its log: ${reason ?? ''}`))
  if (verdict === 'newer' && member !== undefined) hinted(member)
  if (verdict === 'fork') logger.warn({ peer: from.name, about: member }, 'a fork was found by what a peer passed on')
  if (verdict === 'alarm')
    await alarm(deps, from, 'heads signed with this member’s keys are about that are not of this log')
}

/**
 * Takes a peer's lines for a head of our log. Returns how many hold. Anybody can write down a head and lines for it: only
 * where our own keys signed it, too, people are told, and else the peer is asked for one that they signed.
 */
export async function hearLines(deps: HearDeps, from: Peer, note: Uint8Array): Promise<number> {
  const { store, origin, doubted } = deps
  try {
    const vkeys = witnessVkeys(from.document)
    return await takeCosignatures(store, { origin, note, vkeys, witness: from.name })
  } catch (error) {
    if (error instanceof Fault && error.code === 'log.fork') {
      if ((await openOwn(store, note)).ok) await alarm(deps, from, error.message)
      else doubted(from)
    }
    throw error
  }
}

/** Somebody signs under this member's name what this node did not: people must know at once. */
async function alarm({ store, logger, doubted }: HearDeps, from: Peer, reason: string): Promise<void> {
  if (await store.write(raiseAlarm, { member: from.name, reason }))
    logger.warn({ peer: from.name, reason }, 'this log may have a second history')
  doubted(from)
}

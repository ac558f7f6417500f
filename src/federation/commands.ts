// Every command of federation, for the writer's list. What statements of peers mean is given by whoever composes it.
import type { AnyCommand } from '#kernel/store/types.ts'
import { applyDeliveries, type Appliers } from './apply.ts'
import { dropStaged, mirrorLeaves, renewHead, stageLeaves } from './mirror-store.ts'
import { answerEraseCommand, writeReceipts } from './erasure/answer.ts'
import type { EraseHooks } from './erasure/apply.ts'
import { askToWiden, widenCommand } from './walk.ts'
import { askedAgain, giveOnceMore } from './forward/again.ts'
import { beginAgain, giveAgain, skipGap } from './gap.ts'
import { noteGiven } from './give.ts'
import { commitHeads } from './heads/commit.ts'
import { noteHead } from './heads/told.ts'
import { noteHeld } from './heal/held.ts'
import { meetRestored } from './heal/restored.ts'
import {
  beginHealing,
  finishHealing,
  giveUpLeaves,
  settleStream,
  takeBackCommand,
  type Returners,
} from './heal/commands.ts'
import { noteTraffic, setBudget } from './traffic.ts'
import { useEarlyCommand } from './use-early.ts'
import { beginPart, endPart, noteRead } from './bundle/store.ts'
import { leave } from './leave.ts'
import { keepDocumentHead, publishDocument } from './own-document.ts'
import { raiseAlarm } from './witness/alarm.ts'
import { passOnEvidence, recordFork } from './witness/fork.ts'
import { noteFollower } from './witness/gossip.ts'
import { saveCosignatures, saveWitnessed, setTrustPolicy } from './witness/store.ts'
import { describePeers, setPeer } from './peer-standing.ts'
import { addInvitation, addPeer, admitStranger } from './meet.ts'
import { approvePeer, noteConfirmed, noteContact, removePeer, renewDocument } from './peers.ts'

export function federationCommands(
  appliers: Appliers,
  returners: Returners,
  { forget, copies }: Pick<EraseHooks, 'forget' | 'copies'>,
): AnyCommand[] {
  return [
    answerEraseCommand(forget, copies),
    writeReceipts,
    takeBackCommand(returners),
    beginHealing,
    finishHealing,
    meetRestored,
    noteHeld,
    askedAgain,
    giveOnceMore,
    settleStream,
    giveUpLeaves,
    applyDeliveries(appliers),
    useEarlyCommand(appliers),
    mirrorLeaves,
    stageLeaves,
    renewHead,
    dropStaged,
    commitHeads,
    noteHead,
    noteGiven,
    skipGap,
    beginAgain,
    giveAgain,
    askToWiden,
    describePeers,
    setPeer,
    widenCommand(appliers.withdrawn),
    publishDocument,
    leave,
    keepDocumentHead,
    addInvitation,
    addPeer,
    admitStranger,
    approvePeer,
    removePeer,
    noteContact,
    noteConfirmed,
    saveWitnessed,
    saveCosignatures,
    setTrustPolicy,
    recordFork,
    passOnEvidence,
    raiseAlarm,
    noteFollower,
    renewDocument,
    noteTraffic,
    setBudget,
    beginPart,
    endPart,
    noteRead,
  ] as unknown as AnyCommand[]
}

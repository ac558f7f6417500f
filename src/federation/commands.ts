// Every command of federation, for the writer's list. What statements of peers mean is given by whoever composes it.
import type { AnyCommand } from '#kernel/store/types.ts'
import { applyDeliveries, dropStaged, mirrorLeaves, stageLeaves, type Appliers } from './apply.ts'
import { askToWiden, widen } from './deliver.ts'
import { publishDocument } from './own-document.ts'
import { addInvitation, addPeer, approvePeer, noteContact, removePeer, renewDocument } from './peers.ts'

export function federationCommands(appliers: Appliers): AnyCommand[] {
  return [
    applyDeliveries(appliers),
    mirrorLeaves,
    stageLeaves,
    dropStaged,
    askToWiden,
    widen,
    publishDocument,
    addInvitation,
    addPeer,
    approvePeer,
    removePeer,
    noteContact,
    renewDocument,
  ] as unknown as AnyCommand[]
}

// What the writer's thread runs of sharing.
export {
  applyPut,
  applyWithdraw,
  collectionOfPeer,
  quarantine,
  releaseQuarantined,
  returnedCollection,
  returnPut,
  returnWithdraw,
  type ForeignRecord,
} from './apply-command.ts'
export { sharingCommands } from './commands.ts'
export { indexContext } from './context.ts'
export { forgetRecords, hideRecords, scrubValues, scrubWords } from './forget.ts'
export { sharingMigrations } from './migrations.ts'
export { copiesOf } from './record-store.ts'
export { withdrawnIn } from './withdrawn.ts'

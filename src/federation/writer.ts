// What the writer's thread runs of federation.
export { applyErase, applyReceipt, noteWithdrawal, returnErase } from './erasure/apply.ts'
export { federationCommands } from './commands.ts'
export { deliverSealed } from './deliver.ts'
export { applyLogEnd } from './leave.ts'
export { federationMigrations } from './migrations.ts'
export { applyEvidence, returnEvidence } from './witness/fork.ts'

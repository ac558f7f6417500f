// Composition root of the writer: everything that may change the store, in one list. `writer-thread.ts` runs it in a
// thread of its own, tests in theirs. Kinds of statements find their meaning here.
import { pruneAudit, recordDeed } from '#kernel/audit.ts'
import { recordAnswer } from '#kernel/egress.ts'
import { jobCommands } from '#kernel/job.ts'
import { kernelMigrations } from '#kernel/migrations.ts'
import { decideForReader } from '#kernel/policy/judge.ts'
import { setRules } from '#kernel/policy/own-rules.ts'
import type { AnyCommand, WriterProgram } from '#kernel/store/types.ts'
import { applyEvidence, deliverSealed, federationCommands, federationMigrations } from '#federation/api.ts'
import {
  applyPut,
  applyWithdraw,
  indexContext,
  quarantine,
  returnedCollection,
  returnPut,
  returnWithdraw,
  sharingCommands,
  sharingMigrations,
  type ForeignRecord,
} from '#sharing/api.ts'
import { identityCommands, identityMigrations } from '#identity/api.ts'
import { warningCommands, warningMigrations } from '#warning/api.ts'

export const writerProgram: WriterProgram = {
  migrations: [
    ...kernelMigrations,
    ...sharingMigrations,
    ...federationMigrations,
    ...warningMigrations,
    ...identityMigrations,
  ],
  commands: [
    ...([recordAnswer, recordDeed, pruneAudit, decideForReader, setRules, ...jobCommands] as unknown as AnyCommand[]),
    ...sharingCommands,
    ...warningCommands,
    ...identityCommands,
    ...federationCommands(
      {
        kinds: {
          'records.put': (tx, statement, prepared) =>
            applyPut(tx, statement, prepared as (ForeignRecord | undefined)[]),
          'records.withdraw': applyWithdraw,
          evidence: applyEvidence(quarantine),
        },
        context: indexContext,
        quarantine,
      },
      {
        collection: returnedCollection,
        context: indexContext,
        kinds: {
          'records.put': (tx, statement, prepared) =>
            returnPut(tx, statement, prepared as (ForeignRecord | undefined)[]),
          'records.withdraw': returnWithdraw,
        },
      },
    ),
  ],
  sealing: [deliverSealed],
}

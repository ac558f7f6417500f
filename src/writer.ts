// Composition root of the writer: everything that may change the store, in one list. `writer-thread.ts` runs it in a
// thread of its own, tests in theirs. Kinds of statements find their meaning here.
import { pruneAudit, recordAtTimes, recordDeed } from '#kernel/audit.ts'
import { freezeLog } from '#kernel/log/freeze.ts'
import { dropKept, sayKeptCommand } from '#kernel/log/kept.ts'
import { recordAnswer } from '#kernel/egress.ts'
import { noteBackup } from './backups/commands.ts'
import { jobCommands } from '#kernel/job.ts'
import { kernelMigrations } from '#kernel/migrations.ts'
import { decideForReader } from '#kernel/policy/judge.ts'
import { setRules } from '#kernel/policy/own-rules.ts'
import type { Forget } from '#kernel/log/erase-store.ts'
import { scrubCommands } from '#kernel/store/scrub.ts'
import type { AnyCommand, Tx, WriterProgram } from '#kernel/store/types.ts'
import {
  applyErase,
  applyEvidence,
  applyLogEnd,
  applyReceipt,
  deliverSealed,
  federationCommands,
  federationMigrations,
  noteWithdrawal,
  returnErase,
  returnEvidence,
} from '#federation/writer.ts'
import {
  applyPut,
  collectionOfPeer,
  applyWithdraw,
  forgetRecords,
  hideRecords,
  copiesOf,
  indexContext,
  quarantine,
  releaseQuarantined,
  returnedCollection,
  returnPut,
  returnWithdraw,
  scrubValues,
  scrubWords,
  sharingCommands,
  sharingMigrations,
  withdrawnIn,
  type ForeignRecord,
} from '#sharing/writer.ts'
import { identityCommands, identityMigrations } from '#identity/writer.ts'
import { forgetWarnings, noteLateRecords, warningCommands, warningMigrations } from '#warning/writer.ts'

/** Everything made from the items of statements that are being erased. */
const forget: Forget = (tx, seqs) => {
  forgetWarnings(tx, { seqs, named: forgetRecords(tx, seqs) })
}

type Put<S> = (tx: Tx, statement: S, records: readonly (ForeignRecord | undefined)[]) => void

/** Adds the records of a statement that came, of which the search for warnings hears also where it has passed their numbers. */
function searched<S extends { readonly seq: number }>(put: Put<S>) {
  return (tx: Tx, statement: S, prepared: unknown): void => {
    const records = prepared as readonly (ForeignRecord | undefined)[]
    noteLateRecords(
      tx,
      records.flatMap((record, place) => (record === undefined ? [] : [statement.seq + place])),
    )
    put(tx, statement, records)
  }
}

const commands: readonly AnyCommand[] = [
  ...([
    recordAnswer,
    recordDeed,
    recordAtTimes,
    freezeLog,
    pruneAudit,
    decideForReader,
    setRules,
    ...jobCommands,
    noteBackup,
  ] as unknown as AnyCommand[]),
  ...sharingCommands(forget),
  ...warningCommands,
  ...identityCommands,
  ...federationCommands(
    {
      kinds: {
        'records.put': searched(applyPut),
        'records.withdraw': (tx, statement, prepared) => {
          if (applyWithdraw(tx, statement, prepared)) noteWithdrawal(tx, statement)
        },
        erase: applyErase({ forget, hide: hideRecords, copies: copiesOf, quarantine }),
        receipt: applyReceipt({ quarantine }),
        evidence: applyEvidence(quarantine),
        'log-end': applyLogEnd,
      },
      context: indexContext,
      quarantine,
      release: releaseQuarantined,
      withdraw: applyWithdraw,
      withdrawn: withdrawnIn,
      collection: collectionOfPeer,
    },
    {
      collection: returnedCollection,
      context: indexContext,
      kinds: {
        'records.put': searched(returnPut),
        'records.withdraw': returnWithdraw,
        erase: returnErase(forget),
        evidence: returnEvidence,
      },
    },
    { forget, copies: copiesOf },
  ),
  ...scrubCommands([scrubValues, scrubWords('record_text'), scrubWords('context_text')]),
]

export const writerProgram: WriterProgram = {
  migrations: [
    ...kernelMigrations,
    ...sharingMigrations,
    ...federationMigrations,
    ...warningMigrations,
    ...identityMigrations,
  ],
  commands: [...commands, dropKept, sayKeptCommand(commands)] as unknown as AnyCommand[],
  sealing: [deliverSealed],
}

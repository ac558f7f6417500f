// Composition root of the writer: everything that may change the store, in one list. `writer-thread.ts` runs it in a
// thread of its own, tests in theirs.
import { pruneAudit, recordDeed } from '#kernel/audit.ts'
import { recordAnswer } from '#kernel/egress.ts'
import { jobCommands } from '#kernel/job.ts'
import { kernelMigrations } from '#kernel/migrations.ts'
import type { AnyCommand, WriterProgram } from '#kernel/store/types.ts'
import { sharingCommands } from '#sharing/commands.ts'
import { sharingMigrations } from '#sharing/migrations.ts'

export const writerProgram: WriterProgram = {
  migrations: [...kernelMigrations, ...sharingMigrations],
  commands: [recordAnswer, recordDeed, pruneAudit, ...jobCommands, ...sharingCommands] as unknown as AnyCommand[],
  sealing: [],
}

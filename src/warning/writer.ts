// What the writer's thread runs of warning.
export { forgetWarnings, warningCommands } from './commands.ts'
export { noteLateRecords } from './late.ts'
export { warningMigrations } from './migrations.ts'

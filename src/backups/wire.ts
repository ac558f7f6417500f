// The shapes of backups as people see them: those that lie in the folder, and the one that is being made or checked.
import Type, { type Static } from 'typebox'

export const BACKUP_WORK = ['make', 'check'] as const

export const BackupShape = Type.Object({
  name: Type.String({ description: 'The name of its folder.' }),
  time: Type.String({ description: 'RFC 3339: as of when.' }),
  member: Type.String(),
  version: Type.String({ description: 'Of the program that made it.' }),
  bytes: Type.Integer(),
  checked: Type.Optional(
    Type.Object({
      time: Type.String(),
      damaged: Type.Array(Type.String(), { description: 'Files that are missing or not as they were; none: whole.' }),
    }),
  ),
})
export type BackupView = Static<typeof BackupShape>

/** GET /backups. */
export const BackupsShape = Type.Object({
  folder: Type.Optional(Type.String({ description: 'Where they lie (backup.folder); absent where none is set.' })),
  items: Type.Array(BackupShape, { description: 'Newest first.' }),
  work: Type.Optional(
    Type.Object({
      kind: Type.Enum([...BACKUP_WORK]),
      name: Type.String(),
      since: Type.String(),
      done: Type.Integer(),
      all: Type.Integer({ description: 'Statements to copy, or files to read; 0 while it is not known.' }),
    }),
  ),
  failed: Type.Optional(
    Type.Object(
      { kind: Type.Enum([...BACKUP_WORK]), name: Type.String(), time: Type.String(), reason: Type.String() },
      { description: 'What went wrong last, until something went well.' },
    ),
  ),
})
export type BackupsView = Static<typeof BackupsShape>

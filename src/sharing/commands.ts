// Every command of sharing, for the writer's list.
import type { AnyCommand } from '#kernel/store/types.ts'
import { addCollection, setCollection } from './collection.ts'
import { putRecords } from './put-command.ts'
import { addClient, revokeClient, saveStatus, setGrants } from './taxii-server/client-commands.ts'
import { withdrawRecords } from './withdraw-command.ts'

export const sharingCommands = [
  putRecords,
  withdrawRecords,
  addCollection,
  setCollection,
  addClient,
  revokeClient,
  setGrants,
  saveStatus,
] as unknown as AnyCommand[]

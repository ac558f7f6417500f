// Every command of sharing, for the writer's list.
import type { Forget } from '#kernel/log/erase-store.ts'
import type { AnyCommand } from '#kernel/store/types.ts'
import { addCollection, setCollection } from './collection.ts'
import { eraseRecordsCommand } from './erase-command.ts'
import { feedCommands } from './feeds/commands.ts'
import { letGoCommand } from './let-go-command.ts'
import { putRecords } from './put-command.ts'
import { reindex } from './reindex.ts'
import { addClient, revokeClient, saveStatus, setGrants } from './taxii-server/client-commands.ts'
import { withdrawRecords } from './withdraw-command.ts'

/** `forget`: how every capability lets go of what is erased. */
export function sharingCommands(forget: Forget): AnyCommand[] {
  return [
    putRecords,
    withdrawRecords,
    eraseRecordsCommand(forget),
    letGoCommand(forget),
    reindex,
    addCollection,
    setCollection,
    addClient,
    revokeClient,
    setGrants,
    saveStatus,
    ...feedCommands,
  ] as unknown as AnyCommand[]
}

// One process works on a data folder at a time: two would sign two histories. The lock is the operating system's on a small
// SQLite file, so it ends with the process however that ends, and a copy of the folder does not carry it along.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'

/** Takes the folder until disposed; waits a moment for a process that is just ending. Throws `conflict` where another has it. */
export function lockFolder(path: string): Disposable {
  const database = new DatabaseSync(join(path, 'lock'), { timeout: LIMITS.folderLockMs })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw new Fault('conflict', 'another process works on this data folder', {
      place: path,
      cause,
      remedy: 'Stop it first, or use the node that runs. Two processes on one folder would sign two histories.',
    })
  }
  return { [Symbol.dispose]: () => database.close() }
}

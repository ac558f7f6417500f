// The last signed checkpoint, kept in a file of its own beside the database and synced before anything is
// answered. A database that was rolled back (an old copy, a lost disk write) is found out by it, before a second
// history is signed. Same idea as Sunlight's lock back end: two places that cannot both go back unseen.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export type HeadFile = {
  readonly read: () => Uint8Array | undefined
  /** Temporary file, fsync, rename, fsync of the directory, in that order: after this returns it is durable. */
  readonly write: (checkpoint: Uint8Array) => void
}

export function headFile(path: string): HeadFile {
  return {
    read: () => {
      try {
        return readFileSync(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    write: (checkpoint) => {
      const temporary = `${path}.new`
      const file = openSync(temporary, 'w', 0o600)
      try {
        writeSync(file, checkpoint)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
      const folder = openSync(dirname(path), 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    },
  }
}

/** A head that lives in memory, for nodes that do (tests in one process). */
export function memoryHead(): HeadFile {
  let kept: Uint8Array | undefined
  return {
    read: () => kept,
    write: (checkpoint) => {
      kept = checkpoint
    },
  }
}

// The file `record-keys` of a data folder. It is made with the first backup or key export, and written anew by each
// erase; what stood in it before is overwritten, as far as the file system lets that be done.
import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemRandom } from './clock.ts'
import { syncPath } from './durable.ts'
import { RecordKeys } from './record-keys.ts'

export const RECORD_KEYS_FILE = 'record-keys'

/** The record keys of a data folder, made now where there are none. */
export function ensureRecordKeys(dataDir: string): RecordKeys {
  const path = join(dataDir, RECORD_KEYS_FILE)
  if (!existsSync(path)) writeNew(path, RecordKeys.create(systemRandom).encode())
  return RecordKeys.decode(readFileSync(path))
}

/** Takes the keys of items away. Does nothing where no key was ever made. */
export function puncture(dataDir: string, seqs: readonly number[]): void {
  const path = join(dataDir, RECORD_KEYS_FILE)
  if (seqs.length === 0 || !existsSync(path)) return
  const before = readFileSync(path)
  const keys = RecordKeys.decode(before)
  for (const seq of seqs) keys.puncture(seq)
  const after = keys.encode()
  if (Buffer.compare(before, after) === 0) return
  const old = openSync(path, 'r+')
  try {
    writeNew(`${path}.new`, after)
    renameSync(`${path}.new`, path)
    syncPath(dirname(path))
    writeSync(old, Buffer.alloc(fstatSync(old).size), 0, undefined, 0)
    fsyncSync(old)
  } finally {
    closeSync(old)
  }
}

function writeNew(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w', 0o600)
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncPath(dirname(path))
}

// Where worlds of many nodes keep their stores: in shared memory where there is plenty, for nothing in them outlives the
// test and every commit would wait for a disk.
import { existsSync, mkdtempDisposableSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SHARED_MEMORY = '/dev/shm'
const PLENTY_BYTES = 4 * 1024 ** 3

/** A folder of its own, which is gone when it is disposed of. */
export function fastFolder(name: string): ReturnType<typeof mkdtempDisposableSync> {
  return mkdtempDisposableSync(join(hasPlenty() ? SHARED_MEMORY : tmpdir(), `comity-${name}-`))
}

function hasPlenty(): boolean {
  if (!existsSync(SHARED_MEMORY)) return false
  const { bavail, bsize } = statfsSync(SHARED_MEMORY)
  return bavail * bsize > PLENTY_BYTES
}

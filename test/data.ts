// Where the real data for tests and benchmarks lies: a folder beside the project, absent in most clones.
// A test that needs a file asks here and skips, saying so, where it is not.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../shared/data/', import.meta.url))

/** The path of a file or folder of the data set, or undefined where the data set is not on this machine. */
export function dataFile(path: string): string | undefined {
  return existsSync(ROOT + path) ? ROOT + path : undefined
}

/** The sentence a test gives when it skips for want of data. */
export const NO_DATA = 'the data folder is not beside this checkout'

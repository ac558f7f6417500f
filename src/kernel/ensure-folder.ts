// Folders that people name.
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from './fault.ts'

/**
 * Makes a folder and those above it, or leaves what is there. Throws `input.invalid` where that cannot be. Node’s own
 * recursive way tries for ever where a folder is there and nothing can be made in it, as in /proc.
 */
export function ensureFolder(path: string, mode = 0o777): void {
  if (isFolder(path)) return
  const above = dirname(path)
  if (above !== path) ensureFolder(above, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO'
    if (code === 'EEXIST' && isFolder(path)) return
    throw new Fault('input.invalid', `the folder cannot be made (${code})`, {
      place: path,
      remedy: code === 'EEXIST' ? 'Something else is there: name another.' : 'Name one where you may write.',
    })
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

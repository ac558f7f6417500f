// Files that people name on the command line: read whole, within a bound, with words where that cannot be.
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { joinBytes } from '#kernel/bytes.ts'
import { Fault } from '#kernel/fault.ts'

export type NamedFile = {
  readonly cwd: string
  /** As it was given; “-” is standard input where `stdin` says so. */
  readonly name: string
  /** What it is to the person: “the file with the policy”. */
  readonly what: string
  readonly bytesMax: number
  readonly stdin?: boolean
}

/** Throws `not-found`, `input.invalid` or `input.too-large` with the file as its place; nothing is read beyond the bound. */
export function readNamed({ cwd, name, what, bytesMax, stdin }: NamedFile): Uint8Array {
  const path = resolve(cwd, name)
  const fd = stdin === true && name === '-' ? 0 : open(path, what)
  try {
    return readBounded(fd, bytesMax)
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault(cause.code, `${what} ${cause.message}`, { place: name, cause })
    throw unreadable(path, what, cause)
  } finally {
    if (fd !== 0) closeSync(fd)
  }
}

/** The same, as text. */
export function readNamedText(file: NamedFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readNamed(file))
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    const remedy = 'Save it as plain text in UTF-8.'
    throw new Fault('input.invalid', `${file.what} is not UTF-8`, { place: file.name, remedy, cause })
  }
}

function open(path: string, what: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    throw unreadable(path, what, cause)
  }
}

const PIECE_BYTES = 64 * 1024

function readBounded(fd: number, bytesMax: number): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let total = 0; ;) {
    const piece = new Uint8Array(PIECE_BYTES)
    const count = readSync(fd, piece)
    if (count === 0) return joinBytes(pieces)
    pieces.push(piece.subarray(0, count))
    total += count
    if (total > bytesMax) throw new Fault('input.too-large', `has more than ${bytesMax} bytes`)
  }
}

/** What the machine refused about a file, as a Fault; undefined for everything else. */
export function fileFault(error: unknown): Fault | undefined {
  const { code = '', path, syscall } = (error ?? {}) as NodeJS.ErrnoException
  const [kind, reason] = REASONS[code] ?? []
  if (kind === undefined || reason === undefined || path === undefined || syscall === 'connect') return undefined
  return new Fault(kind, `this file or folder ${reason}`, { place: path, cause: error })
}

type Kind = 'not-found' | 'input.invalid' | 'storage.failed'
const REASONS: Readonly<Record<string, readonly [Kind, string]>> = {
  ENOENT: ['not-found', 'is not there'],
  EISDIR: ['input.invalid', 'is a folder'],
  ENOTDIR: ['input.invalid', 'lies in what is no folder'],
  EEXIST: ['input.invalid', 'is there already'],
  EACCES: ['input.invalid', 'is not open to this user'],
  EPERM: ['input.invalid', 'is not open to this user'],
  EROFS: ['input.invalid', 'is on a disk that cannot be written'],
  ENOSPC: ['storage.failed', 'does not fit: the disk is full'],
  EIO: ['storage.failed', 'cannot be read or written: the disk reports a failure'],
}

/** For files that are written once: what is there is never overwritten. */
export function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new Fault('conflict', 'there is a file here already; nothing was written', {
      place: path,
      remedy: 'Name a new one.',
    })
}

function unreadable(path: string, what: string, cause: unknown): Fault {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException
  const [kind, reason] = REASONS[code] ?? ['input.invalid', `cannot be read (${code})`]
  return new Fault(kind, `${what} ${reason}`, { place: path, cause })
}

// Where the passphrase of the keys comes from when nobody sits at a terminal: a command that prints it (a password
// manager, a hardware token, a secrets store), or a file that only the owner may read.
import { execFile, type ExecFileException } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'

/** Shorter ones are guessed, however slowly each guess is checked. */
export const PASSPHRASE_CHARS_MIN = 12

/** Gives the passphrase; called only where keys are protected. Throws a Fault where there is none to be had. */
export type Unlock = () => Promise<string>

export type PassphraseSource = {
  /** A program and its arguments; no shell reads them. */
  readonly command?: readonly string[] | undefined
  readonly file?: string | undefined
}

/** The passphrase from the settings, or else from `ask`. */
export function unlockFrom({ command, file }: PassphraseSource, ask: Unlock): Unlock {
  if (command !== undefined) return () => passphraseOfCommand(command)
  if (file !== undefined) return async () => passphraseOfFile(file)
  return ask
}

/** What a command prints, its last line feed apart. Whatever it prints besides is shown to nobody. */
export async function passphraseOfCommand(
  command: readonly string[],
  deadlineMs: number = LIMITS.keyCommandMs,
): Promise<string> {
  const [program = '', ...args] = command
  const place = `the key command ${program}`
  const remedy = 'Run it by hand as the user the node runs as; it must print the passphrase and nothing else.'
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = execFile(
    program,
    args,
    { timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: LIMITS.passphraseBytesMax, encoding: 'utf8' },
    (error, stdout) => {
      if (error === null) return resolve(stdout.replace(/\r?\n$/, ''))
      return reject(new Fault('config.invalid', failureOf(error), { place, remedy }))
    },
  )
  child.stdin?.end()
  return checkedPassphrase(await promise, place)
}

function failureOf(error: ExecFileException): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `the key command printed more than ${LIMITS.passphraseBytesMax} bytes`
  if (error.killed === true) return 'the key command did not end in time'
  if (error.code === 'ENOENT') return 'the key command is not there'
  if (error.code === 'EACCES') return 'the key command may not be run'
  return typeof error.code === 'number'
    ? `the key command ended with ${error.code}`
    : 'the key command could not be run to its end'
}

/** The first line of a file that only its owner may read. */
export function passphraseOfFile(path: string): string {
  let text: string
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw new Fault('config.invalid', 'others on this machine may read the file with the passphrase', {
        place: path,
        remedy: `Run: chmod 600 ${path}`,
      })
    text = readFileSync(path, 'utf8').slice(0, LIMITS.passphraseBytesMax)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('config.invalid', 'the file with the passphrase cannot be read', { place: path, cause })
  }
  return checkedPassphrase(text.split(/\r?\n/, 1)[0] ?? '', path)
}

/** Throws `input.invalid` for a passphrase that is too short to protect anything. */
export function checkedPassphrase(passphrase: string, place: string): string {
  if (passphrase.length >= PASSPHRASE_CHARS_MIN) return passphrase
  throw new Fault('input.invalid', `a passphrase has at least ${PASSPHRASE_CHARS_MIN} characters`, {
    place,
    remedy: 'Six random words are better than one word with digits.',
  })
}

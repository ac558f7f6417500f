// A passphrase from the person at the terminal, not shown while it is typed, or from a file for scripts.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { checkedPassphrase } from '#kernel/passphrase.ts'
import { stringOption, type CliContext, type OptionsSpec } from './args.ts'
import { readNamedText } from './file.ts'

export const PASSPHRASE_OPTION: OptionsSpec = {
  'passphrase-file': {
    type: 'string',
    placeholder: 'FILE',
    description: 'Read the passphrase from the first line of this file (- for standard input) instead of asking.',
  },
}

/** The passphrase; asked for twice where `confirm` is set, for what is encrypted under a mistake is lost. */
export async function readPassphrase(
  context: Pick<CliContext, 'values' | 'cwd'>,
  how: { readonly confirm: boolean; readonly question?: string },
): Promise<string> {
  const file = stringOption(context, 'passphrase-file')
  return file === undefined ? askPassphrase(how) : checkedPassphrase(firstLineOf(file, context.cwd), 'the passphrase')
}

/** Asks the person at the terminal; typing is not shown. */
export async function askPassphrase({
  confirm,
  question = 'Passphrase: ',
}: {
  readonly confirm: boolean
  readonly question?: string
}): Promise<string> {
  const passphrase = checkedPassphrase(await ask(question), 'the passphrase')
  if (confirm && (await ask('Once more: ')) !== passphrase)
    throw new Fault('input.invalid', 'the two are not the same; nothing was written', { place: 'the passphrase' })
  return passphrase
}

function firstLineOf(file: string, cwd: string): string {
  const what = 'the file with the passphrase'
  const text = readNamedText({ cwd, name: file, what, bytesMax: LIMITS.passphraseBytesMax, stdin: true })
  return text.split(/\r?\n/, 1)[0] ?? ''
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Fault('input.invalid', 'there is no terminal to ask for the passphrase', {
      place: 'the command line',
      remedy: 'Set keys.command or keys.passphraseFile, or COMITY_PASSPHRASE_FILE.',
    })
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } catch (cause) {
    throw new Fault('input.invalid', 'no passphrase was given; nothing was written', { place: 'the passphrase', cause })
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

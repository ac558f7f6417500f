import { Fault } from '#kernel/fault.ts'
import type { CliContext, Command } from '../args.ts'
import { requirePositional } from '../args.ts'
import { PASSPHRASE_OPTION } from '../passphrase.ts'
import { exportKeys } from './keys-export.ts'
import { changeKeysPassphrase, protect, unprotect } from './keys-protect.ts'
import { showKeys } from './keys-show.ts'

const VERBS: Readonly<Record<string, (context: CliContext) => Promise<number>>> = {
  show: showKeys,
  export: exportKeys,
  protect,
  unprotect,
  'change-passphrase': changeKeysPassphrase,
}

export const command: Command = {
  name: 'keys',
  summary:
    'The private keys: show the public halves, write all into one encrypted file (a backup holds none), protect them by a passphrase.',
  usage: [
    'keys show',
    'keys export FILE [--passphrase-file FILE]',
    'keys protect [--passphrase-file FILE]',
    'keys unprotect',
    'keys change-passphrase [--passphrase-file FILE]',
  ],
  options: PASSPHRASE_OPTION,
  examples: ['comity keys export /mnt/safe/cert.example.age', 'comity keys protect', 'comity keys show --json'],
  run: async (context) => {
    const verb = requirePositional(context, 0, `one of ${Object.keys(VERBS).join(', ')}`)
    const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (run !== undefined) return run(context)
    throw new Fault('input.invalid', `there is no “keys ${verb.slice(0, 40)}”`, {
      place: 'the command line',
      remedy: `Use one of ${Object.keys(VERBS).join(', ')}.`,
    })
  },
}

import { Fault } from '#kernel/fault.ts'
import type { CliContext, Command } from '../args.ts'
import { PASSPHRASE_OPTION } from '../passphrase.ts'
import { exportKeys } from './keys-export.ts'
import { writeIdentity } from './keys-identity.ts'
import { changeKeysPassphrase, protect, unprotect } from './keys-protect.ts'
import { makeRecoveryKey } from './keys-recovery.ts'
import { rotate } from './keys-rotate.ts'
import { listKeys, showKeys } from './keys-show.ts'

const VERBS: Readonly<Record<string, (context: CliContext) => Promise<number>>> = {
  list: listKeys,
  show: showKeys,
  export: exportKeys,
  identity: writeIdentity,
  protect,
  unprotect,
  'change-passphrase': changeKeysPassphrase,
  rotate,
  recovery: makeRecoveryKey,
}

export const command: Command = {
  name: 'keys',
  summary:
    'The private keys: list and rotate them, write all into one encrypted file (a backup holds none), protect them by a passphrase.',
  usage: [
    'keys [list]',
    'keys show',
    'keys rotate log|http|witness|recipient [--overlap DAYS] [--finish]',
    'keys export FILE [--passphrase-file FILE]',
    'keys identity FILE',
    'keys recovery',
    'keys protect [--passphrase-file FILE]',
    'keys unprotect',
    'keys change-passphrase [--passphrase-file FILE]',
  ],
  options: {
    overlap: {
      type: 'string',
      placeholder: 'DAYS',
      description: 'With rotate: how long the old keys stay in use beside the new ones (default 7).',
    },
    finish: { type: 'boolean', description: 'With rotate: delete the old keys, once the new ones were announced.' },
    ...PASSPHRASE_OPTION,
  },
  examples: ['comity keys export /mnt/safe/cert.example.age', 'comity keys protect', 'comity keys show --json'],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (run !== undefined) return run(context)
    throw new Fault('input.invalid', `there is no “keys ${verb.slice(0, 40)}”`, {
      place: 'the command line',
      remedy: `Use one of ${Object.keys(VERBS).join(', ')}.`,
    })
  },
}

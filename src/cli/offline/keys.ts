import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { formatTime } from '#kernel/clock.ts'
import { openDataFolder } from '#kernel/data-folder.ts'
import { syncPath } from '#kernel/durable.ts'
import { Fault } from '#kernel/fault.ts'
import { signingKey } from '#kernel/key.ts'
import { witnessKeys } from '#kernel/key-file.ts'
import { bech32Recipient } from '#kernel/recipient.ts'
import { requirePositional, type CliContext, type Command } from '../args.ts'
import { PASSPHRASE_OPTION, readPassphrase } from '../passphrase.ts'
import { closeKeyBox, KEY_FILES, TLS_FILES } from './key-box.ts'

export const command: Command = {
  name: 'keys',
  summary:
    'Write the private keys into one file, encrypted under a passphrase (age). A backup holds no keys: without them nothing restored can speak.',
  usage: ['keys export FILE [--passphrase-file FILE]', 'keys show'],
  options: PASSPHRASE_OPTION,
  examples: ['comity keys export /mnt/safe/cert.example.age', 'comity keys show --json'],
  run: async (context) => {
    const verb = requirePositional(context, 0, '“export” or “show”')
    if (verb === 'export') return exportKeys(context)
    if (verb === 'show') return showKeys(context)
    throw new Fault('input.invalid', `there is no “keys ${verb.slice(0, 40)}”`, {
      place: 'the command line',
      remedy: 'Use “keys export FILE” or “keys show”.',
    })
  },
}

async function exportKeys(context: CliContext): Promise<number> {
  const { out, clock, cwd, dataDir } = context
  const target = resolve(cwd, requirePositional(context, 1, 'the file to write'))
  const { identity } = openDataFolder(dataDir)
  refuseExisting(target)
  const files: Record<string, string> = {}
  for (const name of [...KEY_FILES, ...TLS_FILES]) {
    const path = join(dataDir, 'keys', name)
    if (existsSync(path)) files[name] = readFileSync(path, 'utf8')
  }
  const passphrase = await readPassphrase(context, { confirm: true })
  const time = formatTime(clock.nowMs())
  const text = await closeKeyBox(
    { format: 1, member: identity.member, origin: identity.origin, time, files },
    passphrase,
  )
  refuseExisting(target)
  const file = openSync(target, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncPath(dirname(target))
  out.line(`The keys of ${identity.member} are in ${target}, encrypted.`)
  out.line('Keep it and the passphrase in two places, neither of them this machine.')
  out.data({ file: target, member: identity.member, time, keys: Object.keys(files) })
  return 0
}

function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new Fault('conflict', 'there is a file here already; nothing was written', {
      place: path,
      remedy: 'Name a new one.',
    })
}

/** The public halves, to compare or to hand out. */
function showKeys({ out, dataDir }: CliContext): number {
  const { identity, seeds } = openDataFolder(dataDir)
  const { member, origin, vkeys, recoveryHash } = identity
  const witness = witnessKeys(`${member}/witness`, seeds.witness).map((key) => key.vkey)
  const http = Buffer.from(signingKey('ed25519', seeds.http).publicKey).toString('base64url')
  const recipient = bech32Recipient(seeds.recipient)
  out.line(`${member}, log ${origin}`)
  for (const vkey of vkeys) out.line(`  ${vkey}`)
  out.line('witness')
  for (const vkey of witness) out.line(`  ${vkey}`)
  out.line(`requests (Ed25519)\n  ${http}`)
  out.line(`files for this member (age)\n  ${recipient}`)
  if (recoveryHash !== undefined) out.line(`recovery key (SHA-256)\n  ${recoveryHash}`)
  out.data({ member, origin, vkeys, witness, http, recipient, recoveryHash })
  return 0
}

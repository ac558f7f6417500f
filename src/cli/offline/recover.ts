import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '#kernel/clock.ts'
import { readIdentity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { lockFolder } from '#kernel/folder-lock.ts'
import { logKeys, newSeeds, type Seeds } from '#kernel/key-file.ts'
import { readSeeds } from '#kernel/key-folder.ts'
import { generateSeed, signingKey } from '#kernel/key.ts'
import { forgetNext, prepareNext, settleNext } from '#kernel/next-identity.ts'
import { formatRecovery, parseRecovery } from '#kernel/recovery-key.ts'
import { nextOrigin, recoveryHash } from '#kernel/recovery-note.ts'
import { stringOption, type CliContext, type Command } from '../args.ts'
import { readRunning } from '../node-access.ts'
import { askPassphrase } from '../passphrase.ts'
import { succeedLog, type Succession } from './succeed-log.ts'
import { readNamed, readNamedText } from '../file.ts'

export const command: Command = {
  name: 'recover',
  summary:
    'Keys lost or stolen: end the log with the recovery key and go on in a new one, under new keys. Peers follow by themselves.',
  usage: ['recover --recovery-key-file FILE [--head FILE] [--lost] [--new-recovery-key]'],
  options: {
    'recovery-key-file': {
      type: 'string',
      placeholder: 'FILE',
      description: 'The recovery key that “comity init” printed, in the first line of a file (default: asked for).',
    },
    head: {
      type: 'string',
      placeholder: 'FILE',
      description: 'The last honest head, where a witness has a longer one than this folder: a signed checkpoint.',
    },
    'new-recovery-key': { type: 'boolean', description: 'Make a new recovery key as well, and print it.' },
    lost: { type: 'boolean', description: 'The old keys cannot be opened: do not carry the old recipient keys over.' },
  },
  examples: ['comity recover --recovery-key-file /media/safe/recovery.txt --data-dir /var/lib/comity'],
  run: async (context) => {
    const { out, dataDir } = context
    if (readRunning(dataDir) !== undefined)
      throw new Fault('conflict', 'the node runs', { place: dataDir, remedy: 'Stop it first.' })
    const identity = readIdentity(dataDir)
    using _ = lockFolder(dataDir)
    const settled = settleNext(dataDir)
    if (settled !== undefined) {
      out.line(`The recovery that was broken off is done: ${settled.origin} follows ${identity.origin}.`)
      out.data({ member: settled.member, follows: settled.origin, vkeys: settled.vkeys })
      return 0
    }
    const seed = parseRecovery(await recoveryText(context))
    const origin = nextOrigin(identity.member, identity.origin)
    const seeds = { ...newSeeds(systemRandom), ...(await keptRecipients(context)) }
    const { vkeys } = logKeys(origin, seeds.log)
    const head = headGiven(context)
    const next = context.values['new-recovery-key'] === true ? generateSeed(systemRandom) : seed
    const made = next === seed ? undefined : formatRecovery(next)
    const hash = recoveryHash(signingKey('ed25519', next).publicKey)
    prepareNext(dataDir, { ...identity, origin, vkeys, recoveryHash: hash }, seeds)
    const ended = endLog(dataDir, {
      identity,
      recoverySeed: seed,
      follows: { origin, vkeys },
      ...(head === undefined ? {} : { head }),
      nextRecovery: hash,
      nowMs: context.clock.nowMs(),
      beforeItCounts: () => {
        if (made !== undefined)
          out.line(`New recovery key, shown this once; the one used now is worth nothing any more:\n  ${made}`)
      },
    })
    settleNext(dataDir)
    out.line(`${identity.member}: the log ${identity.origin} ends at ${ended.size} statements, ${origin} follows it.`)
    out.line('All keys are new; they lie in clear: comity keys protect. The old ones are in keys.old: destroy them.')
    out.line(
      'Start the node. Peers take the new keys by the recovery key, and refuse what the old ones sign from now on.',
    )
    out.line('Make a new file of the keys: comity keys export FILE')
    out.data({
      member: identity.member,
      ...(made === undefined ? {} : { recoveryKey: made }),
      ended: { origin: identity.origin, size: ended.size },
      follows: origin,
      vkeys,
    })
    return 0
  },
}

/** Ends the log, or leaves everything as it was. */
function endLog(dataDir: string, succession: Succession): ReturnType<typeof succeedLog> {
  try {
    return succeedLog(dataDir, succession)
  } catch (error) {
    forgetNext(dataDir)
    throw error
  }
}

function headGiven(context: CliContext): Uint8Array | undefined {
  const name = stringOption(context, 'head')
  if (name === undefined) return undefined
  return readNamed({ cwd: context.cwd, name, what: 'the file with the head', bytesMax: LIMITS.noteBytesMax })
}

async function recoveryText(context: CliContext): Promise<string> {
  const file = stringOption(context, 'recovery-key-file')
  if (file === undefined) return askPassphrase({ confirm: false, question: 'Recovery key: ' })
  const what = 'the file with the recovery key'
  const text = readNamedText({ cwd: context.cwd, name: file, what, bytesMax: LIMITS.passphraseBytesMax })
  return text.trim().split(/\r?\n/, 1)[0] ?? ''
}

/** Old files stay readable: the old recipient keys go along where they can still be opened. */
async function keptRecipients({ dataDir, values, unlock }: CliContext): Promise<Pick<Seeds, 'earlierRecipients'>> {
  const folder = join(dataDir, 'keys')
  if (values['lost'] === true || !existsSync(folder)) return { earlierRecipients: [] }
  try {
    const { recipient, earlierRecipients } = await readSeeds(folder, unlock)
    return { earlierRecipients: [recipient, ...earlierRecipients] }
  } catch (cause) {
    throw new Fault('config.invalid', 'the old keys cannot be opened, so files encrypted to them would be lost', {
      place: folder,
      cause,
      remedy: 'Say so to go on without them: comity recover --lost …',
    })
  }
}

// New keys for a role, beside the old ones until everybody has had time to learn them. The node announces them when it
// starts again; the log itself is the proof.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemRandom } from '#kernel/clock.ts'
import { openDataFolder, readIdentity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { finishRotation, rotateRole, ROTATED_ROLES, type RotatedRole } from '#kernel/key-rotation.ts'
import { LIMITS } from '#kernel/limits.ts'
import { requirePositional, stringOption, type CliContext } from '../args.ts'
import { readRunning } from '../node-access.ts'
import { announcedKeys, ownVkeys } from './own-keys.ts'
import { publicKeys } from './keys-show.ts'

const DAY_MS = 24 * 3600 * 1000

export async function rotate(context: CliContext): Promise<number> {
  const { out, dataDir } = context
  const given = requirePositional(context, 1, `one of ${ROTATED_ROLES.join(', ')}`)
  const role = ROTATED_ROLES.find((each) => each === given)
  if (role === undefined)
    throw new Fault('input.invalid', `“${given.slice(0, 40)}” is no role that is rotated`, {
      place: 'the command line',
      remedy: `Use one of ${ROTATED_ROLES.join(', ')}.`,
    })
  if (context.values['finish'] === true) return finish(context, role)
  const overlapDays = daysOf(context)
  const { member } = readIdentity(dataDir)
  const passphrase = once(context.unlock)
  await rotateRole(join(dataDir, 'keys'), role, {
    random: systemRandom,
    overlapMs: overlapDays * DAY_MS,
    unlock: passphrase,
  })
  out.line(`${member} has new ${role} keys.`)
  out.line(
    readRunning(dataDir) === undefined
      ? 'They are announced when the node starts.'
      : 'The node that runs still works with the old ones: restart it, then the new ones are announced.',
  )
  if (role === 'recipient') out.line('The old one is kept, for files that were encrypted to it.')
  else
    out.line(
      `Both are in use for ${overlapDays} days from then on; then: comity keys rotate ${role} --finish deletes the old ones.`,
    )
  out.line('The file of “comity keys export” does not hold the new keys yet: make a new one now.')
  out.data({ role, overlapDays: role === 'recipient' ? undefined : overlapDays, rotated: true })
  return 0
}

/** Deletes what is on its way out, where the new keys were announced, proven by the old. */
async function finish(context: CliContext, role: RotatedRole): Promise<number> {
  const { out, dataDir } = context
  const unlock = once(context.unlock)
  const { identity, seeds } = await openDataFolder(dataDir, unlock)
  const current = publicKeys(identity, seeds)[role][0] ?? ''
  const known = role === 'log' ? announcedWithProof(dataDir) : announcedKeys(dataDir)
  if (!known.has(current))
    throw new Fault('conflict', `the new ${role} keys are not announced yet; nothing was deleted`, {
      place: join(dataDir, 'keys', `${role}.json`),
      remedy: 'Start the node, wait until peers had time to see it, then finish.',
    })
  await finishRotation(join(dataDir, 'keys'), role, unlock)
  out.line(`The old ${role} keys are deleted. From the next start on only the new ones are used.`)
  out.data({ role, finished: true })
  return 0
}

/** The log's own keys whose announcement stands under a head that the keys before them signed. */
function announcedWithProof(folder: string): Set<string> {
  if (!existsSync(join(folder, 'comity.db'))) return new Set()
  using database = new DatabaseSync(join(folder, 'comity.db'), { readOnly: true })
  const open = database.prepare('SELECT 1 FROM node_document WHERE brings_keys = 1 AND checkpoint IS NULL').get()
  return open === undefined ? new Set(ownVkeys(folder)) : new Set()
}

function daysOf(context: CliContext): number {
  const text = stringOption(context, 'overlap')
  if (text === undefined) return LIMITS.overlapMs / DAY_MS
  const days = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : Number.NaN
  if (days <= LIMITS.overlapDaysMax) return days
  throw new Fault('input.invalid', `an overlap has 1 to ${LIMITS.overlapDaysMax} days`, { place: '--overlap' })
}

/** Asks a person once, however often the passphrase is needed. */
function once(unlock: () => Promise<string>): () => Promise<string> {
  let asked: Promise<string> | undefined
  return () => (asked ??= unlock())
}

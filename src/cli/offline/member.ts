import { join } from 'node:path'
import { IDENTITY_FILE, readIdentity, writeIdentity, type Identity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { MEMBER_KINDS } from '#kernel/id.ts'
import { describeSelf, type SelfChange } from '#kernel/self-description.ts'
import type { MemberView } from '#federation/wire.ts'
import { listOption, stringOption, type CliContext, type Command } from '../args.ts'
import { readRunning } from '../node-access.ts'
import { safeText } from '../output.ts'
import { readNames } from './names.ts'

export const command: Command = {
  name: 'member',
  summary: 'What this member says of itself: names by language, kind, country, contact.',
  usage: [
    'member [show]',
    'member set [--name "Full name"]… [--kind KIND] [--country XX|none] [--contact ADDRESS|none]',
  ],
  options: {
    name: {
      type: 'string',
      multiple: true,
      description: 'A name for people; with a language in front where there are several: en=CERT Aurora. Replaces all.',
    },
    kind: { type: 'string', description: `${MEMBER_KINDS.join(', ')}.` },
    country: { type: 'string', placeholder: 'XX', description: 'Two-letter country code, or none.' },
    contact: { type: 'string', description: 'Where people reach the member: mailto:…, https://… or tel:…, or none.' },
  },
  examples: ['comity member set --name "en=CERT Example" --name "fr=CERT Exemple" --contact mailto:cert@cert.example'],
  run: async (context) => {
    const [verb = 'show'] = context.positionals
    const identity = readIdentity(context.dataDir)
    if (verb === 'show') return show(context, identity)
    if (verb !== 'set')
      throw new Fault('input.invalid', `there is no “member ${verb.slice(0, 40)}”`, {
        place: 'the command line',
        remedy: 'Use “member show” or “member set”.',
      })
    const { announced, ...said } = await set(context, identity)
    show(context, said)
    context.out.line(
      announced === undefined
        ? 'Peers are told when the node starts.'
        : announced
          ? 'It is in the log, and peers are told.'
          : 'Nothing may be signed now: it is logged, and peers are told, once the log is resumed.',
    )
    return 0
  },
}

type Said = Omit<MemberView, 'announced'>

/** Through the node where one runs, for it says so at once; else in the folder. */
async function set(context: CliContext, identity: Identity): Promise<Said & { readonly announced?: boolean }> {
  const change = changeOf(context)
  if (readRunning(context.dataDir) !== undefined) return (await context.node()).patch<MemberView>('/member', change)
  const next = describeSelf(identity, change)
  writeIdentity(join(context.dataDir, IDENTITY_FILE), next)
  return next
}

function show({ out }: CliContext, { member, names, kind, country, contact }: Said): number {
  out.data({ member, names, kind, country, contact })
  out.line(`${member}: ${kind}${country === undefined ? '' : `, ${country}`}`)
  for (const [language, name] of Object.entries(names)) out.line(`  ${language}  ${safeText(name)}`)
  if (contact !== undefined) out.line(`  ${safeText(contact)}`)
  return 0
}

/** What was given; what was not stays. */
function changeOf(context: CliContext): SelfChange {
  const names = listOption(context, 'name')
  const kind = stringOption(context, 'kind')
  const [country, contact] = [orNone(stringOption(context, 'country')), orNone(stringOption(context, 'contact'))]
  const change = {
    ...(names.length === 0 ? {} : { names: readNames(names) }),
    ...(kind === undefined ? {} : { kind }),
    ...(country === undefined ? {} : { country }),
    ...(contact === undefined ? {} : { contact }),
  }
  if (Object.keys(change).length > 0) return change
  throw new Fault('input.invalid', 'nothing is given to set', {
    place: 'the command line',
    remedy: 'Give --name, --kind, --country or --contact.',
  })
}

function orNone(given: string | undefined): string | null | undefined {
  return given === 'none' ? null : given
}

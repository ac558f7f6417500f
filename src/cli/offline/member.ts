import { join } from 'node:path'
import { readIdentity, type Identity } from '#kernel/data-folder.ts'
import { replaceFile } from '#kernel/durable.ts'
import { Fault } from '#kernel/fault.ts'
import { MEMBER_KINDS } from '#kernel/id.ts'
import { listOption, stringOption, type CliContext, type Command } from '../args.ts'
import { readRunning } from '../node-access.ts'
import { safeText } from '../output.ts'

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
    const next = changed(context, identity)
    replaceFile(join(context.dataDir, 'identity.json'), `${JSON.stringify(next, undefined, 2)}\n`, 0o644)
    show(context, next)
    context.out.line(
      readRunning(context.dataDir) === undefined
        ? 'Peers are told when the node starts.'
        : 'Restart the node: then it says so in its log, and peers are told.',
    )
    return 0
  },
}

function show({ out }: CliContext, { member, names, kind, country, contact }: Identity): number {
  out.data({ member, names, kind, country, contact })
  out.line(`${member}: ${kind}${country === undefined ? '' : `, ${country}`}`)
  for (const [language, name] of Object.entries(names)) out.line(`  ${language}  ${safeText(name)}`)
  if (contact !== undefined) out.line(`  ${safeText(contact)}`)
  return 0
}

/** The identity with what was given; what was not stays. Throws `input.invalid` that names the option. */
function changed(context: CliContext, identity: Identity): Identity {
  const { country: _, contact: __, ...rest } = identity
  const names = listOption(context, 'name').map(nameOf)
  const kind = stringOption(context, 'kind')
  const known = MEMBER_KINDS.find((each) => each === kind)
  if (kind !== undefined && known === undefined)
    throw new Fault('input.invalid', 'this is no kind of member', {
      place: '--kind',
      remedy: `Use one of ${MEMBER_KINDS.join(', ')}.`,
    })
  const country = kept(stringOption(context, 'country'), identity.country)
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw new Fault('input.invalid', 'a country is two capital letters, or none', { place: '--country' })
  const contact = kept(stringOption(context, 'contact'), identity.contact)
  if (contact !== undefined && contact.length > 1000)
    throw new Fault('input.invalid', 'a contact has at most 1000 characters', { place: '--contact' })
  return {
    ...rest,
    names: names.length === 0 ? identity.names : Object.fromEntries(names),
    kind: known ?? identity.kind,
    ...(country === undefined ? {} : { country }),
    ...(contact === undefined ? {} : { contact }),
  }
}

function kept(given: string | undefined, before: string | undefined): string | undefined {
  return given === undefined ? before : given === 'none' ? undefined : given
}

function nameOf(text: string): readonly [string, string] {
  const [, language = 'en', name = text] = /^([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)=(.+)$/s.exec(text) ?? []
  if (name.length === 0 || name.length > 200 || language.length > 35)
    throw new Fault('input.invalid', 'a name has 1 to 200 characters', { place: '--name' })
  return [language, name]
}

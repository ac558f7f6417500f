import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '#kernel/clock.ts'
import { createDataFolder } from '#kernel/data-folder.ts'
import { MEMBER_KINDS, type MemberKind } from '#kernel/id.ts'
import { Fault } from '#kernel/fault.ts'
import { formatRecovery } from '#kernel/recovery-key.ts'
import { listOption, stringOption, type CliContext, type Command } from '../args.ts'
import { readNames } from './names.ts'

export const command: Command = {
  name: 'init',
  summary:
    'Make a data folder for a new member: keys, identity, the administrator’s token. Prints the recovery key once.',
  usage: [
    'init --member NAME [--name "Full name"] [--kind KIND] [--country XX] [--contact ADDRESS] [--without-network]',
  ],
  options: {
    member: {
      type: 'string',
      placeholder: 'NAME',
      description: 'The member’s domain-like name, for ever, e.g. cert.example.',
    },
    name: {
      type: 'string',
      multiple: true,
      description: 'A name for people; with a language in front where there are several: en=CERT Aurora.',
    },
    kind: { type: 'string', description: `${MEMBER_KINDS.join(', ')} (default technical).` },
    country: {
      type: 'string',
      placeholder: 'XX',
      description: 'Two-letter country code; none for a member that belongs to no country.',
    },
    'without-network': {
      type: 'boolean',
      description: 'The node reaches nobody and nobody reaches it: it exchanges by bundles.',
    },
    contact: { type: 'string', description: 'Where people reach the member: mailto:…, https://… or tel:…' },
  },
  examples: ['comity init --member cert.example --name "CERT Example" --kind government --country XX'],
  run: async (context) => {
    const member = stringOption(context, 'member')
    if (member === undefined)
      throw new Fault('input.invalid', '--member is missing', {
        place: 'the command line',
        remedy: 'For example: comity init --member cert.example',
      })
    const names = listOption(context, 'name')
    const country = stringOption(context, 'country')
    const contact = stringOption(context, 'contact')
    const { identity, recoverySeed } = createDataFolder(
      context.dataDir,
      {
        member,
        names: names.length === 0 ? { en: member } : readNames(names),
        kind: kindOf(context),
        ...(country === undefined ? {} : { country }),
        ...(contact === undefined ? {} : { contact }),
      },
      systemRandom,
    )
    const alone = context.values['without-network'] === true
    if (alone)
      writeFileSync(join(context.dataDir, 'comity.json'), `${JSON.stringify({ federation: { network: false } })}\n`)
    const recovery = formatRecovery(recoverySeed)
    context.out.data({
      member: identity.member,
      dataDir: context.dataDir,
      vkeys: identity.vkeys,
      recoveryKey: recovery,
    })
    context.out.line(`${identity.member} has a data folder: ${context.dataDir}`)
    context.out.line()
    context.out.line(
      'Recovery key. It is shown this once and kept nowhere. Write it down and keep it away from this machine:',
    )
    context.out.line(`  ${recovery}`)
    context.out.line()
    context.out.line(alone ? 'Next: comity peer invite --out FILE' : 'Next: comity serve')
    return 0
  },
}

function kindOf(context: CliContext): MemberKind {
  const given = stringOption(context, 'kind') ?? 'technical'
  const kind = MEMBER_KINDS.find((each) => each === given)
  if (kind !== undefined) return kind
  throw new Fault('input.invalid', `“${given}” is no kind of member`, {
    place: '--kind',
    remedy: `Use one of ${MEMBER_KINDS.join(', ')}.`,
  })
}

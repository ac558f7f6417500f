import type { UserView, Welcome } from '#identity/wire.ts'
import { Fault } from '#kernel/fault.ts'
import { ROLES } from '#kernel/role.ts'
import { noVerb, requirePositional, stringOption, yesOrNo, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

export const command: Command = {
  name: 'user',
  summary: 'People who sign in with a browser, each with a role.',
  usage: [
    'user add NAME --role ROLE [--display "Full name"] [--red yes]',
    'user list [--q WORDS] [--limit N] [--cursor C]',
    'user set NAME [--role ROLE] [--display "Full name"] [--red yes|no] [--suspended yes|no]',
    'user reset NAME',
    'user remove NAME',
  ],
  options: {
    role: { type: 'string', placeholder: 'ROLE', description: `${ROLES.join(', ')}.` },
    display: { type: 'string', placeholder: 'NAME', description: 'The name people read.' },
    red: { type: 'string', placeholder: 'yes|no', description: 'Named for TLP:RED: sees RED records.' },
    suspended: { type: 'string', placeholder: 'yes|no', description: 'Cannot sign in until this is no again.' },
    ...listOptions('name or full name'),
  },
  examples: ['comity user add mara --role analyst --display "Mara Ito"'],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const name = requirePositional(context, 1, 'the name of the user')
    if (verb === 'add') return add(context, name)
    if (verb === 'set') return set(context, name)
    if (verb === 'reset') return reset(context, name)
    if (verb === 'remove') return remove(context, name)
    throw noVerb('user', verb)
  },
}

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<Page<UserView>>(context, '/users'), {
    head: ['NAME', 'FULL NAME', 'ROLE', 'STATE', 'RED', 'SIGNS IN WITH', 'LAST SIGN-IN'],
    row: (each) => [
      each.name,
      each.display,
      each.role,
      each.state,
      each.red ? 'yes' : '',
      waysOf(each),
      each.lastSignIn ?? '',
    ],
    empty: 'no users yet; make one: comity user add NAME --role administrator',
  })
}

function waysOf({ ways }: UserView): string {
  const names = [
    ways.password ? (ways.totp ? 'password+code' : 'password') : '',
    ways.passkeys > 0 ? `${ways.passkeys} passkey${ways.passkeys === 1 ? '' : 's'}` : '',
    ways.oidc ? 'provider' : '',
  ]
  return names.filter((each) => each !== '').join(', ')
}

async function add(context: CliContext, name: string): Promise<number> {
  const role = stringOption(context, 'role')
  if (role === undefined)
    throw new Fault('input.invalid', '--role is missing', {
      place: 'the command line',
      remedy: `Use one of ${ROLES.join(', ')}.`,
    })
  const client = await context.node()
  const display = stringOption(context, 'display')
  const red = yesOrNo(context, 'red')
  const welcome = await client.post<Welcome>('/users', {
    name,
    role,
    ...(display === undefined ? {} : { display }),
    ...(red === undefined ? {} : { red }),
  })
  return tell(context, welcome)
}

async function reset(context: CliContext, name: string): Promise<number> {
  const client = await context.node()
  return tell(context, await client.post<Welcome>(`/users/${encodeURIComponent(name)}/reset`))
}

function tell({ out }: CliContext, welcome: Welcome): number {
  out.data(welcome)
  out.line(`${welcome.user.name} chooses how to sign in at this address, once, until ${welcome.expires}:`)
  out.line(`  ${welcome.link}`)
  return 0
}

async function set(context: CliContext, name: string): Promise<number> {
  const role = stringOption(context, 'role')
  const display = stringOption(context, 'display')
  const [red, suspended] = [yesOrNo(context, 'red'), yesOrNo(context, 'suspended')]
  const change = {
    ...(role === undefined ? {} : { role }),
    ...(display === undefined ? {} : { display }),
    ...(red === undefined ? {} : { red }),
    ...(suspended === undefined ? {} : { suspended }),
  }
  if (Object.keys(change).length === 0)
    throw new Fault('input.invalid', 'nothing is to be changed', {
      place: 'the command line',
      remedy: 'Name it: --role, --display, --red or --suspended.',
    })
  const client = await context.node()
  const user = await client.patch<UserView>(`/users/${encodeURIComponent(name)}`, change)
  context.out.data(user)
  context.out.line(`${user.name} is ${user.role}, ${user.state}${user.red ? ', named for RED' : ''}`)
  return 0
}

async function remove({ node, out }: CliContext, name: string): Promise<number> {
  const client = await node()
  await client.delete(`/users/${encodeURIComponent(name)}`)
  out.data({ removed: name })
  out.line(`${name} is removed and signed out; what they did stays in the audit log`)
  return 0
}

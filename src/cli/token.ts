import { TOKEN_DAYS_MAX, type MadeToken, type TokenView } from '#identity/wire.ts'
import { Fault } from '#kernel/fault.ts'
import { NODE_PARTS, ROLES } from '#kernel/role.ts'
import {
  listOption,
  noVerb,
  numberOption,
  requirePositional,
  stringOption,
  type CliContext,
  type Command,
} from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

export const command: Command = {
  name: 'token',
  summary: 'API tokens: programs that use this node’s own interface under a name, with a role, until a day.',
  usage: [
    'token add NAME --role ROLE [--part PART]… [--days 90|never]',
    'token list [--q WORDS] [--limit N] [--cursor C]',
    'token revoke NAME',
  ],
  options: {
    role: { type: 'string', placeholder: 'ROLE', description: `${ROLES.join(', ')}.` },
    part: {
      type: 'string',
      multiple: true,
      placeholder: 'PART',
      description: `Only for this part of the node, more than once for several: ${NODE_PARTS.join(', ')}.`,
    },
    days: {
      type: 'string',
      placeholder: 'N',
      description: `Days until it expires (default 90, at most ${TOKEN_DAYS_MAX}), or never.`,
    },
    ...listOptions('name or maker'),
  },
  examples: ['comity token add dashboard --role viewer --part warning --days 30'],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const name = requirePositional(context, 1, 'the name of the token')
    if (verb === 'add') return add(context, name)
    if (verb === 'revoke') return revoke(context, name)
    throw noVerb('token', verb)
  },
}

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<Page<TokenView>>(context, '/tokens'), {
    head: ['NAME', 'ROLE', 'PARTS', 'MADE BY', 'EXPIRES', 'LAST USED', 'REVOKED'],
    row: (each) => [
      each.name,
      each.role,
      each.parts.length === 0 ? 'all' : each.parts.join(' '),
      each.made,
      each.expires ?? 'never',
      each.lastUsed ?? '',
      each.revoked ?? '',
    ],
    empty: 'no tokens yet; make one: comity token add NAME --role viewer',
  })
}

async function add(context: CliContext, name: string): Promise<number> {
  const role = stringOption(context, 'role')
  if (role === undefined)
    throw new Fault('input.invalid', '--role is missing', {
      place: 'the command line',
      remedy: `Use one of ${ROLES.join(', ')}.`,
    })
  const days = stringOption(context, 'days') === 'never' ? null : numberOption(context, 'days')
  const client = await context.node()
  const made = await client.post<MadeToken>('/tokens', {
    name,
    role,
    parts: listOption(context, 'part'),
    ...(days === undefined ? {} : { days }),
  })
  context.out.data(made)
  context.out.line(
    `Send it as “Authorization: Bearer …”. It is shown this once and works ${made.token.expires === undefined ? 'until it is revoked' : `until ${made.token.expires}`}:`,
  )
  context.out.line(`  ${made.secret}`)
  return 0
}

async function revoke({ node, out }: CliContext, name: string): Promise<number> {
  const client = await node()
  await client.delete(`/tokens/${encodeURIComponent(name)}`)
  out.data({ revoked: name })
  out.line(`${name} is revoked`)
  return 0
}

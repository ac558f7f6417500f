import type { ClientGrant, ClientView, MadeClient } from '#sharing/taxii-server/wire.ts'
import { listOption, noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

export const command: Command = {
  name: 'client',
  summary: 'TAXII clients: programs that read and write collections, each acting for somebody.',
  usage: [
    'client add NAME [--acts-for self|public|MEMBER] [--read COLLECTION]… [--write COLLECTION]…',
    'client set NAME [--read COLLECTION]… [--write COLLECTION]…',
    'client list [--q WORDS] [--limit N] [--cursor C]',
    'client revoke NAME',
  ],
  options: {
    'acts-for': {
      type: 'string',
      placeholder: 'WHOM',
      description: 'Whom decisions are made for: self (the default), public, or a member id.',
    },
    read: {
      type: 'string',
      multiple: true,
      placeholder: 'COLLECTION',
      description: 'May read this; can be given more than once.',
    },
    write: {
      type: 'string',
      multiple: true,
      placeholder: 'COLLECTION',
      description: 'May add to and withdraw from this (and read it).',
    },
    ...listOptions('name or whom it acts for'),
  },
  examples: ['comity client add siem --read advisories --read from-cert.example'],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const client = await context.node()
    const { out } = context
    const name = requirePositional(context, 1, 'the name of the client')
    if (verb === 'revoke') {
      await client.delete(`/clients/${encodeURIComponent(name)}`)
      out.data({ revoked: name })
      out.line(`${name} is revoked`)
      return 0
    }
    if (verb === 'set') {
      await client.patch(`/clients/${encodeURIComponent(name)}`, { grants: grants(context) })
      out.data({ changed: name, grants: grants(context) })
      out.line(`${name} may now read and write what you named, and nothing else`)
      return 0
    }
    if (verb !== 'add') throw noVerb('client', verb)
    const made = await client.post<MadeClient>('/clients', {
      name,
      actsFor: stringOption(context, 'acts-for') ?? 'self',
      grants: grants(context),
    })
    out.data(made)
    out.line('Give this to the client. The secret is shown this once:')
    out.line(`  server    ${made.discovery}`)
    out.line(`  user      ${made.name}`)
    out.line(`  password  ${made.secret}   (or as a bearer token)`)
    return 0
  },
}

async function list(context: CliContext): Promise<number> {
  const namesOf = (grants: readonly ClientGrant[]): string => grants.map(({ collection }) => collection).join(' ')
  return tellPage(context, await getPage<Page<ClientView>>(context, '/clients'), {
    head: ['NAME', 'ACTS FOR', 'READS', 'WRITES', 'SINCE', 'REVOKED'],
    row: ({ name, actsFor, created, revoked = '', grants: all }) => [
      name,
      actsFor,
      namesOf(all.filter(({ read }) => read)),
      namesOf(all.filter(({ write }) => write)),
      created,
      revoked,
    ],
    empty: 'no clients yet; make one: comity client add siem --read COLLECTION',
  })
}

function grants(context: CliContext): ClientGrant[] {
  return [
    ...listOption(context, 'read').map((collection) => ({ collection, read: true, write: false })),
    ...listOption(context, 'write').map((collection) => ({ collection, read: true, write: true })),
  ]
}

import type { SessionRow } from '#identity/wire.ts'
import { noVerb, requirePositional, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

export const command: Command = {
  name: 'session',
  summary: 'Who is signed in, from where and since when; and ending that.',
  usage: ['session list [--q WORDS] [--limit N] [--cursor C]', 'session end ID'],
  options: listOptions('user, address or browser'),
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    if (verb === 'end') return end(context, requirePositional(context, 1, 'the number of the session'))
    throw noVerb('session', verb)
  },
}

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<Page<SessionRow>>(context, '/sessions'), {
    head: ['ID', 'USER', 'BY', 'FROM', 'SINCE', 'LAST SEEN', 'UNTIL', 'BROWSER'],
    row: (each) => [
      String(each.id),
      each.user,
      each.way,
      each.address,
      each.created,
      each.lastSeen,
      each.expires,
      each.agent,
    ],
    empty: 'nobody is signed in',
  })
}

async function end({ node, out }: CliContext, id: string): Promise<number> {
  const client = await node()
  await client.delete(`/sessions/${encodeURIComponent(id)}`)
  out.data({ ended: id })
  out.line(`session ${id} has ended`)
  return 0
}

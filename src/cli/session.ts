import type { SessionRow } from '#identity/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'

export const command: Command = {
  name: 'session',
  summary: 'Who is signed in, from where and since when; and ending that.',
  usage: ['session list [--cursor C]', 'session end ID'],
  options: { cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' } },
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    if (verb === 'end') return end(context, requirePositional(context, 1, 'the number of the session'))
    throw noVerb('session', verb)
  },
}

async function list(context: CliContext): Promise<number> {
  const { out } = context
  const client = await context.node()
  const page = await client.get<{ items: SessionRow[]; next?: string }>('/sessions', {
    cursor: stringOption(context, 'cursor'),
  })
  out.data(page)
  if (page.items.length === 0) out.line('nobody is signed in')
  else
    out.table(
      ['ID', 'USER', 'BY', 'FROM', 'SINCE', 'LAST SEEN', 'UNTIL', 'BROWSER'],
      page.items.map((each) => [
        String(each.id),
        each.user,
        each.way,
        each.address,
        each.created,
        each.lastSeen,
        each.expires,
        each.agent,
      ]),
    )
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  return 0
}

async function end({ node, out }: CliContext, id: string): Promise<number> {
  const client = await node()
  await client.delete(`/sessions/${encodeURIComponent(id)}`)
  out.data({ ended: id })
  out.line(`session ${id} has ended`)
  return 0
}

import type { QuarantinePage } from '#sharing/wire.ts'
import { stringOption, type Command } from './args.ts'

export const command: Command = {
  name: 'quarantine',
  summary: 'What peers sent that cannot be used, and why, newest first. It hurts nobody there; ask the peer.',
  usage: ['quarantine [--member NAME] [--limit N] [--cursor C]'],
  options: {
    member: { type: 'string', placeholder: 'NAME', description: 'Only what this member sent.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  run: async (context) => {
    const client = await context.node()
    const page = await client.get<QuarantinePage>('/quarantine', {
      member: stringOption(context, 'member'),
      limit: stringOption(context, 'limit'),
      cursor: stringOption(context, 'cursor'),
    })
    context.out.data(page)
    if (page.items.length === 0) context.out.line('Nothing is in quarantine: all that peers sent could be used.')
    else
      context.out.table(
        ['RECEIVED', 'FROM', 'REASON'],
        page.items.map((each) => [each.received, each.member, each.reason]),
      )
    if (page.next !== undefined) context.out.line(`more: --cursor ${page.next}`)
    return 0
  },
}

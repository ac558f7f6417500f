import { stringOption, type Command } from './args.ts'

type Deed = {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly detail: unknown
}
type Answer = {
  readonly at: string
  readonly principal: string
  readonly route: string
  readonly count: number
  readonly cursor: string
}

export const command: Command = {
  name: 'audit',
  summary: 'Who did what on this node, newest first; with --answers, what left it, for whom and by which way.',
  usage: ['audit [--actor WHO] [--action WHAT] [--since TIME] [--until TIME] [--csv]', 'audit --answers'],
  options: {
    actor: { type: 'string', placeholder: 'WHO', description: 'Only what one did: admin, user:NAME, token:NAME, …' },
    action: { type: 'string', placeholder: 'WHAT', description: 'Only this: user.add, or user for all about users.' },
    since: { type: 'string', placeholder: 'TIME', description: 'From this time on, like 2026-01-31T12:00:00Z.' },
    until: { type: 'string', placeholder: 'TIME', description: 'Before this time.' },
    csv: { type: 'boolean', description: 'All of it, as a table for spreadsheets.' },
    answers: { type: 'boolean', description: 'What left this node instead of what was done on it.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  run: async (context) => {
    const client = await context.node()
    const query = { limit: stringOption(context, 'limit'), cursor: stringOption(context, 'cursor') }
    if (context.values['answers'] === true) {
      const page = await client.get<{ items: Answer[]; next?: string }>('/answers', query)
      context.out.data(page)
      context.out.table(
        ['TIME', 'FOR', 'WAY', 'RECORDS', 'AFTER'],
        page.items.map((each) => [each.at, each.principal, each.route, String(each.count), each.cursor]),
      )
      if (page.next !== undefined) context.out.line(`more: --cursor ${page.next}`)
      return 0
    }
    const asked = Object.fromEntries(
      (['actor', 'action', 'since', 'until'] as const).map((name) => [name, stringOption(context, name)]),
    )
    if (context.values['csv'] === true) {
      for await (const bytes of client.download('/audit.csv', asked)) process.stdout.write(bytes)
      return 0
    }
    const page = await client.get<{ items: Deed[]; next?: string }>('/audit', { ...query, ...asked })
    context.out.data(page)
    context.out.table(
      ['TIME', 'WHO', 'WHAT', 'TO WHAT', 'DETAIL'],
      page.items.map((each) => [each.at, each.actor, each.action, each.subject, JSON.stringify(each.detail)]),
    )
    if (page.next !== undefined) context.out.line(`more: --cursor ${page.next}`)
    return 0
  },
}

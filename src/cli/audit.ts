import { stringOption, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

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
  usage: [
    'audit [--q WORDS] [--actor WHO] [--action WHAT] [--since TIME] [--until TIME] [--csv]',
    'audit --answers [--q WORDS]',
  ],
  options: {
    actor: { type: 'string', placeholder: 'WHO', description: 'Only what one did: admin, user:NAME, token:NAME, …' },
    action: { type: 'string', placeholder: 'WHAT', description: 'Only this: user.add, or user for all about users.' },
    since: { type: 'string', placeholder: 'TIME', description: 'From this time on, like 2026-01-31T12:00:00Z.' },
    until: { type: 'string', placeholder: 'TIME', description: 'Before this time.' },
    csv: { type: 'boolean', description: 'All of it, as a table for spreadsheets.' },
    answers: { type: 'boolean', description: 'What left this node instead of what was done on it.' },
    ...listOptions('who, what or to what; of answers, for whom or the way'),
  },
  run: async (context) => {
    if (context.values['answers'] === true)
      return tellPage(context, await getPage<Page<Answer>>(context, '/answers'), {
        head: ['TIME', 'FOR', 'WAY', 'RECORDS', 'AFTER'],
        row: (each) => [each.at, each.principal, each.route, String(each.count), each.cursor],
        empty: 'nothing has left this node',
      })
    const asked = Object.fromEntries(
      (['actor', 'action', 'since', 'until'] as const).map((name) => [name, stringOption(context, name)]),
    )
    if (context.values['csv'] === true) {
      const client = await context.node()
      for await (const bytes of client.download('/audit.csv', { ...asked, q: stringOption(context, 'q') }))
        process.stdout.write(bytes)
      return 0
    }
    return tellPage(context, await getPage<Page<Deed>>(context, '/audit', asked), {
      head: ['TIME', 'WHO', 'WHAT', 'TO WHAT', 'DETAIL'],
      row: (each) => [each.at, each.actor, each.action, each.subject, JSON.stringify(each.detail)],
      empty: 'nothing was done here yet',
    })
  },
}

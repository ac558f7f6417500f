import type { QuarantinePage } from '#sharing/wire.ts'
import { stringOption, type Command } from './args.ts'
import { getPage, listOptions, tellPage } from './listing.ts'

export const command: Command = {
  name: 'quarantine',
  summary: 'What peers sent that cannot be used, and why, newest first. It hurts nobody there; ask the peer.',
  usage: ['quarantine [--member NAME] [--q WORDS] [--limit N] [--cursor C]'],
  options: {
    member: { type: 'string', placeholder: 'NAME', description: 'Only what this member sent.' },
    ...listOptions('member or reason'),
  },
  run: async (context) => {
    const page = await getPage<QuarantinePage>(context, '/quarantine', { member: stringOption(context, 'member') })
    return tellPage(context, page, {
      head: ['RECEIVED', 'FROM', 'REASON'],
      row: (each) => [each.received, each.member, each.reason],
      empty: 'Nothing is in quarantine: all that peers sent could be used.',
    })
  },
}

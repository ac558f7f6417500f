import { Fault } from '#kernel/fault.ts'
import type { RecordView } from '#sharing/wire.ts'
import { stringOption, type Command } from './args.ts'

export const command: Command = {
  name: 'search',
  summary:
    'Search everything this node holds, newest first: by words, or exactly by an address, a domain, a URL, a hash or a CVE id.',
  usage: ['search WORDS… [--type TYPE] [--collection NAME] [--limit N] [--cursor C]'],
  options: {
    type: { type: 'string', description: 'Only this STIX type, e.g. indicator.' },
    collection: { type: 'string', short: 'c', placeholder: 'NAME', description: 'Only this collection.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  examples: ['comity search loader', 'comity search 203.0.113.47', 'comity search CVE-2026-10001 --json'],
  run: async (context) => {
    const q = context.positionals.join(' ').trim()
    if (q === '')
      throw new Fault('input.invalid', 'there is nothing to search for', {
        place: 'the command line',
        remedy: 'For example: comity search loader',
      })
    const client = await context.node()
    const page = await client.get<{ items: RecordView[]; next?: string }>('/search', {
      q,
      type: stringOption(context, 'type'),
      collection: stringOption(context, 'collection'),
      limit: stringOption(context, 'limit'),
      cursor: stringOption(context, 'cursor'),
    })
    context.out.data(page)
    if (page.items.length === 0) context.out.line('nothing found')
    else
      context.out.table(
        ['TLP', 'TYPE', 'NAME', 'AUTHOR', 'VERSION', 'ID'],
        page.items.map((each) => [
          each.tlp,
          each.type,
          (each.name ?? '').slice(0, 60),
          each.author,
          each.version ?? '',
          each.id,
        ]),
      )
    if (page.next !== undefined) context.out.line(`more: --cursor ${page.next}`)
    return 0
  },
}

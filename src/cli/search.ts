import type { RecordView } from '#sharing/wire.ts'
import { stringOption, type Command } from './args.ts'

export const command: Command = {
  name: 'search',
  summary:
    'Search everything this node holds, newest first: by words, or exactly by an address, a domain, a URL, a hash or a CVE id; without words, all of it.',
  usage: [
    'search [WORDS…] [--type TYPE] [--collection NAME] [--tlp LABEL] [--author MEMBER] [--versions all] [--limit N] [--cursor C]',
  ],
  options: {
    type: { type: 'string', description: 'Only this STIX type, e.g. indicator.' },
    collection: { type: 'string', short: 'c', placeholder: 'NAME', description: 'Only this collection.' },
    tlp: { type: 'string', placeholder: 'LABEL', description: 'Only under this TLP label, e.g. AMBER+STRICT.' },
    author: { type: 'string', placeholder: 'MEMBER', description: 'Only what this member says.' },
    versions: { type: 'string', placeholder: 'all', description: 'Also versions that have a newer one.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  examples: [
    'comity search loader',
    'comity search 203.0.113.47',
    'comity search CVE-2026-10001 --json',
    'comity search --type campaign',
  ],
  run: async (context) => {
    const q = context.positionals.join(' ').trim()
    const client = await context.node()
    const page = await client.get<{ items: RecordView[]; next?: string }>('/search', {
      q: q === '' ? undefined : q,
      type: stringOption(context, 'type'),
      collection: stringOption(context, 'collection'),
      tlp: stringOption(context, 'tlp'),
      author: stringOption(context, 'author'),
      versions: stringOption(context, 'versions'),
      limit: stringOption(context, 'limit'),
      cursor: stringOption(context, 'cursor'),
    })
    context.out.data(page)
    if (page.items.length === 0) context.out.line('nothing found')
    else
      context.out.table(
        ['TLP', 'TYPE', 'NAME', 'AUTHOR', 'VERSION', 'ID'],
        page.items.map((each) => [
          each.exercise === true ? `${each.tlp} EXERCISE` : each.tlp,
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

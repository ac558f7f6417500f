import type { RelatedView } from '#sharing/wire.ts'
import { requirePositional, stringOption, type Command } from './args.ts'

export const command: Command = {
  name: 'related',
  summary: 'What others say about a record: relationships, sightings, notes, opinions and reports that point at it.',
  usage: ['related ID [--type TYPE] [--limit N] [--cursor C]'],
  options: {
    type: { type: 'string', description: 'Only this STIX type, e.g. relationship, sighting, note.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  examples: ['comity related indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --type relationship'],
  run: async (context) => {
    const id = requirePositional(context, 0, 'the id of the record')
    const client = await context.node()
    const page = await client.get<{ items: RelatedView[]; next?: string }>(
      `/records/${encodeURIComponent(id)}/related`,
      {
        type: stringOption(context, 'type'),
        limit: stringOption(context, 'limit'),
        cursor: stringOption(context, 'cursor'),
      },
    )
    context.out.data(page)
    if (page.items.length === 0) context.out.line('nothing points at it')
    else
      context.out.table(
        ['TLP', 'TYPE', 'SAYS', 'AUTHOR', 'POINTS AT', 'ID'],
        page.items.map((each) => [
          each.tlp,
          each.type,
          (each.relationship ?? each.name ?? '').slice(0, 40),
          each.author,
          each.links
            .filter((link) => link.id !== id)
            .slice(0, 3)
            .map((link) => link.id)
            .join(' '),
          each.id,
        ]),
      )
    if (page.next !== undefined) context.out.line(`more: --cursor ${page.next}`)
    return 0
  },
}

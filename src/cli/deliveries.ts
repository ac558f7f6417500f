import type { GivenPage, TakenPage } from '#federation/wire.ts'
import { Fault } from '#kernel/fault.ts'
import { stringOption, type CliContext, type Command } from './args.ts'

export const command: Command = {
  name: 'deliveries',
  summary: 'What went to a peer and whether it has it, or what came from one, newest first.',
  usage: ['deliveries --to MEMBER | --from MEMBER [--limit N] [--cursor C]'],
  options: {
    to: { type: 'string', placeholder: 'MEMBER', description: 'What this node gave to that peer.' },
    from: { type: 'string', placeholder: 'MEMBER', description: 'What that peer gave to this node.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  examples: ['comity deliveries --to grid.example'],
  run: async (context) => {
    const [to, from] = [stringOption(context, 'to'), stringOption(context, 'from')]
    if ((to === undefined) === (from === undefined))
      throw new Fault('input.invalid', 'name one peer, with --to or with --from', { place: 'the command line' })
    return to === undefined ? taken(context, from ?? '') : given(context, to)
  },
}

async function given(context: CliContext, member: string): Promise<number> {
  const { out } = context
  const client = await context.node()
  const page = await client.get<GivenPage>(`/peers/${encodeURIComponent(member)}/given`, paging(context))
  out.data(page)
  const since =
    page.confirmedAt === undefined ? 'has not asked for anything yet' : `was last heard of it ${page.confirmedAt}`
  out.line(`${page.member} has everything up to item ${page.confirmed}; ${since}`)
  if (page.items.length > 0)
    out.table(
      ['ITEM', 'SINCE', 'REASON', 'LEAVES', 'RULES', 'THERE'],
      page.items.map((each) => [
        String(each.seq),
        each.at,
        each.reason,
        shorten(each.indexes),
        each.rules.join(' '),
        each.confirmed ? 'confirmed' : 'silent',
      ]),
    )
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  return 0
}

async function taken(context: CliContext, member: string): Promise<number> {
  const { out } = context
  const client = await context.node()
  const page = await client.get<TakenPage>(`/peers/${encodeURIComponent(member)}/taken`, paging(context))
  out.data(page)
  out.line(`${page.received} items of the stream from ${page.member} were applied`)
  if (page.items.length > 0)
    out.table(
      ['LEAF', 'KIND', 'RECORDS', 'SAID', 'RECEIVED'],
      page.items.map((each) => [String(each.index), each.kind, String(each.records), each.said, each.received]),
    )
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  return 0
}

function paging(context: CliContext): Record<string, string | undefined> {
  return { limit: stringOption(context, 'limit'), cursor: stringOption(context, 'cursor') }
}

/** A few leaves as they are, many as how many. */
function shorten(indexes: readonly number[]): string {
  return indexes.length <= 4
    ? indexes.join(' ')
    : `${indexes.length} from ${Math.min(...indexes)} to ${Math.max(...indexes)}`
}

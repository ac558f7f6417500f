import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DeliveryProofView, GivenPage, TakenPage } from '#federation/wire.ts'
import { Fault } from '#kernel/fault.ts'
import { stringOption, type CliContext, type Command } from './args.ts'
import { NOTHING_SO_FAR, PAGE_OPTIONS } from './listing.ts'

export const command: Command = {
  name: 'deliveries',
  summary: 'What went to a peer and whether it has it, or what came from one, newest first.',
  usage: [
    'deliveries --to MEMBER | --from MEMBER [--leaf N] [--until TIME] [--limit N] [--cursor C]',
    'deliveries --from MEMBER --proof FILE',
  ],
  options: {
    to: { type: 'string', placeholder: 'MEMBER', description: 'What this node gave to that peer.' },
    from: { type: 'string', placeholder: 'MEMBER', description: 'What that peer gave to this node.' },
    proof: {
      type: 'string',
      placeholder: 'FILE',
      description: 'With --from: write what that peer committed to giving this node, for an auditor.',
    },
    leaf: { type: 'string', placeholder: 'N', description: 'Only what holds this leaf of its author’s log.' },
    until: { type: 'string', placeholder: 'TIME', description: 'Only before this time, like 2026-01-31T12:00:00Z.' },
    ...PAGE_OPTIONS,
  },
  examples: ['comity deliveries --to grid.example', 'comity deliveries --from cert.example --proof told.json'],
  run: async (context) => {
    const [to, from] = [stringOption(context, 'to'), stringOption(context, 'from')]
    if ((to === undefined) === (from === undefined))
      throw new Fault('input.invalid', 'name one peer, with --to or with --from', { place: 'the command line' })
    const file = stringOption(context, 'proof')
    if (file !== undefined && from === undefined)
      throw new Fault('input.invalid', 'only what a peer gave to this node is proven to it', {
        place: '--proof',
        remedy: 'comity deliveries --from MEMBER --proof FILE',
      })
    if (file !== undefined) return prove(context, from ?? '', resolve(context.cwd, file))
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
        each.confirmed ? 'confirmed' : each.bundled === undefined ? 'silent' : 'by bundle, not confirmed',
      ]),
    )
  else if (page.next !== undefined) out.line(NOTHING_SO_FAR)
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

/** Writes what the peer committed to, so that others can check it with “comity log verify-delivery”. */
async function prove(context: CliContext, member: string, path: string): Promise<number> {
  const { out } = context
  const client = await context.node()
  const { file, ...proof } = await client.get<DeliveryProofView>(`/peers/${encodeURIComponent(member)}/proof`)
  writeFileSync(path, file)
  out.data({ ...proof, path })
  out.line(`${path}: ${findingText(proof)}`)
  out.line(`Anyone can check it: comity log verify-delivery ${path}`)
  return 0
}

function findingText({ member, finding, committed, shown, index }: Omit<DeliveryProofView, 'file'>): string {
  if (finding === 'complete') return `${member} committed to ${committed} items by its leaf ${index}, and gave them`
  if (finding === 'open')
    return `${member} committed to ${committed} items by its leaf ${index}, and gave ${shown ?? 0} of them`
  return finding === 'rewritten' ? `${member} committed to two streams that cannot both be true` : finding
}

function paging(context: CliContext): Record<string, string | undefined> {
  return Object.fromEntries(['leaf', 'until', 'limit', 'cursor'].map((name) => [name, stringOption(context, name)]))
}

/** A few leaves as they are, many as how many. */
function shorten(indexes: readonly number[]): string {
  return indexes.length <= 4
    ? indexes.join(' ')
    : `${indexes.length} from ${Math.min(...indexes)} to ${Math.max(...indexes)}`
}

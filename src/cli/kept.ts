import type { KeptPage } from '#kernel/http/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import type { Output } from './output.ts'

export const command: Command = {
  name: 'kept',
  summary: 'Changes that were received while the log may not be signed: they are logged once it is resumed.',
  usage: ['kept list [--limit N] [--cursor C]', 'kept drop NUMBER'],
  options: {
    limit: { type: 'string', placeholder: 'N', description: 'With list: how many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'With list: continue where the last page ended.' },
  },
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    if (verb === 'drop') return drop(context, requirePositional(context, 1, 'the number of what is kept'))
    throw noVerb('kept', verb)
  },
}

/** What is told where something was received and cannot be logged yet. */
export function sayKept(out: Output): number {
  out.line('received and kept: nothing may be signed now. It is done once the log is resumed (comity log resume).')
  return 0
}

async function list({ node, out, values }: CliContext): Promise<number> {
  const client = await node()
  const page = await client.get<KeptPage>('/kept', {
    limit: stringOption({ values }, 'limit'),
    cursor: stringOption({ values }, 'cursor'),
  })
  const { items, next } = page
  out.data(page)
  if (items.length === 0) out.line('nothing is kept')
  else
    out.table(
      ['NUMBER', 'RECEIVED', 'WHAT', 'RECORDS', 'BYTES'],
      items.map((each) => [String(each.number), each.at, each.what, String(each.records), String(each.bytes)]),
    )
  if (next !== undefined) out.line(`more: --cursor ${next}`)
  return 0
}

async function drop({ node, out }: CliContext, number: string): Promise<number> {
  const client = await node()
  await client.delete(`/kept/${encodeURIComponent(number)}`)
  out.data({ dropped: Number(number) })
  out.line(`${number} is let go of; it will not be logged`)
  return 0
}

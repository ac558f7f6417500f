import type { KeptPage } from '#kernel/http/wire.ts'
import { noVerb, requirePositional, type CliContext, type Command } from './args.ts'
import { getPage, PAGE_OPTIONS, tellPage } from './listing.ts'
import type { Output } from './output.ts'

export const command: Command = {
  name: 'kept',
  summary: 'Changes that were received while the log may not be signed: they are logged once it is resumed.',
  usage: ['kept list [--limit N] [--cursor C]', 'kept drop NUMBER'],
  options: {
    ...PAGE_OPTIONS,
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

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<KeptPage>(context, '/kept'), {
    head: ['NUMBER', 'RECEIVED', 'WHAT', 'RECORDS', 'BYTES'],
    row: (each) => [String(each.number), each.at, each.what, String(each.records), String(each.bytes)],
    empty: 'nothing is kept',
  })
}

async function drop({ node, out }: CliContext, number: string): Promise<number> {
  const client = await node()
  await client.delete(`/kept/${encodeURIComponent(number)}`)
  out.data({ dropped: Number(number) })
  out.line(`${number} is let go of; it will not be logged`)
  return 0
}

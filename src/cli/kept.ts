import type { KeptView } from '#kernel/http/wire.ts'
import { noVerb, requirePositional, type CliContext, type Command } from './args.ts'
import type { Output } from './output.ts'

export const command: Command = {
  name: 'kept',
  summary: 'Changes that were received while the log may not be signed: they are logged once it is resumed.',
  usage: ['kept list', 'kept drop NUMBER'],
  options: {},
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

async function list({ node, out }: CliContext): Promise<number> {
  const client = await node()
  const { items } = await client.get<{ items: KeptView[] }>('/kept')
  out.data({ items })
  if (items.length === 0) out.line('nothing is kept')
  else
    out.table(
      ['NUMBER', 'RECEIVED', 'WHAT', 'RECORDS', 'BYTES'],
      items.map((each) => [String(each.number), each.at, each.what, String(each.records), String(each.bytes)]),
    )
  return 0
}

async function drop({ node, out }: CliContext, number: string): Promise<number> {
  const client = await node()
  await client.delete(`/kept/${encodeURIComponent(number)}`)
  out.data({ dropped: Number(number) })
  out.line(`${number} is let go of; it will not be logged`)
  return 0
}

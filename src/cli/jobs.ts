import type { JobView } from '#kernel/http/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'

export const command: Command = {
  name: 'jobs',
  summary: 'Work that waits or was given up, and trying it again.',
  usage: ['jobs list [--state waiting|failed] [--limit N] [--cursor C]', 'jobs retry ID'],
  options: {
    state: { type: 'string', placeholder: 'STATE', description: 'Only what waits, or only what was given up.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    if (verb === 'retry') return retry(context, requirePositional(context, 1, 'the number of the job'))
    throw noVerb('jobs', verb)
  },
}

async function list(context: CliContext): Promise<number> {
  const { out } = context
  const client = await context.node()
  const page = await client.get<{ items: JobView[]; next?: string }>('/jobs', {
    state: stringOption(context, 'state'),
    limit: stringOption(context, 'limit'),
    cursor: stringOption(context, 'cursor'),
  })
  out.data(page)
  if (page.items.length === 0) out.line('no work waits')
  else
    out.table(
      ['ID', 'WORK', 'ABOUT', 'STATE', 'DUE', 'TRIED', 'LAST ERROR'],
      page.items.map((each) => [
        String(each.id),
        each.kind,
        each.key,
        each.state,
        each.due,
        String(each.attempts),
        each.lastError ?? '',
      ]),
    )
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  return 0
}

async function retry({ node, out }: CliContext, id: string): Promise<number> {
  const client = await node()
  await client.post(`/jobs/${encodeURIComponent(id)}/retry`)
  out.data({ retried: id })
  out.line(`job ${id} is due now`)
  return 0
}

import type { JobView } from '#kernel/http/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

export const command: Command = {
  name: 'jobs',
  summary: 'Work that waits or was given up, and trying it again.',
  usage: ['jobs list [--state waiting|failed] [--q WORDS] [--limit N] [--cursor C]', 'jobs retry ID'],
  options: {
    state: { type: 'string', placeholder: 'STATE', description: 'Only what waits, or only what was given up.' },
    ...listOptions('work, subject or last error'),
  },
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    if (verb === 'retry') return retry(context, requirePositional(context, 1, 'the number of the job'))
    throw noVerb('jobs', verb)
  },
}

async function list(context: CliContext): Promise<number> {
  const page = await getPage<Page<JobView>>(context, '/jobs', { state: stringOption(context, 'state') })
  return tellPage(context, page, {
    head: ['ID', 'WORK', 'ABOUT', 'STATE', 'DUE', 'TRIED', 'LAST ERROR'],
    row: (each) => [
      String(each.id),
      each.kind,
      each.key,
      each.state,
      each.due,
      String(each.attempts),
      each.lastError ?? '',
    ],
    empty: 'no work waits',
  })
}

async function retry({ node, out }: CliContext, id: string): Promise<number> {
  const client = await node()
  await client.post(`/jobs/${encodeURIComponent(id)}/retry`)
  out.data({ retried: id })
  out.line(`job ${id} is due now`)
  return 0
}

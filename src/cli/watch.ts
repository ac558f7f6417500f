import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { Fault } from '#kernel/fault.ts'
import type { WatchImport, WatchView } from '#warning/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'
import { safeText } from './output.ts'

export const command: Command = {
  name: 'watch',
  summary: 'What this member protects. It never leaves this node.',
  usage: [
    'watch add VALUE --asset NAME [--kind KIND] [--note TEXT]',
    'watch import FILE.csv',
    'watch list [--q WORDS] [--limit N] [--cursor C]',
    'watch remove NUMBER',
  ],
  options: {
    asset: { type: 'string', placeholder: 'NAME', description: 'What is protected, for people.' },
    kind: {
      type: 'string',
      description:
        'domain (with all names below), host (that name alone), url, ip, net, email, email-domain, hash, cve; guessed without.',
    },
    note: { type: 'string', placeholder: 'TEXT', description: 'Whatever helps whoever is on duty.' },
    ...listOptions('value, asset or note'),
  },
  examples: [
    'comity watch add 198.51.100.0/24 --asset "Control centre"',
    'comity watch import examples/watch-list.csv',
  ],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'add') return add(context)
    if (verb === 'import') return importFile(context)
    if (verb === 'list') return list(context)
    if (verb === 'remove') {
      const client = await context.node()
      await client.delete(`/watch/${encodeURIComponent(requirePositional(context, 1, 'the number of the entry'))}`)
      context.out.line('removed')
      context.out.data({ removed: true })
      return 0
    }
    throw noVerb('watch', verb)
  },
}

async function add(context: CliContext): Promise<number> {
  const value = requirePositional(context, 1, 'what to watch')
  const asset = stringOption(context, 'asset')
  if (asset === undefined)
    throw new Fault('input.invalid', '--asset is missing', {
      place: 'the command line',
      remedy: 'Name what is protected: --asset "Mail server"',
    })
  const [kind, note] = [stringOption(context, 'kind'), stringOption(context, 'note')]
  const client = await context.node()
  const answer = await client.post<{ added: number; known: number }>('/watch', {
    value,
    asset,
    ...(kind === undefined ? {} : { kind }),
    ...(note === undefined ? {} : { note }),
  })
  context.out.data(answer)
  context.out.line(answer.added === 1 ? `watching ${safeText(value)} for ${safeText(asset)}` : 'watched already')
  return 0
}

async function importFile(context: CliContext): Promise<number> {
  const path = resolve(context.cwd, requirePositional(context, 1, 'the file'))
  const client = await context.node()
  let answer: WatchImport = { added: 0, known: 0, refused: [] }
  for await (const line of client.upload<WatchImport>('/watch/import', Readable.from([readFile(path)]))) answer = line
  context.out.data(answer)
  for (const { message, place, remedy } of answer.refused)
    context.out.line(
      `  ${place === undefined ? '' : `${safeText(place)}: `}${safeText(message)}${remedy === undefined ? '' : ` ${safeText(remedy)}`}`,
    )
  context.out.line(`${answer.added} added, ${answer.known} watched already, ${answer.refused.length} refused`)
  return answer.refused.length === 0 ? 0 : 1
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new Fault('not-found', `the file cannot be read (${(cause as Error).message})`, { place: path, cause })
  }
}

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<Page<WatchView>>(context, '/watch'), {
    head: ['NUMBER', 'KIND', 'VALUE', 'ASSET', 'NOTE'],
    row: (each) => [String(each.id), each.kind, each.value, each.asset, each.note],
    empty: 'nothing is watched yet; begin with: comity watch add your-domain.example --asset "Our domain"',
  })
}

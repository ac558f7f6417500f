import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringOption, type Command } from './args.ts'
import { requireCollectionOption } from './collection-option.ts'

export const command: Command = {
  name: 'export',
  summary: 'Write a collection as a STIX 2.1 bundle, to a file or standard output, as a member may have it.',
  usage: ['export [FILE] [--collection NAME] [--for MEMBER|public] [--all-versions]'],
  options: {
    collection: { type: 'string', short: 'c', placeholder: 'NAME', description: 'Alias or UUID of the collection.' },
    for: {
      type: 'string',
      placeholder: 'MEMBER',
      description: 'Of what you may have, only what this member (or the public) may have too.',
    },
    'all-versions': { type: 'boolean', description: 'Every version, not the latest alone.' },
  },
  examples: ['comity export bundle.json -c advisories --for grid.example'],
  run: async (context) => {
    const client = await context.node()
    const collection = await requireCollectionOption(client, stringOption(context, 'collection'))
    const bytes = client.download('/export', {
      collection,
      for: stringOption(context, 'for'),
      versions: context.values['all-versions'] === true ? 'all' : 'latest',
    })
    const [file] = context.positionals
    if (file === undefined) {
      for await (const chunk of bytes) process.stdout.write(chunk)
      return 0
    }
    const path = resolve(context.cwd, file)
    await pipeline(Readable.from(bytes), createWriteStream(path, { mode: 0o600, flags: 'wx' }))
    context.out.line(`written to ${path}`)
    context.out.data({ file: path })
    return 0
  },
}

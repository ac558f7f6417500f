import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ApiClient } from '#client/client.ts'
import type { BundleEvent, BundleView } from '#federation/bundle/wire.ts'
import { syncPath } from '#kernel/durable.ts'
import { Fault } from '#kernel/fault.ts'
import { noVerb, parseSize, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { inspectBundle } from './offline/inspect-bundle.ts'
import { safeText } from './output.ts'

export const command: Command = {
  name: 'bundle',
  summary:
    'Exchange without a network: one encrypted file for one peer, carried as files are carried. What comes back confirms it.',
  usage: [
    'bundle write --for MEMBER [--out FILE] [--max SIZE] [--all]',
    'bundle read FILE…',
    'bundle inspect FILE [--key FILE]',
    'bundle list --for MEMBER',
  ],
  options: {
    for: { type: 'string', placeholder: 'MEMBER', description: 'The peer that the bundle is for.' },
    out: {
      type: 'string',
      placeholder: 'FILE',
      description: 'The file to write (default: named after both members and the time).',
    },
    max: {
      type: 'string',
      placeholder: 'SIZE',
      description: 'No file larger than this, e.g. 650M or 20M; the rest goes into FILE.2, FILE.3 and so on.',
    },
    all: { type: 'boolean', description: 'From the beginning, whatever the peer has confirmed.' },
    key: {
      type: 'string',
      placeholder: 'FILE',
      description:
        'The recipient key to inspect with, where there is no data folder: recipient.json or an age identity.',
    },
  },
  examples: [
    'comity bundle write --for station.example --out /media/stick/for-station.age',
    'comity bundle read /media/stick/for-station.age',
    'comity bundle inspect /media/stick/for-station.age --json',
  ],
  run: async (context) => {
    const verb = requirePositional(context, 0, '“write”, “read”, “inspect” or “list”')
    if (verb === 'write') return writeAll(context)
    if (verb === 'read') return readAll(context)
    if (verb === 'inspect') return inspectBundle(context, fileAt(context, requirePositional(context, 1, 'the file')))
    if (verb === 'list') return list(context)
    throw noVerb('bundle', verb)
  },
}

function requireFor(context: CliContext): string {
  const member = stringOption(context, 'for')
  if (member !== undefined) return member
  throw new Fault('input.invalid', '--for is missing', {
    place: 'the command line',
    remedy: 'Name the peer, e.g. --for grid.example; “comity peer list” shows all.',
  })
}

async function writeAll(context: CliContext): Promise<number> {
  const { out, clock } = context
  const member = requireFor(context)
  const client = await context.node()
  const size = stringOption(context, 'max')
  const max = size === undefined ? undefined : parseSize(size, '--max')
  const stamp = new Date(clock.nowMs()).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
  const base = resolve(context.cwd, stringOption(context, 'out') ?? `comity-${member}-${stamp}.age`)
  const parts: (BundleView & { readonly file: string })[] = []
  for (let last = false; !last;) {
    const file = parts.length === 0 ? base : `${base}.${parts.length + 1}`
    const goOn = parts[0]?.id
    const part = await writePart(client, { member, file, max, goOn, all: context.values['all'] === true })
    parts.push({ ...part, file })
    last = part.last
    out.line(`${file}: ${part.bytes} bytes, leaves ${span(part.leaves)}, ${counted(part)}`)
  }
  out.line(
    `For ${member} alone; on its node: comity bundle read FILE. Items count as given when its answer confirms them.`,
  )
  out.data({ member, parts })
  return 0
}

function span({ from, until }: BundleView['leaves']): string {
  return until === from ? `none new (${from} known there)` : `${from} to ${until - 1}`
}

function counted({ items }: BundleView): string {
  const count = items.until - items.after
  return count === 0 ? 'no items' : `items ${items.after + 1} to ${items.until}`
}

type PartRequest = {
  readonly member: string
  readonly file: string
  readonly max: number | undefined
  readonly goOn: string | undefined
  readonly all: boolean
}

/** One file, whole or not at all: it gets its name when it is on the disk. */
async function writePart(client: ApiClient, { member, file, max, goOn, all }: PartRequest): Promise<BundleView> {
  if (existsSync(file))
    throw new Fault('conflict', 'there is a file here already; it was not touched', {
      place: file,
      remedy: 'Name a new one with --out.',
    })
  const path = `/peers/${encodeURIComponent(member)}/bundles`
  const partial = `${file}.partial`
  try {
    const bytes = client.download(path, { max, goOn, ...(all && goOn === undefined ? { all } : {}) }, 'POST')
    await pipeline(Readable.from(bytes), createWriteStream(partial, { mode: 0o600, flush: true }))
    const { items } = await client.get<{ items: BundleView[] }>(path)
    const written = items.find(({ id, state }) => state !== 'begun' && (goOn === undefined || id === goOn))
    if (written === undefined || written.bytes !== statSync(partial).size)
      throw new Fault('storage.failed', 'the bundle was broken off while it was written', {
        place: file,
        remedy: 'Write it again; what went wrong is in the log of the node.',
      })
    renameSync(partial, file)
    syncPath(dirname(file))
    return written
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

async function readAll(context: CliContext): Promise<number> {
  const files = context.positionals.slice(1)
  if (files.length === 0)
    throw new Fault('input.invalid', 'no file is named', {
      place: 'the command line',
      remedy: 'For example: comity bundle read /media/stick/for-us.age',
    })
  const client = await context.node()
  let clean = true
  for (const name of files) clean = (await readOne(context, client, name)) && clean
  return clean ? 0 : 1
}

async function readOne(context: CliContext, client: ApiClient, name: string): Promise<boolean> {
  const { out } = context
  const file = fileAt(context, name)
  if (name !== '-') await (await open(file.path)).close()
  let clean = false
  for await (const event of client.upload<BundleEvent>('/bundles', file.stream())) {
    out.data({ file: file.path, ...event })
    if (event.kind === 'manifest') out.line(`${safeText(name)}: ${describe(event.manifest)}`)
    if (event.kind === 'done') {
      clean = true
      out.line(
        `  ${event.leaves} new leaves, ${event.statements} statements, ${event.cosignatures} lines of a witness, ${event.heads} heads compared`,
      )
      out.line(
        `  ${event.from} has our items up to ${event.confirmed}${event.more ? `; part ${event.part + 1} follows` : ''}`,
      )
    }
    if (event.kind === 'broken') {
      out.line(`  broken off: ${safeText(event.message)}${event.place === undefined ? '' : ` (${event.place})`}`)
      if (event.remedy !== undefined) out.line(`  what to do: ${safeText(event.remedy)}`)
    }
  }
  return clean
}

/** What a manifest says, in one line. */
export function describe({
  from,
  to,
  time,
  part,
  log,
  deliveries,
}: Extract<BundleEvent, { kind: 'manifest' }>['manifest']): string {
  return `part ${part} from ${from} for ${to}, ${time}: leaves from ${log.from} to ${log.size}, items behind ${deliveries.after} up to ${deliveries.until}`
}

export type BundleFile = { readonly path: string; readonly stream: () => Readable }

/** A file by its name, or standard input for `-`. */
function fileAt(context: CliContext, name: string): BundleFile {
  if (name === '-') return { path: '-', stream: () => process.stdin }
  const path = resolve(context.cwd, name)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Fault('not-found', 'there is no such file', { place: path })
  if (found.isDirectory()) throw new Fault('input.invalid', 'this is a folder; name the file in it', { place: path })
  return { path, stream: () => createReadStream(path, { highWaterMark: 1 << 20 }) }
}

async function list(context: CliContext): Promise<number> {
  const member = requireFor(context)
  const client = await context.node()
  const { items } = await client.get<{ items: BundleView[] }>(`/peers/${encodeURIComponent(member)}/bundles`)
  context.out.data({ items })
  if (items.length === 0) context.out.line(`no bundle was written for ${member} yet`)
  else
    context.out.table(
      ['WRITTEN', 'BUNDLE', 'PART', 'LEAVES', 'ITEMS', 'BYTES', 'STATE'],
      items.map((each) => [
        each.at,
        each.id.slice(0, 8),
        `${each.part}${each.last ? '' : ' of more'}`,
        `${each.leaves.from}-${each.leaves.until}`,
        `${each.items.after}-${each.items.until}`,
        String(each.bytes),
        each.state,
      ]),
    )
  return 0
}

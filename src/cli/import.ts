import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { ApiClient } from '#client/client.ts'
import { Fault } from '#kernel/fault.ts'
import type { ImportCounts, ImportEvent } from '#sharing/wire.ts'
import { stringOption, type CliContext, type Command } from './args.ts'
import { safeText } from './output.ts'
import { requireCollectionOption } from './collection-option.ts'
import { markingDefinitionsIn } from './marking-definitions.ts'

/** Refusals printed one by one; the rest is counted. `--json` prints all. */
const REFUSALS_SHOWN = 20

export const command: Command = {
  name: 'import',
  summary:
    'Import STIX 2.1 objects: a bundle, a TAXII envelope, an array, or one object a line. Continues where it broke off.',
  usage: ['import FILE… [--collection NAME] [--context FILE]'],
  options: {
    collection: {
      type: 'string',
      short: 'c',
      placeholder: 'NAME',
      description: 'Alias or UUID of the collection (needed where there is more than one of your own).',
    },
    context: {
      type: 'string',
      placeholder: 'FILE',
      description:
        'JSON from STIX id to an object: what belongs to a record and goes its own way (who was hit, the source). Who may have it, the collection says (--context-tlp).',
    },
    restart: { type: 'boolean', description: 'Read the file from its beginning, also where it was imported before.' },
  },
  examples: ['comity import bundle.json --collection advisories', 'comity import *.ndjson --json'],
  run: async (context) => {
    if (context.positionals.length === 0)
      throw new Fault('input.invalid', 'no file is named', {
        place: 'the command line',
        remedy: 'For example: comity import bundle.json',
      })
    const client = await context.node()
    const collection = await requireCollectionOption(client, stringOption(context, 'collection'))
    const file = stringOption(context, 'context')
    const about = file === undefined ? Buffer.alloc(0) : await readWhole(resolve(context.cwd, file))
    let clean = true
    for (const file of context.positionals) {
      const counts = await importFile(context, client, { path: resolve(context.cwd, file), collection, about })
      clean &&= counts.refused === 0 && counts.conflict === 0 && !counts.broken
    }
    return clean ? 0 : 1
  },
}

type Place = { readonly offset: number; readonly objects: number; readonly line: number }
const BEGINNING: Place = { offset: 0, objects: 0, line: 1 }

/** `about`: the bytes of the context file, empty where there is none. */
type Source = { readonly path: string; readonly collection: string; readonly about: Buffer }
type Totals = ImportCounts & { readonly broken: boolean }

async function importFile(context: CliContext, client: ApiClient, source: Source): Promise<Totals> {
  const { out } = context
  const { digest, definitions } = await readAhead(source)
  const query = { collection: source.collection, digest }
  const known = await client.get<Place & { done: boolean }>('/import', query)
  const start: Place =
    context.values['restart'] === true || known.done
      ? BEGINNING
      : { offset: known.offset, objects: known.objects, line: known.line }
  const name = basename(source.path)
  if (start.offset > 0) out.line(`${safeText(name)}: continuing behind byte ${start.offset}, object ${start.objects}`)
  if (definitions.length > 0) await importDefinitions(client, source.collection, definitions)
  const startedMs = context.monotonicMs()
  const bytes = statSync(source.path).size
  const stream = createReadStream(source.path, { start: start.offset, highWaterMark: 1 << 20 })
  const events = client.upload<ImportEvent>('/import', Readable.from(withContext(source.about, stream)), {
    ...query,
    ...start,
    ...(source.about.length === 0 ? {} : { contextBytes: source.about.length }),
  })
  const total = await consume(context, events, { name, bytes, startedMs })
  const seconds = (context.monotonicMs() - startedMs) / 1000
  out.line(
    `${safeText(name)}: ${total.added} added, ${total.known} known already, ${total.conflict} in conflict, ${total.refused} refused${total.kept === 0 ? '' : `, ${total.kept} kept until the log is resumed`}` +
      ` (${total.read} objects in ${seconds.toFixed(1)} s, ${Math.round(total.read / Math.max(seconds, 0.001))} a second)`,
  )
  out.data({ file: source.path, ...total, seconds })
  return total
}

/** The digest by which an import is continued, and the marking definitions, which must be known before what they mark. */
async function readAhead({ path, about }: Source): Promise<{ digest: string; definitions: Buffer[] }> {
  const hash = createHash('sha256').update(about)
  for await (const chunk of readFileBytes(path)) hash.update(chunk)
  return { digest: hash.digest('hex'), definitions: await markingDefinitionsIn(readFileBytes(path)) }
}

async function* withContext(about: Buffer, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (about.length > 0) yield about
  yield* stream
}

async function readWhole(path: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(readFileBytes(path)))
}

async function* readFileBytes(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>
  } catch (cause) {
    throw new Fault('not-found', `the file cannot be read (${(cause as Error).message})`, { place: path, cause })
  }
}

async function importDefinitions(client: ApiClient, collection: string, definitions: readonly Buffer[]): Promise<void> {
  const body = Buffer.concat(definitions.flatMap((each) => [each, Buffer.from('\n')]))
  const digest = createHash('sha256').update(body).digest('hex')
  for await (const _ of client.upload<ImportEvent>('/import', Readable.from([body]), { collection, digest })) continue
}

async function consume(
  { out, monotonicMs }: CliContext,
  events: AsyncIterable<ImportEvent>,
  source: { readonly name: string; readonly bytes: number; readonly startedMs: number },
): Promise<Totals> {
  let counts: ImportCounts = { read: 0, added: 0, known: 0, conflict: 0, refused: 0, kept: 0 }
  let [refusals, unused] = [0, 0]
  let broken = false
  for await (const event of events) {
    if (event.kind === 'progress') {
      const rate = Math.round(event.read / Math.max((monotonicMs() - source.startedMs) / 1000, 0.001))
      const percent = source.bytes === 0 ? 100 : Math.min(100, Math.round((event.offset / source.bytes) * 100))
      out.progress(`${source.name}: ${percent} %, ${event.read} objects, ${rate} a second`)
    } else if (event.kind === 'refused') {
      refusals += 1
      if (out.json) out.data(event)
      else if (refusals <= REFUSALS_SHOWN) printRefusal(out, event)
    } else if (event.kind === 'context') {
      unused += 1
      out.data(event)
    } else if (event.kind === 'broken') {
      broken = true
      out.data(event)
      out.line(
        `${safeText(source.name)}: broken off: ${safeText(event.message)}${event.place === undefined ? '' : ` (${safeText(event.place)})`}`,
      )
      out.line('  what stands before that place is in; mend the file and import it again')
    } else {
      counts = {
        read: event.read,
        added: event.added,
        known: event.known,
        conflict: event.conflict,
        refused: event.refused,
        kept: event.kept,
      }
    }
  }
  if (unused > 0)
    out.line(`  the context of ${unused} records was not taken: this import added no such records; --json lists them`)
  if (refusals > REFUSALS_SHOWN) out.line(`  … and ${refusals - REFUSALS_SHOWN} more; --json lists all`)
  return { ...counts, broken }
}

function printRefusal(out: CliContext['out'], event: Extract<ImportEvent, { kind: 'refused' }>): void {
  out.line(
    `  object ${event.index} at byte ${event.offset}${event.id === undefined ? '' : `, ${safeText(event.id)}`}: ${event.outcome}`,
  )
  for (const { code, path, message, remedy } of event.findings.slice(0, 3))
    out.line(
      `    ${path === '' ? '/' : safeText(path)}  ${safeText(message)} [${code}]${remedy === undefined ? '' : ` ${safeText(remedy)}`}`,
    )
  if (event.outcome === 'conflict')
    out.line(
      `    stands here: ${event.stored === undefined ? 'a value you may not read' : safeText(event.stored.slice(0, 300))}`,
    )
  if (event.sent !== undefined) out.line(`    was sent:    ${safeText(event.sent.slice(0, 300))}`)
}

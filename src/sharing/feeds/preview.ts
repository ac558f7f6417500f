// A look at a source before it is a feed: what it holds, what of it would be refused, and under which marking the rest
// would stand. Nothing is stored.
import { LIMITS } from '#kernel/limits.ts'
import { stricterTlp, type Marking } from '#kernel/marking.ts'
import { acceptObject } from '../prepare.ts'
import { markingOf } from '../stix/marking.ts'
import { splitObjects } from '../stream.ts'
import { askSource, demandData, type AskDeps, type Credentials } from './ask.ts'
import { readList } from './list.ts'
import { LIST_ACCEPT } from './run-list.ts'
import { STIX_ACCEPT } from './run.ts'
import { FIRST_STEP, offeredCollections, readTaxiiPage } from './taxii.ts'
import type { FeedKind, FeedPreview } from './wire.ts'

export type PreviewSource = {
  readonly kind: FeedKind
  readonly url: string
  readonly from?: string | undefined
  readonly column?: string | undefined
  readonly marking: Marking
  readonly credentials: Credentials | undefined
  readonly signal: AbortSignal
}

const timeoutMs = LIMITS.feedPreviewTimeoutMs
const REFUSED_MAX = 100
const SAMPLE_MAX = 20
const NAME_CHARS_MAX = 200

export async function previewSource(deps: AskDeps, source: PreviewSource): Promise<FeedPreview> {
  const look = new Look(source.marking)
  if (source.kind !== 'taxii') return lookAtFile(deps, source, look)
  const { from } = source
  if (from === undefined)
    return { ...look.result(false), collections: await offeredCollections(deps, { ...source, timeoutMs }) }
  const limited = { ...source, from, limit: LIMITS.feedPreviewObjectsMax, timeoutMs }
  const { body, rest } = await readTaxiiPage(deps, limited, FIRST_STEP)
  const whole = body === undefined || (await lookAtObjects(look, one(body)))
  return look.result(rest !== undefined || !whole)
}

async function lookAtFile(deps: AskDeps, source: PreviewSource, look: Look): Promise<FeedPreview> {
  const { kind, url, credentials, signal } = source
  const accept = kind === 'stix' ? STIX_ACCEPT : LIST_ACCEPT
  const bytesMax = LIMITS.feedBundleBytesMax
  using answer = await askSource(deps, { url, accept, credentials, bytesMax, timeoutMs, signal })
  if (answer === undefined) return look.result(false)
  demandData(answer, new URL(url).host)
  const { body, wasCut } = beginningOf(answer.body)
  const whole = kind === 'stix' ? await lookAtObjects(look, body, wasCut) : await lookAtList(look, body, source.column)
  return look.result(!whole || wasCut())
}

/** The first bytes of a body, and whether there were more. */
function beginningOf(source: AsyncIterable<Uint8Array>): {
  readonly body: AsyncIterable<Uint8Array>
  readonly wasCut: () => boolean
} {
  let cut = false
  const body = async function* (): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const chunk of source) {
      yield chunk
      bytes += chunk.length
      cut = bytes > LIMITS.feedPreviewBytesMax
      if (cut) return
    }
  }
  return { body: body(), wasCut: () => cut }
}

/** False where it stopped before the end. */
async function lookAtObjects(
  look: Look,
  source: AsyncIterable<Uint8Array>,
  wasCut: () => boolean = () => false,
): Promise<boolean> {
  try {
    for await (const pieces of splitObjects(source))
      for (const piece of pieces) {
        if (look.isFull) return false
        look.atObject(piece)
      }
  } catch (error) {
    if (!wasCut()) throw error
  }
  return true
}

async function lookAtList(look: Look, source: AsyncIterable<Uint8Array>, column: string | undefined): Promise<boolean> {
  for await (const lines of readList(source, column))
    for (const line of lines) {
      if (look.isFull) return false
      if ('problem' in line) look.refuse(`line ${line.line}`, line.problem)
      else look.take(line.value.kind, line.value.value)
    }
  return true
}

class Look {
  readonly #marking: Marking
  readonly #kinds = new Map<string, number>()
  readonly #refused: { what: string; reason: string }[] = []
  readonly #sample: FeedPreview['sample'] = []
  readonly #definitions = new Map<string, unknown>()
  #read = 0

  constructor(marking: Marking) {
    this.#marking = marking
  }

  get isFull(): boolean {
    return this.#read >= LIMITS.feedPreviewObjectsMax
  }

  atObject(piece: Parameters<typeof acceptObject>[0] & { readonly line: number }): void {
    const judged = acceptObject(piece, 'lenient')
    if (!judged.ok)
      return this.refuse(judged.id ?? `line ${piece.line}`, judged.findings[0]?.message ?? 'no STIX object')
    const { value, summary } = judged
    if (summary.type === 'marking-definition') this.#definitions.set(summary.id, value)
    const name = [value['name'], value['value'], value['pattern']].find((each) => typeof each === 'string')
    const defaults = { marking: this.#marking, personal: this.#marking.personal }
    const { tlp } = markingOf(value, (id) => this.#definitions.get(id), defaults).marking
    return this.take(summary.type, name ?? summary.id, stricterTlp(tlp, this.#marking.tlp))
  }

  take(kind: string, name: string, tlp: string = this.#marking.tlp): void {
    this.#read += 1
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1)
    if (this.#sample.length < SAMPLE_MAX) this.#sample.push({ kind, name: name.slice(0, NAME_CHARS_MAX), tlp })
  }

  refuse(what: string, reason: string): void {
    this.#read += 1
    if (this.#refused.length < REFUSED_MAX) this.#refused.push({ what: what.slice(0, NAME_CHARS_MAX), reason })
  }

  result(more: boolean): FeedPreview {
    const kinds = [...this.#kinds].map(([kind, count]) => ({ kind, count })).toSorted((a, b) => b.count - a.count)
    return { read: this.#read, more, kinds, refused: this.#refused, sample: this.#sample }
  }
}

async function* one(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}

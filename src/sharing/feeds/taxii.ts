// Reading a collection of a TAXII 2.1 server, a page at a time (sections 3.4 to 3.7 and 5.4). Where a run is lies with its
// job, so that it goes on where it broke off; how far the collection was read is kept only at the end of the paging, for
// objects of one moment may lie on both sides of a page's edge.
import { hash } from 'node:crypto'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { isTaxiiContent, TAXII_MEDIA_TYPE } from '../taxii-server/negotiate.ts'
import { askSource, SourceRefusal, type AskDeps, type Credentials } from './ask.ts'
import { readEnvelope } from './envelope.ts'

/** Where in the pages of one run the next request is. */
export type TaxiiStep = {
  readonly after?: string
  readonly next?: string
  readonly pages: number
  readonly empty: number
  /** The newest time the server named so far. */
  readonly last?: string
  /** A digest of the page before. */
  readonly seen?: string
  /** The server did not know its own mark any more, and the run began again. */
  readonly again?: boolean
}

export type TaxiiPage = {
  /** The answer as it came, where there are objects in it. */
  readonly body: Uint8Array | undefined
  /** The next request, where there is more. */
  readonly rest: TaxiiStep | undefined
  /** How far the server says this goes. */
  readonly last: string | undefined
}

export type TaxiiSource = {
  readonly url: string
  readonly from: string
  readonly credentials: Credentials | undefined
  readonly limit?: number
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export const FIRST_STEP: TaxiiStep = { pages: 0, empty: 0 }

export async function readTaxiiPage(deps: AskDeps, source: TaxiiSource, step: TaxiiStep): Promise<TaxiiPage> {
  const url = new URL(`collections/${encodeURIComponent(source.from)}/objects/`, source.url)
  if (step.after !== undefined) url.searchParams.set('added_after', step.after)
  if (step.next !== undefined) url.searchParams.set('next', step.next)
  url.searchParams.set('limit', String(source.limit ?? LIMITS.taxiiPageMax))
  const { body, headers } = await askTaxii(deps, source, url)
  const { hasObjects, more, next } = await readEnvelope(body)
  // Some servers name only the first time of a page that holds one object.
  const times = [headers['x-taxii-date-added-last'], headers['x-taxii-date-added-first'], step.last]
  const last = times.map(timeOf).find((each) => each !== undefined)
  const empty = hasObjects ? 0 : step.empty + 1
  return {
    body: hasObjects ? body : undefined,
    rest: more ? nextStep(step, { next, last, empty, seen: hash('sha256', body, 'base64url') }) : undefined,
    last,
  }
}

/** Whether a refusal means that the server forgot where its own pages were: then one begins again from its time. */
export function isLostPlace(error: unknown, step: TaxiiStep): boolean {
  return step.next !== undefined && step.again !== true && error instanceof SourceRefusal && LOST.has(error.answered)
}

const LOST: ReadonlySet<number> = new Set([400, 404, 410, 422])

function nextStep(
  step: TaxiiStep,
  {
    next,
    last,
    empty,
    seen,
  }: Pick<TaxiiStep, 'empty'> & Record<'next' | 'last', string | undefined> & { readonly seen: string },
): TaxiiStep {
  const pages = step.pages + 1
  if (empty > LIMITS.feedEmptyPagesMax || pages >= LIMITS.feedPagesMax)
    throw endless(empty > 0 ? `${empty} empty pages in a row` : `${pages} pages and more`)
  const common = { pages, empty, seen, ...(last === undefined ? {} : { last }), ...(step.again ? { again: true } : {}) }
  if (next !== undefined) {
    // Some servers give all pages of one reading the same mark, so the mark alone tells nothing.
    if (next === step.next && seen === step.seen) throw endless('the same page again and again')
    return { ...common, next, ...(step.after === undefined ? {} : { after: step.after }) }
  }
  // Without a mark of its own a server goes on behind the last time it named (section 3.5).
  if (last === undefined || last === step.after)
    throw new Fault('peer.invalid', 'the server says that there is more, and not where', {
      remedy: 'Tell who runs it: an envelope with “more” needs “next” or X-TAXII-Date-Added-Last.',
    })
  return { ...common, after: last }
}

function endless(what: string): Fault {
  return new Fault('peer.invalid', `the server pages without end: ${what}`, {
    remedy: 'What came was taken. Tell who runs it; the next run begins again.',
  })
}

type TaxiiAnswer = { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }

async function askTaxii(
  deps: AskDeps,
  { credentials, signal, timeoutMs }: Omit<TaxiiSource, 'from'>,
  url: URL,
): Promise<TaxiiAnswer> {
  const ask = {
    url: url.href,
    accept: TAXII_MEDIA_TYPE,
    credentials,
    bytesMax: LIMITS.feedPageBytesMax,
    timeoutMs,
    signal,
  }
  using answer = await askSource(deps, ask)
  if (answer === undefined)
    throw new Fault('peer.invalid', 'the server says that nothing changed, and was not asked that')
  if (!isTaxiiContent(answer.headers['content-type']))
    throw new Fault(
      'peer.invalid',
      `${url.host} answers ${JSON.stringify((answer.headers['content-type'] ?? 'nothing').slice(0, 80))}, not TAXII 2.1`,
      { remedy: 'Give the address of a TAXII 2.1 API root; TAXII 1 and 2.0 are not read.' },
    )
  return { body: Buffer.concat(await Array.fromAsync(answer.body)), headers: answer.headers }
}

/** Its own words, to be said back to it: a time, and nothing else. */
function timeOf(header: string | undefined): string | undefined {
  return header !== undefined && /^\d{4}-\d\d-\d\dT[\d:.]{5,30}(?:Z|[+-]\d\d:?\d\d)$/.test(header) ? header : undefined
}

export type OfferedCollection = { readonly id: string; readonly title: string; readonly mayRead: boolean }

const OFFERED_MAX = 200

/** What a server offers (section 5.1). */
export async function offeredCollections(
  deps: AskDeps,
  source: Omit<TaxiiSource, 'from'>,
): Promise<OfferedCollection[]> {
  const { body } = await askTaxii(deps, source, new URL('collections/', source.url))
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    value = undefined
  }
  const { collections = [] } = (typeof value === 'object' && value !== null ? value : {}) as { collections?: unknown }
  if (!Array.isArray(collections)) throw new Fault('peer.invalid', 'the server’s list of collections cannot be read')
  return collections.slice(0, OFFERED_MAX).flatMap((each: unknown) => {
    const { id, title, can_read: mayRead } = (each ?? {}) as Record<string, unknown>
    if (typeof id !== 'string') return []
    return [{ id: id.slice(0, 253), title: String(title ?? id).slice(0, 200), mayRead: mayRead === true }]
  })
}

/** An API root and a collection, also where the address of the collection itself was given. */
export function taxiiAddress(url: string, from: string | undefined): { readonly url: string; readonly from?: string } {
  const [, root, named = ''] = /^(.*\/)collections\/([^/?#%]+)\/?(?:objects\/?)?$/.exec(url) ?? []
  if (root !== undefined) return { url: root, from: from ?? named }
  const address = url.endsWith('/') ? url : `${url}/`
  return { url: address, ...(from === undefined ? {} : { from }) }
}

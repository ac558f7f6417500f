// One request to a source, and what its status means to people. It says nothing but what the administrator wrote and what
// the source itself said before: the address, the credentials, the source's own mark of where we are.
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Outbound, OutboundStream } from '#kernel/http/outbound.ts'

export type Credentials = { readonly user?: string; readonly secret: string }

export type Ask = {
  readonly url: string
  readonly accept: string
  readonly credentials: Credentials | undefined
  /** What the source said the last time, to be told that nothing has changed. */
  readonly etag?: string | undefined
  readonly modified?: string | undefined
  readonly bytesMax: number
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export type AskDeps = { readonly outbound: Outbound; readonly now: () => number }

/** The answer where there is something new, undefined where nothing has changed. Throws for every other answer. */
export async function askSource({ outbound, now }: AskDeps, ask: Ask): Promise<OutboundStream | undefined> {
  const answer = await outbound.open({
    method: 'GET',
    url: ask.url,
    headers: headersOf(ask),
    bodyBytesMax: ask.bytesMax,
    timeoutMs: ask.timeoutMs ?? LIMITS.feedTimeoutMs,
    ...(ask.signal === undefined ? {} : { signal: ask.signal }),
  })
  if (answer.status === 200) return answer
  answer[Symbol.dispose]()
  if (answer.status === 304) return undefined
  throw refusalOf(answer, new URL(ask.url).host, now())
}

function headersOf({ accept, credentials, etag, modified }: Ask): Record<string, string> {
  return {
    accept,
    ...(credentials === undefined ? {} : { authorization: authorizationOf(credentials) }),
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined ? {} : { 'if-modified-since': modified }),
  }
}

function authorizationOf({ user, secret }: Credentials): string {
  return user === undefined ? `Bearer ${secret}` : `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}

/** The status of the answer behind a refusal of a source. */
export class SourceRefusal extends Fault {
  readonly answered: number

  constructor(answered: number, ...fault: ConstructorParameters<typeof Fault>) {
    super(...fault)
    this.answered = answered
  }
}

function refusalOf(
  { status, headers }: Pick<OutboundStream, 'status' | 'headers'>,
  host: string,
  nowMs: number,
): Fault {
  const refuse = (message: string, remedy: string): Fault =>
    new SourceRefusal(status, 'peer.refused', `${host} ${message}`, { remedy })
  if (status >= 300 && status < 400)
    return refuse(
      `sends its readers to ${JSON.stringify((headers['location'] ?? 'another place').slice(0, 200))}, and no redirect is followed`,
      'If that address is the right one, add a feed with it.',
    )
  if (status === 401 || status === 403)
    return refuse(
      `does not let this node in (${status})`,
      'Check the user, the password or the token: comity feed set NAME.',
    )
  if (status === 404 || status === 410)
    return refuse(`has nothing at this address (${status})`, 'Check the address and the collection with who runs it.')
  if (status === 406 || status === 415)
    return refuse(`does not speak the format this kind of feed reads (${status})`, 'Check the kind and the address.')
  const waitSeconds = retryAfter(headers['retry-after'], nowMs)
  const wait = waitSeconds === undefined ? {} : { retryAfterSeconds: waitSeconds }
  if (status === 429)
    return new SourceRefusal(status, 'peer.unreachable', `${host} wants to be asked less often (429)`, {
      remedy: 'It is asked again later by itself. Give the feed a longer interval.',
      ...wait,
    })
  if (status >= 500)
    return new SourceRefusal(status, 'peer.unreachable', `${host} has trouble of its own (${status})`, {
      remedy: 'It is asked again by itself.',
      ...wait,
    })
  return refuse(`answers ${status}, which is no answer to a reader`, 'Check the address.')
}

/** Seconds from now: a number or a date (RFC 9110 section 10.2.3). */
function retryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1000))
}

/** A page for people where data was expected: a sign-in form, an error in words. */
export function demandData({ headers }: OutboundStream, host: string): void {
  if (/^text\/html\b/i.test(headers['content-type'] ?? ''))
    throw new Fault('peer.invalid', `${host} answers with a page for people, not with data`, {
      remedy: 'Open the address in a browser: it may ask to sign in, or have moved.',
    })
}

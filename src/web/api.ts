// The one way to the node: every request, and every failure as one kind of thing with a stable code. Reads that fail on
// the way are tried again; whatever changes something is tried once.
import type { Problem } from '#kernel/http/problem.ts'
import type { BACKGROUND_HEADER as BackgroundHeader, CSRF_HEADER as CsrfHeader } from '#identity/wire.ts'

const BACKGROUND_HEADER: typeof BackgroundHeader = 'x-comity-background'
const CSRF_HEADER: typeof CsrfHeader = 'x-comity-csrf'

/** A failure of a request. `link.*` codes are the browser's own: no answer came. All others are the node's. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault'
  readonly code: string
  readonly status: number
  readonly remedy: string | undefined
  readonly place: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: string,
    message: string,
    more: Partial<Pick<ApiFault, 'status' | 'remedy' | 'place' | 'retryAfterSeconds'>> = {},
  ) {
    super(message)
    this.code = code
    this.status = more.status ?? 0
    this.remedy = more.remedy
    this.place = more.place
    this.retryAfterSeconds = more.retryAfterSeconds
  }
}

/** Whatever was thrown, as a fault. A part of the program that did not arrive is a lost link, too. */
export function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error
  const lost = error instanceof TypeError && /import|module/i.test(error.message)
  return new ApiFault(lost ? 'link.lost' : 'internal', String(error))
}

/** At 64 kbit/s a page of results takes ten seconds. What is sent may come at a quarter of that. */
const TIMEOUT_MS = 30_000
const SENT_BYTES_PER_MS = 2
const TRIES = 3

let csrf: string | undefined
let onSignedOut: () => void = () => {}

export function useCsrf(token: string | undefined): void {
  csrf = token
}

/** Called whenever the node says that nobody is signed in any more. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

/** What a page asks for by itself, in the background, does not count as somebody using it. */
export async function get<T>(
  path: string,
  { signal, background = false }: { readonly signal?: AbortSignal; readonly background?: boolean } = {},
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return (await call('GET', path, undefined, { signal, background })) as T
    } catch (error) {
      const passing = error instanceof ApiFault && (error.code.startsWith('link.') || error.status === 503)
      if (!passing || tried === TRIES || signal?.aborted === true) throw error
      await new Promise((wake) => setTimeout(wake, 400 * 2 ** tried))
    }
  }
}

type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export async function send<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const payload = body === undefined ? {} : { body: JSON.stringify(body), type: 'application/json' }
  const answer = await call(method, path, payload)
  takeCsrf(answer)
  return answer as T
}

/** What renews the session in use (another password, a second factor) brings its new token along. */
function takeCsrf(answer: unknown): void {
  const { session = answer } = (answer ?? {}) as { readonly session?: unknown }
  const { csrf: renewed } = (session ?? {}) as { readonly csrf?: unknown }
  if (typeof renewed === 'string') csrf = renewed
}

/** Sends bytes as they are: a file, pasted objects. NDJSON answers come as text. */
export async function sendFile<T>(path: string, body: Blob | string, type: string): Promise<T> {
  return (await call('POST', path, { body, type })) as T
}

/** Sends what is answered by one event a line, and hands each over as it comes. Long work says how far it is. */
export async function* sendForEvents<T>(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<T> {
  const response = await ask('POST', path, { body: JSON.stringify(body), type: 'application/json' }, { signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value = '' } = (await reader?.read().catch(brokeOff)) ?? { done: true }
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line) as T
    if (done) return
  }
}

function brokeOff(): never {
  throw new ApiFault('link.lost', 'the answer broke off')
}

type Payload = { readonly body?: Blob | string; readonly type?: string }
type How = { readonly signal?: AbortSignal | undefined; readonly background?: boolean }

async function call(method: string, path: string, payload?: Payload, how: How = {}): Promise<unknown> {
  const sent =
    payload?.body === undefined ? 0 : typeof payload.body === 'string' ? payload.body.length : payload.body.size
  const timeout = AbortSignal.timeout(TIMEOUT_MS + Math.ceil(sent / SENT_BYTES_PER_MS))
  const signal = how.signal === undefined ? timeout : AbortSignal.any([how.signal, timeout])
  try {
    return await readBody(await ask(method, path, payload, { ...how, signal }))
  } catch (error) {
    throw timeout.aborted ? new ApiFault('link.slow', 'the node did not answer') : error
  }
}

async function ask(
  method: string,
  path: string,
  payload: Payload | undefined,
  { signal, background }: How & { readonly signal: AbortSignal },
): Promise<Response> {
  let response: Response
  try {
    response = await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      signal,
      headers: {
        accept: 'application/json',
        ...(payload?.type === undefined ? {} : { 'content-type': payload.type }),
        ...(background === true ? { [BACKGROUND_HEADER]: '1' } : {}),
        ...(method === 'GET' ? {} : writeHeaders()),
      },
      ...(payload?.body === undefined ? {} : { body: payload.body }),
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new ApiFault('link.lost', 'the node did not answer')
  }
  if (response.ok) return response
  throw await readProblem(response)
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  const type = response.headers.get('content-type') ?? ''
  try {
    return type.includes('json') && !type.includes('ndjson') ? await response.json() : await response.text()
  } catch {
    return brokeOff()
  }
}

/** What shows that a write comes from this page. */
export function writeHeaders(): Readonly<Record<string, string>> {
  return csrf === undefined ? {} : { [CSRF_HEADER]: csrf }
}

export async function readProblem(response: Response): Promise<ApiFault> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
  const code = problem.code ?? (response.status === 429 ? 'rate.limited' : 'internal')
  if (code === 'auth.required') onSignedOut()
  const retryAfter = Number(response.headers.get('retry-after') ?? '')
  return new ApiFault(code, problem.detail ?? response.statusText, {
    status: response.status,
    remedy: problem.remedy,
    place: problem.place,
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
  })
}

// What is particular to browsers: at which addresses this node is opened, the session cookie, and that a write carried by
// a cookie was meant by the page that shows this node and not by another one.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Fault } from '#kernel/fault.ts'
import { CSRF_HEADER } from './wire.ts'

export type Site = {
  /** Origins a page of this node has. */
  readonly origins: readonly string[]
  /** The name passkeys are bound to (WebAuthn's relying party id), where the address has one. */
  readonly rpId: string | undefined
  readonly cookie: string
  readonly secure: boolean
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Where this node is opened, by its public URL. On loopback it has three names, and passkeys work under `localhost`. */
export function siteOf(publicUrl: string): Site {
  const { protocol, hostname, port, origin } = new URL(publicUrl)
  const secure = protocol === 'https:'
  const loopback = LOOPBACK.includes(hostname)
  const suffix = port === '' ? '' : `:${port}`
  const isName = !/^[\d.]+$|^\[/.test(hostname)
  return {
    origins: loopback ? LOOPBACK.map((name) => `${protocol}//${name}${suffix}`) : [origin],
    rpId: loopback ? 'localhost' : secure && isName ? hostname : undefined,
    // Ports share cookies, so two nodes on one machine need two names. __Host- binds to the host and to https.
    cookie: secure ? '__Host-comity' : `comity-${port === '' ? '80' : port}`,
    secure,
  }
}

/** The value of the session cookie a request carries. */
export function sessionCookie(request: Pick<FastifyRequest, 'headers'>, site: Site): string | undefined {
  const value = cookieValue(request, site.cookie)
  return value?.length === 43 ? value : undefined
}

/** The value of a cookie, where it is one of ours: base64url. */
export function cookieValue({ headers }: Pick<FastifyRequest, 'headers'>, wanted: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value = ''] = pair.trim().split('=', 2)
    if (name === wanted && /^[A-Za-z0-9_-]+$/.test(value)) return value
  }
  return undefined
}

/** `Set-Cookie`: no script reads it, no other site's page sends it (`Lax`: but may lead a browser here with it). */
export function setCookie(
  { cookie, secure }: Site,
  value: string,
  maxAgeSeconds: number,
  { name = cookie, sameSite = 'Strict' }: { readonly name?: string; readonly sameSite?: 'Strict' | 'Lax' } = {},
): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`
}

export function dropCookie(site: Site): string {
  return setCookie(site, '', 0)
}

/** What a page sends with every write: made from the session's secret, so nothing more is stored. */
export function csrfOf(secret: string): string {
  return createHmac('sha256', secret).update('comity csrf 1').digest('base64url')
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isWrite(request: Pick<FastifyRequest, 'method'>): boolean {
  return !SAFE.has(request.method)
}

/** Refuses what a page of another site sent. Browsers say so by `Sec-Fetch-Site` and `Origin`; other programs by neither. */
export function demandOwnPage(request: Pick<FastifyRequest, 'headers' | 'method'>, site: Site): void {
  const from = request.headers['sec-fetch-site']
  const { origin } = request.headers
  const foreign =
    (from !== undefined && from !== 'same-origin' && from !== 'none') ||
    (origin !== undefined && !site.origins.includes(origin))
  if (foreign)
    throw new Fault('auth.denied', 'another page asked for this', {
      place: origin === undefined ? 'Sec-Fetch-Site' : 'Origin',
      remedy: `Open this node at ${site.origins[0] ?? ''}; behind a reverse proxy set publicUrl to what people open.`,
    })
}

export function demandCsrf(request: Pick<FastifyRequest, 'headers'>, secret: string): void {
  const given = Buffer.from(String(request.headers[CSRF_HEADER] ?? ''))
  const expected = Buffer.from(csrfOf(secret))
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new Fault('auth.denied', `a write needs the session’s token in ${CSRF_HEADER}`, {
    place: CSRF_HEADER,
    remedy: 'Read it from GET /api/session.',
  })
}

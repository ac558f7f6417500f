// Signing in with a provider the member has already (OpenID Connect Core 1.0): authorization code with PKCE, state and
// nonce bound to the browser, the ID token's signature checked. Every call goes through the guarded client. Which role
// somebody has is read from a claim; who has none of those that are named does not come in.
import * as oauth from 'oauth4webapi'
import { Fault } from '#kernel/fault.ts'
import type { Outbound } from '#kernel/http/outbound.ts'
import { LIMITS } from '#kernel/limits.ts'
import { ROLES, type Role } from '#kernel/role.ts'

export type OidcSettings = {
  readonly issuer: string
  readonly clientId: string
  /** Absent for a client without a secret, which PKCE protects. */
  readonly clientSecret?: string
  /** What the button says. */
  readonly title: string
  readonly scopes: string
  readonly nameClaim: string
  readonly roleClaim: string
  /** Value of the claim → role. */
  readonly roles: Readonly<Record<string, Role>>
}

/** What a browser keeps, sealed, from going out to coming back. */
export type Journey = { readonly state: string; readonly nonce: string; readonly verifier: string }

export type Arrival = {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly display: string
  readonly role: Role
}

export type Oidc = {
  readonly title: string
  /** Where the browser goes, and what it keeps meanwhile. */
  readonly leave: (redirectUri: string) => Promise<{ readonly url: string; readonly journey: Journey }>
  /** Who came back. Throws `auth.denied` (place: a word of OIDC_REFUSALS) where nobody may come in. */
  readonly arrive: (query: URLSearchParams, redirectUri: string, journey: Journey) => Promise<Arrival>
}

const CLOCK_TOLERANCE_SEC = 60

export function makeOidc(settings: OidcSettings, outbound: Outbound, nowMs: () => number): Oidc {
  const issuer = new URL(settings.issuer)
  const client: oauth.Client = { client_id: settings.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SEC }
  const proof = settings.clientSecret === undefined ? oauth.None() : oauth.ClientSecretBasic(settings.clientSecret)
  // Plain HTTP reaches this machine only: the guarded client sees to that.
  const how = {
    [oauth.customFetch]: guardedFetch(outbound),
    [oauth.allowInsecureRequests]: issuer.protocol === 'http:',
  }
  let found: { readonly server: oauth.AuthorizationServer; readonly untilMs: number } | undefined

  const discover = async (): Promise<oauth.AuthorizationServer> => {
    if (found !== undefined && found.untilMs > nowMs()) return found.server
    const answer = await oauth.discoveryRequest(issuer, { ...how, algorithm: 'oidc' })
    const server = await oauth.processDiscoveryResponse(issuer, answer)
    found = { server, untilMs: nowMs() + LIMITS.discoveryLifeMs }
    return server
  }

  return {
    title: settings.title,
    leave: async (redirectUri) => {
      const server = await explained('unreachable', discover)
      if (server.authorization_endpoint === undefined)
        throw refusal('unreachable', 'the provider names no page to go to')
      const journey = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        verifier: oauth.generateRandomCodeVerifier(),
      }
      const url = new URL(server.authorization_endpoint)
      for (const [name, value] of Object.entries({
        client_id: settings.clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: settings.scopes,
        state: journey.state,
        nonce: journey.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(journey.verifier),
        code_challenge_method: 'S256',
      }))
        url.searchParams.set(name, value)
      return { url: url.href, journey }
    },
    arrive: async (query, redirectUri, { state, nonce, verifier }) => {
      const server = await explained('unreachable', discover)
      const claims = await explained('denied', async () => {
        const validated = oauth.validateAuthResponse(server, client, query, state)
        const answer = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          proof,
          validated,
          redirectUri,
          verifier,
          how,
        )
        const copy = answer.clone()
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, copy, {
          expectedNonce: nonce,
          requireIdToken: true,
        })
        await oauth.validateApplicationLevelSignature(server, copy, how)
        return oauth.getValidatedIdTokenClaims(tokens)
      })
      if (claims === undefined) throw refusal('denied', 'the provider gave no ID token')
      return toArrival(settings, claims)
    },
  }
}

function toArrival(settings: OidcSettings, claims: oauth.IDToken): Arrival {
  const values = [claims[settings.roleClaim]].flat().map(String)
  const roles = values.flatMap((value) => (Object.hasOwn(settings.roles, value) ? [settings.roles[value] as Role] : []))
  const role = ROLES.findLast((each) => roles.includes(each))
  if (role === undefined) throw refusal('role', `none of this user’s ${settings.roleClaim} has a role here`)
  const called = String(claims[settings.nameClaim] ?? claims.sub)
  const name = (called.split('@', 1)[0] ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '-')
    .slice(0, 63)
  if (!/^[a-z0-9]/.test(name)) throw refusal('name', `“${called.slice(0, 80)}” makes no user name`)
  const display = typeof claims['name'] === 'string' ? claims['name'].slice(0, 200) : name
  return { issuer: claims.iss, subject: claims.sub, name, display: display === '' ? name : display, role }
}

/** The library's requests through the guarded client: bounded, no redirects, no address it may not call. */
function guardedFetch(
  outbound: Outbound,
): (url: string, options: oauth.CustomFetchOptions<string, unknown>) => Promise<Response> {
  return async (url, { method, headers, body }) => {
    const answer = await outbound.request({
      url,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...(body === undefined || body === null ? {} : { body: Buffer.from(String(body)) }),
      bodyBytesMax: LIMITS.providerBytesMax,
      timeoutMs: LIMITS.providerTimeoutMs,
    })
    const kept = Object.entries(answer.headers).filter(
      ([name]) => !/^(content-encoding|content-length|transfer-)/.test(name),
    )
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: kept })
  }
}

async function explained<T>(why: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof Fault && cause.code === 'auth.denied') throw cause
    const reached = !(cause instanceof Fault)
    throw refusal(reached ? why : 'unreachable', cause instanceof Error ? cause.message : String(cause), cause)
  }
}

export function refusal(why: string, message: string, cause?: unknown): Fault {
  return new Fault('auth.denied', `signing in with the provider failed: ${message}`, { place: why, cause })
}

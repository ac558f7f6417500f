// The two stops of a browser that signs in with a provider: going out, and coming back. What it keeps meanwhile is sealed
// in a cookie; where it cannot come in it is led to the page for signing in, with a word that says why.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { recordDeed } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { FOR_ANYONE } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { cookieValue, setCookie } from './browser.ts'
import type { Gate } from './gate.ts'
import type { Arrival, Journey, Oidc } from './oidc.ts'
import { arriveByOidc } from './oidc-command.ts'
import { OIDC_REFUSALS, REFUSED_PARAMETER } from './wire.ts'

const TAGS = { tags: ['identity'] }
const ABOUT = 'oidc journey'
const CALLBACK = '/api/oidc/callback'

export function oidcRoutes(gate: Gate, oidc: Oidc): (app: FastifyInstance) => Promise<void> {
  const redirectUri = `${gate.site.origins[0] ?? ''}${CALLBACK}`
  const cookie = { name: `${gate.site.cookie}-oidc`, sameSite: 'Lax' } as const
  return async (app) => {
    app.get(
      '/oidc/start',
      { config: FOR_ANYONE, schema: { ...TAGS, summary: 'Sign in with the provider: leads there' } },
      async (request, reply) =>
        orBack(gate, request, reply, async () => {
          const { url, journey } = await oidc.leave(redirectUri)
          const sealed = sealJourney(gate, journey)
          reply.header('set-cookie', setCookie(gate.site, sealed, LIMITS.challengeLifeMs / 1000, cookie))
          return url
        }),
    )
    app.get(
      '/oidc/callback',
      { config: FOR_ANYONE, schema: { ...TAGS, summary: 'Back from the provider' } },
      async (request, reply) =>
        orBack(gate, request, reply, async () => {
          const journey = openJourney(gate, cookieValue(request, cookie.name))
          const query = new URL(request.url, 'http://localhost').searchParams
          const arrival = await oidc.arrive(query, redirectUri, journey)
          await comeIn(gate, request, reply, arrival)
          reply.header('set-cookie', setCookie(gate.site, '', 0, cookie))
          return '/'
        }),
    )
  }
}

async function comeIn(gate: Gate, request: FastifyRequest, reply: FastifyReply, arrival: Arrival): Promise<void> {
  const { secret, session } = gate.newSession(request)
  const account = await gate.deps.store.write(arriveByOidc, { ...arrival, session })
  await gate.welcomeIn(reply, account, secret)
}

/** Goes where `work` says, or back to the page for signing in, where it failed as it may. */
async function orBack(
  gate: Gate,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<string>,
): Promise<FastifyReply> {
  try {
    gate.throttle.demandAddress(request.ip)
    return reply.redirect(await work(), 303)
  } catch (error) {
    if (!(error instanceof Fault) || error.status >= 500) throw error
    gate.throttle.failedAddress(request.ip)
    const why = OIDC_REFUSALS.find((each) => each === error.place) ?? 'denied'
    request.log.warn({ requestId: request.id, why, reason: error.message }, 'signing in with the provider failed')
    await gate.deps.store.write(recordDeed, {
      actor: 'node',
      action: 'session.refused',
      subject: '',
      detail: { way: 'oidc', why, address: request.ip },
    })
    return reply.redirect(`/?${REFUSED_PARAMETER}=${why}`, 303)
  }
}

function sealJourney(gate: Gate, journey: Journey): string {
  const until = gate.deps.clock.nowMs() + LIMITS.challengeLifeMs
  return Buffer.from(gate.box.seal(Buffer.from(JSON.stringify({ ...journey, until })), ABOUT)).toString('base64url')
}

function openJourney(gate: Gate, sealed: string | undefined): Journey {
  const stale = new Fault('auth.denied', 'this browser did not set out from here, or took too long', { place: 'stale' })
  if (sealed === undefined) throw stale
  try {
    const plain = gate.box.open(Buffer.from(sealed, 'base64url'), ABOUT)
    const { until, ...journey } = JSON.parse(Buffer.from(plain).toString('utf8')) as Journey & { until: number }
    if (until > gate.deps.clock.nowMs()) return journey
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
  throw stale
}

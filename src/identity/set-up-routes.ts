// Before there is a member: the page asks which state this is, and with the code from the terminal makes the member. The
// same code then makes the first administrator, on the node that runs afterwards.
import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Fault } from '#kernel/fault.ts'
import { FOR_ANYONE, guardRoutes } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { demandOwnPage, isWrite, siteOf } from './browser.ts'
import { digestOfCode } from './secret.ts'
import { Throttle } from './throttle.ts'
import { SessionShape, SetUpDoneShape, SetUpShape, type SetUp, type SetUpDone } from './wire.ts'

export type SetUpDeps = {
  /** Where the page is opened. */
  readonly url: string
  readonly code: string
  readonly version: string
  readonly nowMs: () => number
  /** Makes the data folder. Throws where it cannot be; then nothing was made. */
  readonly create: (member: Omit<SetUp, 'code'>) => Omit<SetUpDone, 'welcome'>
  /** Called once the answer is with the browser. */
  readonly done: () => void
}

const TAGS = { tags: ['identity'] }

export function setUpRoutes(deps: SetUpDeps): (app: FastifyInstance) => Promise<void> {
  const site = siteOf(deps.url)
  const throttle = new Throttle(deps.nowMs)
  let made = false

  const demandCode = (given: string, address: string): void => {
    const guess = { account: 'set-up', address }
    throttle.demand(guess)
    if (timingSafeEqual(digestOfCode(given), digestOfCode(deps.code))) return
    throttle.failed(guess)
    throw new Fault('auth.denied', 'this is not the code', {
      place: 'code',
      remedy: 'It stands in the terminal where “comity serve” runs.',
    })
  }

  return async (app) => {
    guardRoutes(app, async (request) => {
      if (isWrite(request)) demandOwnPage(request, site)
      return undefined
    })
    app.get(
      '/session',
      {
        config: FOR_ANYONE,
        schema: { ...TAGS, summary: 'There is no member here yet', response: { 200: SessionShape } },
      },
      async () => ({
        state: 'set-up' as const,
        version: deps.version,
        ways: { password: true, ...(site.rpId === undefined ? {} : { passkey: site.rpId }) },
      }),
    )
    app.post<{ Body: SetUp }>(
      '/setup',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: { ...TAGS, summary: 'Make the member', body: SetUpShape, response: { 200: SetUpDoneShape } },
        onResponse: async () => {
          if (made) deps.done()
        },
      },
      async (request) => {
        const { code, ...member } = request.body
        demandCode(code, request.ip)
        if (made) throw new Fault('conflict', 'the member is made already', { remedy: 'Load the page again.' })
        const answer = deps.create(member)
        made = true
        return { ...answer, welcome: deps.code }
      },
    )
  }
}

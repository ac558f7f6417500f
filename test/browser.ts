// A browser for tests: it keeps its cookie, sends the token it was given, and may hold a passkey.
import assert from 'node:assert/strict'
import { World, type WorldMember } from './world/world.ts'

export const PASSWORD = 'correct horse battery staple'

export type Answer = { status: number; body: Record<string, unknown>; cookie: string | undefined; retryAfter: unknown }

export class Browser {
  cookie = ''
  csrf = ''
  readonly #node: WorldMember
  readonly #address: string

  constructor(node: WorldMember, address = '192.0.2.7') {
    this.#node = node
    this.#address = address
  }

  async ask(
    method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH',
    path: string,
    payload?: object,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await this.#node.app.inject({
      method,
      url: `/api${path}`,
      remoteAddress: this.#address,
      headers: {
        ...more,
        ...(this.cookie && { cookie: this.cookie }),
        ...(this.csrf && { 'x-comity-csrf': this.csrf }),
      },
      ...(payload === undefined ? {} : { payload }),
    })
    const set = answer.headers['set-cookie'] as string | undefined
    if (set !== undefined) this.cookie = set.split(';')[0] ?? ''
    const body = answer.body === '' ? {} : answer.json<Record<string, unknown>>()
    const { csrf } = (body['session'] ?? body) as { csrf?: string }
    if (csrf !== undefined) this.csrf = csrf
    return { status: answer.statusCode, body, cookie: set, retryAfter: answer.headers['retry-after'] }
  }
}

/** A world of one node, opened at `host`, whose administrator mara has just chosen a password. */
export async function withAdministrator(seed: string, host = 'a.example') {
  const world = new World(seed)
  await world.add('a.example')
  const node = await world.move('a.example', host)
  const first = await node.gate.firstAdministrator()
  const browser = new Browser(node)
  const answer = await browser.ask('POST', '/welcome', { code: first?.code, name: 'mara', password: PASSWORD })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return { world, node, browser, first }
}

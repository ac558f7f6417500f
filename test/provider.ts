// A tiny OpenID provider for tests on a real port: discovery, a page that says yes at once, tokens, keys.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Provider = AsyncDisposable & {
  readonly issuer: string
  /** The claims of whoever comes next. */
  claims: Record<string, unknown>
  /** What is wrong with the next answers. */
  twist: { nonce?: string; audience?: string; key?: 'other'; issuer?: string; expired?: boolean; down?: boolean }
  readonly requests: string[]
}

const CLIENT = { id: 'comity', secret: 'a secret of the node' }
export const PROVIDER_CLIENT = CLIENT

export async function startProvider(): Promise<Provider> {
  const keys = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ]
  const codes = new Map<string, URLSearchParams>()
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.writeHead(500).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: Provider = {
    issuer,
    claims: {},
    twist: {},
    requests: [],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', issuer)
    provider.requests.push(`${request.method} ${url.pathname}`)
    const json = (value: unknown, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    if (provider.twist.down === true) return void response.writeHead(503).end()
    if (url.pathname === '/.well-known/openid-configuration')
      return json({
        issuer: provider.twist.issuer ?? issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      })
    if (url.pathname === '/keys')
      return json({ keys: [{ ...keys[0]?.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] })
    if (url.pathname === '/authorize') {
      const code = randomBytes(16).toString('hex')
      codes.set(code, url.searchParams)
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      return void response.writeHead(303, { location: back.href }).end()
    }
    if (url.pathname !== '/token') return json({}, 404)
    const body = new URLSearchParams(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString())
    const asked = codes.get(body.get('code') ?? '')
    codes.delete(body.get('code') ?? '')
    const basic = `Basic ${Buffer.from(`${encodeURIComponent(CLIENT.id)}:${encodeURIComponent(CLIENT.secret).replaceAll('%20', '+')}`).toString('base64')}`
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (asked === undefined || request.headers.authorization !== basic) return json({ error: 'invalid_grant' }, 400)
    if (challenge !== asked.get('code_challenge') || body.get('redirect_uri') !== asked.get('redirect_uri'))
      return json({ error: 'invalid_grant' }, 400)
    json({ access_token: 'unused', token_type: 'bearer', id_token: idToken(asked) })
  }

  const idToken = (asked: URLSearchParams): string => {
    const { twist, claims } = provider
    const now = Math.floor(Date.now() / 1000) - (twist.expired === true ? 7200 : 0)
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ alg: 'RS256', kid: 'one' })}.${part({
      iss: issuer,
      aud: twist.audience ?? CLIENT.id,
      sub: 'subject-1',
      iat: now,
      exp: now + 300,
      nonce: twist.nonce ?? asked.get('nonce'),
      ...claims,
    })}`
    const key = keys[twist.key === 'other' ? 1 : 0]?.privateKey
    if (key === undefined) throw new Error('no key')
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }
  return provider
}

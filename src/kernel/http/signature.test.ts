import assert from 'node:assert/strict'
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { NO_DATA, dataFile } from '#test/data.ts'
import { readVector } from '#test/vector.ts'
import { NonceMemory } from './nonce.ts'
import {
  type IncomingRequest,
  type VerifyContext,
  type VerifyingKey,
  signRequest,
  signatureBase,
  verifyRequest,
} from './signature.ts'

const NOW = Date.UTC(2026, 9, 1, 12)
const KEYS = generateKeyPairSync('ed25519')
const KEYID = 'cert.example#k1'
const SIGNER = { keyid: KEYID, privateKey: KEYS.privateKey }
const URL_GET = 'https://peer.example/comity/peer/deliveries?after=7&maxBytes=4194304'
const URL_POST = 'https://peer.example/comity/peer/hint'

function context(change: Partial<VerifyContext<VerifyingKey>> = {}): VerifyContext<VerifyingKey> {
  const key = { publicKey: KEYS.publicKey, notBeforeMs: NOW - 1e9, expiresMs: NOW + 1e9 }
  return {
    keyOf: (keyid) => (keyid === KEYID ? key : undefined),
    nowMs: NOW,
    startedMs: NOW - 60_000,
    nonces: new NonceMemory(),
    ...change,
  }
}

let counter = 0
const random = (length: number): Uint8Array => new Uint8Array(length).fill((counter += 1))

function signedGet(nowMs = NOW): IncomingRequest {
  const headers = signRequest({ method: 'GET', targetUri: URL_GET }, SIGNER, { nowMs, random })
  return { method: 'GET', targetUri: URL_GET, headers, body: new Uint8Array() }
}

function signedPost(text = '{"urgent":true}'): IncomingRequest {
  const body = new TextEncoder().encode(text)
  const request = { method: 'POST', targetUri: URL_POST, body, contentType: 'application/json' }
  return { method: 'POST', targetUri: URL_POST, headers: signRequest(request, SIGNER, { nowMs: NOW, random }), body }
}

function code(request: IncomingRequest, change: Partial<VerifyContext<VerifyingKey>> = {}): string {
  const answer = verifyRequest(request, context(change))
  return answer.ok ? 'ok' : answer.code
}

test('the signature base is the one of RFC 9421 appendix B.2.6', (t) => {
  const path = dataFile('tlog/rfc9421-b26.json')
  if (path === undefined) return t.skip(NO_DATA)
  const vector = JSON.parse(readFileSync(path, 'utf8'))
  const base = signatureBase(
    [
      ['date', vector.request.headers['date']],
      ['@method', 'POST'],
      ['@path', '/foo'],
      ['@authority', 'example.com'],
      ['content-type', 'application/json'],
      ['content-length', '18'],
    ],
    vector.signature_input.slice('sig-b26='.length),
  )
  assert.equal(base, vector.signature_base)
  const publicKey = createPublicKey({ key: vector.jwk, format: 'jwk' })
  assert.ok(verify(null, Buffer.from(base), publicKey, Buffer.from(vector.signature, 'base64')))
  return undefined
})

test('our own vector is reproduced byte for byte and verifies', () => {
  const vector = JSON.parse(readFileSync(new URL('../../../test/vectors/http-signature.json', import.meta.url), 'utf8'))
  const privateKey = createPrivateKey({ key: vector.key, format: 'jwk' })
  const publicKey = createPublicKey({ key: vector.key, format: 'jwk' })
  for (const { request, nowMs, nonce, headers } of vector.cases) {
    const body = new TextEncoder().encode(request.body ?? '')
    const signed = signRequest(
      { ...request, body },
      { keyid: vector.keyid, privateKey },
      { nowMs, random: () => Uint8Array.fromBase64(nonce) },
    )
    assert.deepEqual(signed, headers)
    const keyOf = (): VerifyingKey => ({ publicKey, notBeforeMs: 0, expiresMs: Infinity })
    assert.ok(
      verifyRequest({ ...request, body, headers }, { keyOf, nowMs, startedMs: 0, nonces: new NonceMemory() }).ok,
    )
  }
})

type Sent = {
  readonly method: string
  readonly targetUri: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}
type Signed = {
  readonly why: string
  readonly now?: number
  readonly started?: number
  readonly usedBefore?: number
  readonly sha256: string
  readonly request: Sent
  readonly signer?: string
  readonly base?: string
}
type NamedKey = { readonly keyid: string; readonly x: string; readonly nbf?: number; readonly exp?: number }

const REFUSED = readVector<{
  now: number
  keys: readonly NamedKey[]
  strangers: readonly NamedKey[]
  accepted: readonly Signed[]
  refused: readonly (Signed & { readonly code: string })[]
}>('http-signature-refused')

const publicKeyOf = ({ x }: NamedKey): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })

/** How a request of the vector is answered, after the one that it says was there before. */
function answerTo(each: Signed, nonces = new NonceMemory()): string {
  const before = each.usedBefore === undefined ? undefined : REFUSED.accepted[each.usedBefore]
  if (before !== undefined) assert.equal(answerTo(before, nonces), 'ok')
  const { now = REFUSED.now, started = 0, request } = each
  const keyOf = (keyid: string): VerifyingKey | undefined => {
    const key = REFUSED.keys.find((known) => known.keyid === keyid)
    if (key === undefined) return undefined
    const { nbf = 0, exp = Infinity } = key
    return { publicKey: publicKeyOf(key), notBeforeMs: nbf * 1000, expiresMs: exp * 1000 }
  }
  const change = { keyOf, nonces, nowMs: now * 1000, startedMs: started * 1000 }
  return code({ ...request, body: Buffer.from(request.body ?? '') }, change)
}

/** That a request is the one of the vector, and was signed by whom it says. */
function checkSent({ why, sha256, request, signer, base }: Signed): void {
  const { method, targetUri, headers, body = '' } = request
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)
  const text = `${method} ${targetUri}\n${lines.join('')}\n${body}`
  assert.equal(createHash('sha256').update(text).digest('hex'), sha256, why)
  if (base === undefined) return
  const key = [...REFUSED.keys, ...REFUSED.strangers].find(({ keyid }) => keyid === signer)
  const signature = Buffer.from(headers['signature']?.split(':')[1] ?? '', 'base64')
  assert.ok(key !== undefined && verify(null, Buffer.from(base), publicKeyOf(key), signature), why)
}

test('the requests of the vector that are good are taken', () => {
  for (const each of REFUSED.accepted) {
    checkSent(each)
    assert.equal(answerTo(each), 'ok', each.why)
  }
})

test('the requests of the vector that are not are answered with its codes', () => {
  for (const each of REFUSED.refused) {
    checkSent(each)
    assert.equal(answerTo(each), each.code, each.why)
  }
})

test('a signed request is accepted once', () => {
  const nonces = new NonceMemory()
  for (const request of [signedGet(), signedPost()]) {
    assert.equal(code(request, { nonces }), 'ok')
    assert.equal(code(request, { nonces }), 'auth.denied')
    assert.equal(code(request, { nonces, nowMs: NOW + 239_000 }), 'auth.denied')
  }
})

test('nothing covered can be changed', () => {
  const get = signedGet()
  const post = signedPost()
  assert.equal(code({ ...get, method: 'DELETE' }), 'auth.key')
  assert.equal(code({ ...get, targetUri: URL_GET.replace('after=7', 'after=8') }), 'auth.key')
  assert.equal(code({ ...get, targetUri: URL_GET.replace('peer.example', 'other.example') }), 'auth.key')
  assert.equal(code({ ...get, body: new Uint8Array([1]) }), 'auth.denied')
  assert.equal(code({ ...post, body: new Uint8Array() }), 'auth.denied')
  assert.equal(code({ ...post, body: new TextEncoder().encode('{"urgent":null}') }), 'auth.denied')
  assert.equal(code({ ...post, headers: { ...post.headers, 'content-type': 'text/plain' } }), 'auth.key')
  const digest = String(signedPost('{}').headers['content-digest'])
  assert.equal(code({ ...post, headers: { ...post.headers, 'content-digest': digest } }), 'auth.denied')
  assert.equal(code({ ...post, headers: { ...post.headers, 'content-digest': `${digest}, ${digest}` } }), 'auth.denied')
})

test('only the one shape is read', () => {
  const get = signedGet()
  const input = String(get.headers['signature-input'])
  const changed = (to: string): IncomingRequest => ({ ...get, headers: { ...get.headers, 'signature-input': to } })
  for (const other of [
    `${input};alg="ed25519"`,
    `${input};alg="hmac-sha256"`,
    input.replace('comity=', 'sig1='),
    input.replace('"@method" "@target-uri"', '"@target-uri" "@method"'),
    input.replace('"@method" "@target-uri"', '"@method"'),
    input.replace('"@target-uri"', '"@target-uri";req'),
    input.replace(';tag="comity/1"', ''),
    input.replace('comity/1', 'comity/2'),
    input.replace(/nonce="[^"]+"/, 'nonce="AAAA"'),
    `${input}, ${input}`,
    ` ${input}`,
    '',
  ]) {
    assert.equal(code(changed(other)), 'auth.denied', other)
  }
  assert.equal(code({ ...get, headers: { ...get.headers, 'signature-input': [input, input] } }), 'auth.denied')
  assert.equal(code({ ...get, headers: {} }), 'auth.required')
})

test('clocks may differ by 120 seconds, not more, and say so', () => {
  assert.equal(code(signedGet(NOW + 120_000)), 'ok')
  assert.equal(code(signedGet(NOW + 121_000)), 'auth.clock')
  assert.equal(code(signedGet(NOW - 240_000), { startedMs: 0 }), 'ok')
  assert.equal(code(signedGet(NOW - 241_000), { startedMs: 0 }), 'auth.clock')
  assert.equal(code(signedGet(NOW - 61_000)), 'auth.clock')
})

test('a request that lives longer than 120 seconds is refused even when signed so', () => {
  const get = signedGet()
  const long = String(get.headers['signature-input']).replace(/expires=(\d+)/, (_, sec) => `expires=${Number(sec) + 1}`)
  assert.equal(code({ ...get, headers: { ...get.headers, 'signature-input': long } }), 'auth.denied')
})

test('an unknown key, an expired key and a key of another kind are refused', () => {
  assert.equal(code(signedGet(), { keyOf: () => undefined }), 'auth.key')
  const record = { publicKey: KEYS.publicKey, notBeforeMs: NOW - 2000, expiresMs: NOW }
  assert.equal(code(signedGet(), { keyOf: () => record }), 'auth.key')
  assert.equal(code(signedGet(NOW - 1000), { keyOf: () => record }), 'ok')
  const other = {
    publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
    notBeforeMs: 0,
    expiresMs: Infinity,
  }
  assert.equal(code(signedGet(), { keyOf: () => other }), 'auth.key')
})

test('a full memory of nonces refuses rather than forgets, and empties with time', () => {
  const nonces = new NonceMemory({ countMax: 2, perMemberMax: 2, perMemberMin: 2 })
  assert.equal(code(signedGet(), { nonces }), 'ok')
  assert.equal(code(signedGet(), { nonces }), 'ok')
  assert.equal(code(signedGet(), { nonces }), 'busy')
  assert.equal(nonces.count, 2)
  assert.equal(code(signedGet(NOW + 300_000), { nonces, nowMs: NOW + 300_000 }), 'ok')
  assert.equal(nonces.count, 1)
})

test('a stranger cannot fill the memory of nonces', () => {
  const nonces = new NonceMemory()
  const get = signedGet()
  const forged = `comity=:${Buffer.alloc(64).toString('base64')}:`
  assert.equal(code({ ...get, headers: { ...get.headers, signature: forged } }, { nonces }), 'auth.key')
  assert.equal(nonces.count, 0)
})

test('no header whatever makes the verifier throw or accept', () => {
  const get = signedGet()
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(300), (input, signature, cut) => {
      const known = String(get.headers['signature-input'])
      for (const mixed of [input, known.slice(0, cut) + input + known.slice(cut + 1)]) {
        if (mixed === known) continue
        assert.notEqual(code({ ...get, headers: { ...get.headers, 'signature-input': mixed } }), 'ok')
      }
      assert.notEqual(code({ ...get, headers: { ...get.headers, signature } }), 'ok')
    }),
  )
})

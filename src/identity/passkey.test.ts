import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testClock, seededRandom } from '#test/store.ts'
import { Authenticator, type Twist } from '#test/authenticator.ts'
import { Browser, withAdministrator } from '#test/browser.ts'
import { rounds } from '#test/rounds.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { Challenges } from './challenge.ts'
import { creationOptions, readAssertion, readRegistration, requestOptions, type Expected } from './passkey.ts'
import type { Welcome } from './wire.ts'

const ORIGIN = 'https://node.a.example'
const RP = 'node.a.example'
const RUNS = rounds({ test: 200, ci: 2000, soak: 100_000 })

function ceremony() {
  const clock = testClock()
  const challenges = new Challenges({ clock, random: seededRandom('challenges') })
  const expected: Expected = { rpId: RP, origins: [ORIGIN], holds: (challenge) => challenges.holds(challenge, 'test') }
  const user = { id: new Uint8Array(32), name: 'mara', display: 'Mara' }
  const create = () => creationOptions({ rpId: RP, rpName: 'a', challenge: challenges.make('test'), user, known: [] })
  return { clock, challenges, expected, create, get: () => requestOptions(RP, challenges.make('test')) }
}

test('a passkey of each algorithm is taken, and signs in', () => {
  for (const algorithm of [-7, -8, -257] as const) {
    const { expected, create, get } = ceremony()
    const device = new Authenticator(ORIGIN, algorithm)
    const known = readRegistration(device.create(create()), expected)
    assert.equal(known.credential, device.id)
    assert.equal(readAssertion(device.get(get()), known, expected).counter, 0)
    const other = new Authenticator(ORIGIN, algorithm)
    assert.throws(() => readAssertion(other.get(get()), known, expected), /signature does not hold/)
  }
})

test('what does not fit is refused, with the reason', () => {
  const { expected, create, get, clock, challenges } = ceremony()
  const device = new Authenticator(ORIGIN)
  const known = readRegistration(device.create(create()), expected)
  const cases: [Twist, RegExp][] = [
    [{ origin: 'https://evil.example' }, /made at https:\/\/evil\.example/],
    [{ origin: 'http://node.a.example' }, /made at/],
    [{ type: 'webauthn.other' }, /another end/],
    [{ crossOrigin: true }, /inside another page/],
    [{ rpId: 'evil.example' }, /another node/],
    [{ flags: 0x01 }, /did not check who uses it/],
    [{ flags: 0x04 }, /did not check who uses it/],
    [{ flags: 0x15 }, /contradict/],
  ]
  for (const [twist, reason] of cases) {
    assert.throws(() => readAssertion(device.get(get(), twist), known, expected), reason)
    const flags = twist.flags === undefined ? {} : { flags: twist.flags | 0x40 }
    assert.throws(() => readRegistration(device.create(create(), { ...twist, ...flags }), expected), reason)
  }
  const late = get()
  clock.advance(LIMITS.challengeLifeMs)
  assert.throws(() => readAssertion(device.get(late), known, expected), /too long/)
  const once = get()
  challenges.use(readAssertion(device.get(once), known, expected).challenge)
  assert.throws(() => readAssertion(device.get(once), known, expected), /used before/)
  const foreign = requestOptions(RP, challenges.make('another purpose'))
  assert.throws(() => readAssertion(device.get(foreign), known, expected), /too long, or was used/)
  const counted = { ...known, counter: 7 }
  for (const counter of [0, 6, 7])
    assert.throws(() => readAssertion(device.get(get(), { counter }), counted, expected), /counter went back/)
  assert.equal(readAssertion(device.get(get(), { counter: 8 }), counted, expected).counter, 8)
})

test('whatever is changed in an answer, it is refused and nothing worse happens', () => {
  const { expected, create, get } = ceremony()
  const device = new Authenticator(ORIGIN)
  const known = readRegistration(device.create(create()), expected)
  const signed = device.get(get()) as { response: Record<string, string> }
  const made = device.create(create()) as { response: Record<string, string> }
  const fields = ['clientDataJSON', 'authenticatorData', 'signature'] as const
  const refuses = (read: () => unknown): void =>
    assert.throws(read, (error) => error instanceof Fault && error.code === 'auth.denied')
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.nat(), fc.integer({ min: 1, max: 255 }), (field, at, flip) => {
      const bytes = Buffer.from(signed.response[field] ?? '', 'base64url')
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip
      refuses(() =>
        readAssertion(
          { ...signed, response: { ...signed.response, [field]: bytes.toString('base64url') } },
          known,
          expected,
        ),
      )
    }),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(fc.constantFrom('authenticatorData', 'publicKey', 'clientDataJSON'), fc.nat(), (field, end) => {
      const bytes = Buffer.from(made.response[field] ?? '', 'base64url')
      const cut = bytes.subarray(0, end % bytes.length).toString('base64url')
      refuses(() => readRegistration({ ...made, response: { ...made.response, [field]: cut } }, expected))
    }),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(fc.jsonValue(), (answer) => {
      refuses(() => readRegistration(answer, expected))
      refuses(() => readAssertion(answer, known, expected))
    }),
    { numRuns: RUNS },
  )
})

test('a passkey is added, named, used instead of a password, and removed; the last way in stays', async () => {
  const { world, node, browser } = await withAdministrator('passkeys', 'localhost')
  await using _ = world
  const device = new Authenticator(node.gate.site.origins[0] ?? '')
  const optionsOf = async (who: Browser, path: string, body?: object): Promise<Record<string, unknown>> =>
    (await who.ask('POST', path, body)).body['options'] as Record<string, unknown>
  const before = browser.cookie
  const options = await optionsOf(browser, '/account/passkeys/options')
  const added = await browser.ask('POST', '/account/passkeys', { title: 'Blue key', response: device.create(options) })
  assert.equal(added.status, 200, JSON.stringify(added.body))
  assert.notEqual(browser.cookie, before, 'the session has another secret from now on')
  const account = (await browser.ask('GET', '/account')).body as { passkeys: { id: number; title: string }[] }
  assert.deepEqual(
    account.passkeys.map((each) => each.title),
    ['Blue key'],
  )
  const again = await optionsOf(browser, '/account/passkeys/options')
  assert.deepEqual(again['excludeCredentials'], [{ type: 'public-key', id: device.id }])

  const other = new Browser(node)
  const asked = await optionsOf(other, '/session/passkey/options')
  const answer = device.get(asked)
  assert.equal((await other.ask('POST', '/session/passkey', { response: answer })).body['state'], 'signed-in')
  assert.equal((await new Browser(node).ask('POST', '/session/passkey', { response: answer })).status, 403, 'once')
  const stranger = new Authenticator(node.gate.site.origins[0] ?? '')
  const unknown = stranger.get(await optionsOf(other, '/session/passkey/options'))
  assert.equal((await new Browser(node).ask('POST', '/session/passkey', { response: unknown })).status, 401)

  const made = (await browser.ask('POST', '/users', { name: 'ines', role: 'viewer' })).body as unknown as Welcome
  const ines = new Browser(node)
  const key = new Authenticator(node.gate.site.origins[0] ?? '')
  const first = await optionsOf(ines, '/welcome/passkey/options', { code: made.code })
  assert.equal((first['user'] as { name: string }).name, 'ines')
  const begun = await ines.ask('POST', '/welcome/passkey', {
    code: made.code,
    title: 'Mine',
    response: key.create(first),
  })
  assert.deepEqual([begun.status, begun.body['state']], [200, 'signed-in'])
  const [only] = ((await ines.ask('GET', '/account')).body as typeof account).passkeys
  assert.equal((await ines.ask('DELETE', `/account/passkeys/${only?.id}`)).status, 409, 'the only way in')
  assert.equal((await ines.ask('DELETE', `/account/passkeys/${account.passkeys[0]?.id}`)).status, 404, 'not hers')
  assert.equal((await browser.ask('DELETE', `/account/passkeys/${account.passkeys[0]?.id}`)).status, 200)
})

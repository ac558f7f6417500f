import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RIGHTS, ROLE_RIGHTS, ROLES } from '#kernel/role.ts'
import { rounds } from '#test/rounds.ts'
import { signedIn } from '#test/people.ts'
import { World } from '#test/world/world.ts'
import { refuse, type Access, type Caller } from './access.ts'

const PARTS = ['sharing', 'warning', 'identity']

const anyAccess: fc.Arbitrary<Access | undefined> = fc.oneof(
  fc.constantFrom('user' as const, 'anyone' as const, undefined),
  fc.record({ right: fc.constantFrom(...RIGHTS), part: fc.constantFrom(...PARTS) }),
)
const anyCaller: fc.Arbitrary<Caller | undefined> = fc.option(
  fc
    .record({
      rights: fc.subarray([...RIGHTS]),
      parts: fc.option(fc.subarray(PARTS), { nil: undefined }),
      user: fc.option(fc.constant({ account: 1, session: 1 }), { nil: undefined }),
    })
    .map(({ parts, user, rights }) => ({
      actor: 'somebody',
      rights,
      principal: { kind: 'self' as const, via: 'machine' as const },
      ...(parts === undefined ? {} : { parts }),
      ...(user === undefined ? {} : { user }),
    })),
  { nil: undefined },
)

test('a caller passes where the right and the part are theirs, and nowhere else', () => {
  fc.assert(
    fc.property(anyCaller, anyAccess, (caller, access) => {
      const passes = refuse(caller, access) === undefined
      if (access === 'anyone') assert.ok(passes)
      else if (caller === undefined || access === undefined) assert.ok(!passes)
      else if (access === 'user') assert.equal(passes, caller.user !== undefined)
      else assert.equal(passes, caller.rights.includes(access.right) && (caller.parts?.includes(access.part) ?? true))
    }),
    { numRuns: rounds({ test: 1000, soak: 200_000 }) },
  )
})

test('more rights never open less, and every role may read', () => {
  fc.assert(
    fc.property(anyCaller, anyAccess, fc.constantFrom(...RIGHTS), (caller, access, right) => {
      if (caller === undefined || refuse(caller, access) !== undefined) return
      assert.equal(refuse({ ...caller, rights: [...caller.rights, right] }, access), undefined)
    }),
    { numRuns: rounds({ test: 500, soak: 100_000 }) },
  )
  for (const role of ROLES) assert.ok(ROLE_RIGHTS[role].includes('read'))
})

test('whatever a stranger sends as credentials, nothing opens and nothing breaks', async () => {
  await using world = new World('odd credentials')
  const node = await world.add('a.example')
  const real = await signedIn(node, { name: 'mara', role: 'administrator' })
  const secret = real['cookie']?.split('=')[1] ?? ''
  const name = node.gate.site.cookie
  const value = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.constantFrom(
      secret.slice(1),
      `${secret}A`,
      secret.toUpperCase(),
      `"${secret}"`,
      `${secret}%00`,
      'undefined',
      '',
    ),
  )
  const header = fc.oneof(
    value.map((each) => ({ cookie: `${name}=${each}` })),
    value.map((each) => ({ cookie: `${each}; ${name}` })),
    value.map((each) => ({ cookie: `other=${secret}; ${name}x=${secret}; x${name}=${each}` })),
    value.map((each) => ({ authorization: `Bearer ${each}` })),
    value.map((each) => ({ authorization: each })),
    value.map((each) => ({ authorization: `Basic ${Buffer.from(`admin:${each}`).toString('base64')}` })),
  )
  await fc.assert(
    fc.asyncProperty(header, fc.constantFrom('GET', 'POST', 'DELETE'), async (headers, method) => {
      const safe = Object.fromEntries(
        Object.entries(headers).map(([key, text]) => [key, text.replaceAll(/[^\x20-\x7e]/g, '?')]),
      )
      if (safe['cookie'] === `${name}=${secret}`) return
      const answer = await node.app.inject({ method: method as 'GET', url: '/api/users', headers: safe })
      assert.ok([401, 404].includes(answer.statusCode), `${answer.statusCode} for ${JSON.stringify(safe)}`)
      assert.doesNotMatch(answer.body, /mara/)
    }),
    { numRuns: rounds({ test: 200, ci: 2000, soak: 50_000 }) },
  )
  assert.equal((await node.app.inject({ url: '/api/users', headers: real })).statusCode, 200)
})

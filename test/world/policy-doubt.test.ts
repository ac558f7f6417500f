// Rules in doubt: what is tried is shown also where the rules in force hide it, and a rule that fails is a no to what it
// fails for, by its name, and to nothing else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExplainView, PreviewEvent, PreviewView } from '#kernel/policy/wire.ts'
import type { HomeView } from '#src/home/wire.ts'
import { finds, open, publish, say } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const FORBID_ALL = '@id("none")\n@reason("nothing")\nforbid (principal, action, resource);'
const OVERFLOWS = '9223372036854775807 + 1 == 3'
const FAILS_FOR_C = `@id("e.c")\nforbid (principal == Member::"c.example", action == Action::"deliver", resource) when { ${OVERFLOWS} };`
const FAILS_FOR_PEOPLE = `@id("e.own")\nforbid (principal is Own, action, resource) when { ${OVERFLOWS} };`

async function begin(): Promise<{ world: World; a: WorldMember; b: WorldMember; c: WorldMember }> {
  const world = new World('doubt')
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(a, c)
  await open(world, a)
  return { world, a, b, c }
}

const files = (text: string): object => ({ files: text === '' ? [] : [{ name: 'own.cedar', text }] })
const put = (world: World, a: WorldMember, text: string): Promise<unknown> =>
  world.api(a, 'PUT', '/policy', files(text))

async function preview(a: WorldMember, text: string): Promise<PreviewView> {
  const { body } = await a.app.inject({
    method: 'POST',
    url: '/api/policy/preview',
    headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/json' },
    payload: JSON.stringify(files(text)),
  })
  const result = JSON.parse(body.trim().split('\n').at(-1) ?? '') as PreviewEvent
  assert.ok(result.kind === 'result', body)
  return result
}

const why = async (world: World, a: WorldMember, id: string, to: string): Promise<ExplainView['versions'][number]> => {
  const { versions } = await world.api<ExplainView>(a, 'GET', `/policy/explain?id=${id}&to=${to}`)
  return versions[0] as ExplainView['versions'][number]
}

test('rules that hide everything from everybody hide nothing from a preview of others', async () => {
  const { world, a } = await begin()
  await using _ = world
  await say(world, a, 'seen')
  await say(world, a, 'heard')
  const closing = await preview(a, FORBID_ALL)
  assert.deepEqual([closing.stops.records, closing.stops.to], [4, 2])
  assert.deepEqual([closing.unread.records, closing.unread.to], [4, 2], 'own people and programs are told apart')
  assert.deepEqual(
    [closing.unread.flows.map(({ to, rule }) => `${to} ${rule}`), closing.newly.records],
    [['self none', 'self/machine none'], 0],
  )
  await put(world, a, FORBID_ALL)
  assert.equal(await finds(world, a, 'seen'), 0)
  const opening = await preview(a, '')
  assert.deepEqual([opening.classes, opening.records], [1, 2])
  assert.deepEqual([opening.newly.records, opening.newly.to], [4, 2])
})

test('a rule that fails for one member is a no to that member, and nobody else waits for it', async () => {
  const { world, a, b, c } = await begin()
  await using _ = world
  const { failing, stops } = await preview(a, FAILS_FOR_C)
  assert.deepEqual([failing, stops.records], [[], 0], 'nothing is here that it could fail for')
  await put(world, a, FAILS_FOR_C)
  const id = await say(world, a, 'seen')
  assert.deepEqual(
    [await finds(world, a, 'seen'), await finds(world, b, 'seen'), await finds(world, c, 'seen')],
    [1, 1, 0],
  )
  assert.deepEqual(
    (
      await preview(
        a,
        `${FAILS_FOR_C}\n@id("idle")\nforbid (principal, action, resource) when { resource.tlp == "RED" };`,
      )
    ).failing,
    ['e.c'],
  )
  const { allow, rules } = await why(world, a, id, 'c.example')
  assert.deepEqual([allow, rules.map((rule) => rule.id)], [false, ['rule.failed', 'e.c']])
  assert.match(rules[0]?.reason ?? '', /“e.c” fails/)
  assert.equal((await why(world, a, id, 'b.example')).allow, true)
  const home = (): Promise<HomeView> => world.api<HomeView>(a, 'GET', '/home')
  assert.deepEqual((await home()).needs.find(({ kind }) => kind === 'rules')?.reason, 'fails: e.c')
  await put(world, a, '')
  await world.quiesce()
  assert.ok((await home()).needs.every(({ kind }) => kind !== 'rules'))
  assert.equal(await finds(world, c, 'seen'), 1, 'once it is gone, what it held back is given')
})

test('a rule that fails for one’s own people keeps them from reading, but not from hearing which rule it is', async () => {
  const { world, a } = await begin()
  await using _ = world
  const id = await publish(world, a, 'seen')
  await put(world, a, FAILS_FOR_PEOPLE)
  assert.equal(await finds(world, a, 'seen'), 0)
  const { rules } = await why(world, a, id, 'self')
  assert.deepEqual(
    rules.map((rule) => rule.id),
    ['rule.failed', 'e.own'],
  )
  assert.deepEqual((await preview(a, FAILS_FOR_PEOPLE)).failing, ['e.own'])
})

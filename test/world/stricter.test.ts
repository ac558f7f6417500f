// A collection that is made stricter while something is on its way into it is stricter for all that is logged after it.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { RecordDetail } from '#sharing/wire.ts'
import { base, id, type Fields } from './objects.ts'
import { finds } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'
const marking = (tlp: string): object => ({ tlp, audience: { named: false, communities: [] }, personal: 'none' })
const OPEN = { share: 'peers', marking: marking('GREEN') }
const NAMED = { share: 'named', named: ['b.example'], marking: marking('RED') }
const malware = (n: number, more: Fields = {}): Fields =>
  base('malware', n, { name: `word${n}`, is_family: true, ...more })

type Scene = { readonly world: World; readonly a: WorldMember; readonly b: WorldMember } & AsyncDisposable

async function scene(seed: string, collection: object, folder?: string): Promise<Scene> {
  const world = new World(seed, folder)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', ...collection })
  await world.quiesce()
  return { world, a, b, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

type Sent = { readonly objects: AsyncIterable<Fields> | Iterable<Fields>; readonly contexts?: object }

async function send(member: WorldMember, { objects, contexts = {} }: Sent): Promise<string> {
  const context = JSON.stringify(contexts)
  const source = async function* (): AsyncGenerator<string> {
    yield context
    for await (const object of objects) yield `${JSON.stringify(object)}\n`
  }
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${'d'.repeat(64)}&contextBytes=${context.length}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: Readable.from(source()),
  })
  return body
}

/** Objects between which a person changes their collection: the second is read after that was answered. */
async function* changing({ world, a }: Scene, change: object, second = malware(2)): AsyncGenerator<Fields> {
  yield malware(1)
  await world.api(a, 'PATCH', '/collections/c', change)
  yield second
}

const labelOf = async ({ world, a }: Scene, n: number): Promise<string | undefined> =>
  (await world.api<RecordDetail>(a, 'GET', `/records/${id('malware', n)}`)).versions[0]?.tlp

test('what is read of an import after its collection was made stricter goes in under the stricter marking', async () => {
  await using place = await scene('stricter import', OPEN)
  const { world, a, b } = place
  assert.match(await send(a, { objects: changing(place, { marking: marking('RED') }) }), /"added":2/)
  await world.quiesce()
  assert.equal(await labelOf(place, 2), 'RED')
  assert.equal(await finds(world, b, 'word2'), 0)
})

test('an object that says its label itself keeps it, whatever becomes of the collection’s', async () => {
  await using place = await scene('stricter label', OPEN)
  const second = malware(2, { object_marking_refs: [GREEN] })
  await send(place.a, { objects: changing(place, { marking: marking('RED') }, second) })
  assert.equal(await labelOf(place, 2), 'GREEN')
})

test('where its collection is made looser, an import that goes on stays as it was sent', async () => {
  await using place = await scene('looser import', NAMED)
  const { world, a, b } = place
  const c = await world.add('c.example')
  await world.introduce(a, c)
  const change = { named: ['b.example', 'c.example'], marking: marking('AMBER') }
  assert.match(await send(a, { objects: changing(place, change) }), /"added":2/)
  await world.quiesce()
  assert.equal(await labelOf(place, 2), 'RED')
  assert.deepEqual([await finds(world, b, 'word2'), await finds(world, c, 'word2')], [1, 0])
})

test('who is not named any more is given nothing of an import that goes on', async () => {
  await using place = await scene('unnamed import', NAMED)
  const { world, a, b } = place
  assert.match(await send(a, { objects: changing(place, { named: [] }) }), /"added":2/)
  await world.quiesce()
  assert.equal(await finds(world, b, 'word2'), 0)
})

test('context that became this member’s alone during an import goes to nobody', async () => {
  await using place = await scene('unshared context', { ...OPEN, contextMarking: marking('GREEN') })
  const { world, a } = place
  const contexts = { [id('malware', 1)]: { victim: 'one' }, [id('malware', 2)]: { victim: 'two' } }
  assert.match(await send(a, { objects: changing(place, { contextMarking: null }), contexts }), /"added":2/)
  await world.quiesce()
  const shared = await a.store.all('SELECT seq FROM statement WHERE context_class IS NOT NULL')
  assert.deepEqual(shared, [])
})

test('what was kept is logged as its collection is then, and who is not named any more is given nothing of it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-stricter-`)
  await using place = await scene('stricter kept', NAMED, folder.path)
  const { world, b } = place
  const again = await world.restore('a.example', world.backUp('a.example', 'before'))
  assert.match(await send(again, { objects: [malware(3)] }), /"kept":1/)
  await world.api(again, 'PATCH', '/collections/c', { named: [] })
  await world.api(again, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual([await finds(world, again, 'word3'), await finds(world, b, 'word3')], [1, 0])
})

test('what was sent before its collection was opened to more communities, or its exercise ended, stays as it was', async () => {
  const exercise = '3f0e9a52-4bb1-4c8e-9d38-6d4f4f1f2a01'
  const sent = { ...marking('AMBER'), audience: { named: false, communities: ['x.example'] }, personal: 'present' }
  await using place = await scene('wider later', { share: 'community', marking: { ...sent, exercise } })
  const { world, a } = place
  const change = {
    marking: { ...marking('AMBER'), audience: { named: false, communities: ['x.example', 'y.example'] } },
  }
  assert.match(await send(a, { objects: changing(place, change) }), /"added":2/)
  await world.quiesce()
  const [version] = (await world.api<RecordDetail>(a, 'GET', `/records/${id('malware', 2)}`)).versions
  const label = await a.store.get<{ marking: string }>(
    `SELECT l.marking FROM label_class l JOIN statement s ON s.label_class = l.id WHERE s.kind = 'records.put'
     ORDER BY s.seq DESC LIMIT 1`,
  )
  assert.equal(version?.tlp, 'AMBER')
  assert.deepEqual(JSON.parse(label?.marking ?? ''), { ...sent, exercise })
})

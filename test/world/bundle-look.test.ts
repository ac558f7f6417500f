// Before a bundle is read: what it says of itself, whose key signed that, and why reading it would be refused. A look
// changes nothing, and the beginning of a file is enough for it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BundleLook } from '#federation/bundle/wire.ts'
import { uuidv4 } from '#kernel/id.ts'
import { open, publish } from './stage.ts'
import { read, write } from './stick.ts'
import { World, type WorldMember } from './world.ts'

/** Nine hundred notes that do not pack well. */
async function publishMuch(world: World, member: WorldMember): Promise<void> {
  const time = new Date(world.clock.nowMs()).toISOString()
  const note = (): object => ({
    type: 'note',
    spec_version: '2.1',
    id: `note--${uuidv4(world.random(16))}`,
    created: time,
    modified: time,
    content: Buffer.from(world.random(1000)).toString('base64'),
    object_refs: [`malware--${uuidv4(world.random(16))}`],
  })
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${'b'.repeat(64)}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: Array.from({ length: 900 }, () => JSON.stringify(note())).join('\n'),
  })
  assert.match(body, /"added":900/)
}

async function scene(seed: string) {
  const world = new World(seed)
  const a = await world.add('a.example')
  const c = await world.add('c.example', { network: false })
  await world.introduceByFile(a, c)
  await open(world, a)
  await publish(world, a, 'Carried')
  const look = async (at: WorldMember, file: Uint8Array) =>
    at.app.inject({
      method: 'POST',
      url: '/api/bundles/look',
      headers: { authorization: `Bearer ${at.token}`, 'content-type': 'application/octet-stream' },
      payload: Buffer.from(file),
    })
  return { world, a, c, look }
}

test('a look tells who wrote a bundle, for whom and what, and leaves everything as it was', async () => {
  const { world, a, c, look } = await scene('bundle look')
  await using _ = world
  const file = await write(a, 'c.example')
  const before = await c.store.all('SELECT * FROM audit')
  const { manifest, signed, refused } = (await look(c, file)).json<BundleLook>()
  assert.deepEqual(
    [manifest.from, manifest.to, manifest.part, signed, refused],
    ['a.example', 'c.example', 1, true, undefined],
  )
  assert.deepEqual(await c.store.all('SELECT * FROM audit'), before)
  assert.equal((await read(c, file)).at(-1)?.kind, 'done')
  assert.equal((await look(c, file)).json<BundleLook>().refused, undefined, 'reading it twice does no harm')
})

test('the beginning of a large bundle is enough', async () => {
  const { world, a, c, look } = await scene('bundle look cut')
  await using _ = world
  await publishMuch(world, a)
  const file = await write(a, 'c.example')
  assert.ok(file.length > 800_000)
  const answer = await look(c, file.subarray(0, 700_000))
  assert.equal(answer.json<BundleLook>().manifest?.from, 'a.example', answer.body)
})

test('what reading would refuse is told before, and what is no bundle or not for us is an error', async () => {
  const { world, a, c, look } = await scene('bundle look refused')
  await using _ = world
  const file = await write(a, 'c.example')
  await world.api(c, 'DELETE', '/peers/a.example')
  assert.match((await look(c, file)).json<BundleLook>().refused?.message ?? '', /a\.example, which is removed here/)
  assert.equal((await look(a, file)).statusCode, 400, 'for somebody else')
  assert.equal((await look(c, Buffer.from('no bundle'))).statusCode, 400)
})

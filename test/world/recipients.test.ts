// Who else is given something cannot be seen: what reaches one recipient is as long, and names nobody else, whether it is
// the only one or one of five.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishAll } from './stage.ts'
import { World } from './world.ts'

const OTHERS = ['paris.example', 'tokyo.example', 'lagos.example', 'quito.example']

type Seen = { readonly sizes: readonly string[]; readonly bytes: Buffer }

/** What `b.example` is given of what is said for it and for some others. */
async function live(others: readonly string[]): Promise<Seen> {
  const world = new World('recipients')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  for (const name of OTHERS) await world.introduce(a, await world.add(name))
  await world.introduce(a, b)
  await world.api(a, 'POST', '/collections', {
    title: 'Named',
    alias: 'named',
    share: 'named',
    named: ['b.example', ...others],
    marking: { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' },
  })
  await world.quiesce()
  const sizes: string[] = []
  const pages: Uint8Array[] = []
  world.network.arrived = (to, { headers, body }) => {
    if (to !== 'b.example' || headers['content-type'] !== 'application/vnd.comity.deliveries') return
    sizes.push(`page of ${body.length}`)
    pages.push(body)
  }
  for (const names of [['one', 'two'], ['three']]) {
    const [id] = await publishAll(world, a, names, 'named')
    await world.pass(3000)
    await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
    await world.pass(3000)
  }
  return { sizes, bytes: Buffer.concat(pages) }
}

test('a recipient is shown the same, whoever else is given it', async () => {
  const [alone, among] = [await live([]), await live(OTHERS)]
  assert.ok(alone.sizes.length > 0 && alone.bytes.includes('three'))
  assert.deepEqual(among.sizes, alone.sizes)
  for (const { bytes } of [alone, among])
    for (const name of OTHERS) assert.ok(!bytes.includes(name), `${name} is named`)
})

/** The log of an author that says two things for these members, as `b.example` sees it, for whom none of it is. */
async function seenFromOutside(named: readonly string[]): Promise<{ size: number; idx: number }[]> {
  const world = new World('nobody or one')
  await using _ = world
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(a, c)
  await world.api(a, 'POST', '/collections', {
    title: 'Named',
    alias: 'named',
    share: 'named',
    named: [...named],
    marking: { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' },
  })
  const seen = []
  for (const name of ['one', 'two']) {
    await publishAll(world, a, [name], 'named')
    await world.pass(5000)
    await world.quiesce()
    const row = await b.store.get<{ size: number; idx: number }>(
      `SELECT l.size, coalesce(h.idx, -1) AS idx FROM log l JOIN peer p ON p.log = l.id
       LEFT JOIN head_told h ON h.peer = p.id WHERE l.origin = 'a.example/log'`,
    )
    seen.push(row ?? assert.fail())
  }
  return seen
}

test('who is given nothing does not see whether anybody else was', async () => {
  assert.deepEqual(await seenFromOutside(['c.example']), await seenFromOutside(['nobody.example']))
})

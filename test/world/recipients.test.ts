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

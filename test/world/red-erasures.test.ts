// The list of erases is, for who may not see TLP:RED, as if no such record had ever been erased: neither what it was nor who
// had it nor that there is more to page to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErasuresPage } from '#federation/erasure/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, type Fields } from './objects.ts'

const secret = [id('malware', 2), id('malware', 3), id('malware', 5)]
const malware = (n: number): Fields =>
  base('malware', n, {
    name: `m${n}`,
    is_family: true,
    ...(secret.includes(id('malware', n)) ? { object_marking_refs: [RED] } : {}),
  })

/** Two open records and three RED ones, one of them the last, were given to b.example and erased in their order. */
async function scene(seed: string) {
  const { world, node } = await oneWith(seed, [])
  const b = await world.add('b.example')
  await world.introduce(node, b)
  await world.api(node, 'PATCH', '/collections/c', { named: ['b.example'], share: 'named' })
  for (const n of [1, 2, 3, 4, 5]) await put(node, [malware(n)])
  await world.quiesce()
  for (const n of [2, 1, 3, 5, 4]) await world.api(node, 'POST', '/erasures', { id: id('malware', n), reason: 'legal' })
  await world.quiesce()
  const { secret: token } = await world.api<{ secret: string }>(node, 'POST', '/tokens', {
    name: 'program',
    role: 'administrator',
  })
  const look = async (headers: Record<string, string>, query = '') =>
    (await node.app.inject({ url: `/api/erasures?${query}`, headers })).json<ErasuresPage>()
  return { world, node, look, program: { authorization: `Bearer ${token}` } }
}

const recordsOf = ({ items }: ErasuresPage): (string | null)[] => items.map(({ record }) => record)

test('who may not see RED is told of no erase of it, by any page, word or name of a record', async () => {
  const { world, node, look, program } = await scene('red erasures')
  await using _ = world
  for (const headers of [await signedIn(node, { name: 'chief', role: 'administrator' }), program]) {
    const all = await look(headers)
    assert.deepEqual(recordsOf(all), [id('malware', 4), id('malware', 1)])
    assert.deepEqual(
      all.items.map(({ recipients }) => recipients.map(({ member }) => member)),
      [['b.example'], ['b.example']],
    )
    for (const record of secret) {
      assert.deepEqual(recordsOf(await look(headers, `record=${record}`)), [])
      assert.deepEqual(recordsOf(await look(headers, `q=${record}`)), [])
    }
    const first = await look(headers, 'limit=1')
    const last = await look(headers, `limit=1&cursor=${first.next}`)
    assert.deepEqual([first, last].map(recordsOf), [[id('malware', 4)], [id('malware', 1)]])
    assert.equal(last.next, undefined, 'the oldest erase is of a RED record')
  }
  const answers = await node.store.all<{ principal: string }>("SELECT principal FROM answer WHERE route = 'erasures'")
  assert.ok(answers.length > 0 && answers.every(({ principal }) => principal === 'self/machine'))
})

test('who is named for RED, and the command line, are told of all of them', async () => {
  const { world, node, look } = await scene('red erasures named')
  await using _ = world
  for (const headers of [
    await signedIn(node, { name: 'named', role: 'viewer', red: true }),
    { authorization: `Bearer ${node.token}` },
  ]) {
    const all = await look(headers)
    assert.deepEqual(
      recordsOf(all),
      [4, 5, 3, 1, 2].map((n) => id('malware', n)),
    )
    assert.ok(all.items.every(({ recipients }) => recipients.length === 1))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rounds, seedsOf } from '#test/rounds.ts'
import { openTestStore, seededRandom } from '#test/store.ts'
import { enqueueJob } from './job.ts'
import type { Asked } from './list-shape.ts'
import { listing, type ListPage } from './listing.ts'
import type { Store } from './store/types.ts'

type Line = { readonly key: string }
const SOURCE = { columns: 'key', from: 'job', key: 'id', texts: ['kind', 'key', 'last_error'] } as const
const oldestFirst = listing<Line>({ ...SOURCE, order: 'oldest first' })

async function storeOf(keys: readonly string[]): Promise<Store> {
  const store = openTestStore()
  for (const key of keys) await store.write(enqueueJob, { kind: 'test.kind', key, delayMs: 1e9 })
  return store
}

/** Every page after the other. */
async function all(read: (asked: Asked) => Promise<ListPage<Line>>, asked: Asked): Promise<string[]> {
  const keys: string[] = []
  for (let cursor: Asked['cursor']; ;) {
    const { rows, next } = await read({ ...asked, ...(cursor === undefined ? {} : { cursor }) } as Asked)
    keys.push(...rows.map(({ key }) => key))
    if (next === undefined) return keys
    cursor = Number(next)
  }
}

test('a search finds words in capitals or not, in every script that has them', async () => {
  await using store = await storeOf(['Ärztehaus Süd', 'ДИСПЕТЧЕРСКАЯ', 'κέντρο', '控制中心', 'plain'])
  for (const [q, key] of [
    ['ärzteHAUS', 'Ärztehaus Süd'],
    ['диспетчер', 'ДИСПЕТЧЕРСКАЯ'],
    ['ΚΈΝΤΡ', 'κέντρο'],
    ['制中', '控制中心'],
    [' PLAIN ', 'plain'],
  ] as const)
    assert.deepEqual(await all((asked) => oldestFirst(store, asked), { q }), [key], q)
})

test('what is a sign to the engine is a letter to people', async () => {
  const keys = ['a*b', 'a?b', 'a[b', 'a]b', 'a%b', 'a_b', 'a\\b', "a'b", 'a-b', 'a^b', 'aXb']
  await using store = await storeOf(keys)
  for (const key of keys) assert.deepEqual(await all((asked) => oldestFirst(store, asked), { q: key }), [key], key)
})

test('the pages of a search hold what fits, once each and in order, however small the pieces', async () => {
  for (const seed of seedsOf('listing', rounds({ test: 20, soak: 500 }))) {
    const random = seededRandom(seed)
    const pick = (below: number): number => (random(1)[0] ?? 0) % below
    const keys = Array.from({ length: pick(40) }, (_, i) => `${i} ${'abc'[pick(3)]}${'abc'[pick(3)]}`)
    await using store = await storeOf(keys)
    for (const order of ['oldest first', 'newest first'] as const) {
      const q = pick(4) === 0 ? '' : `${'ABC'[pick(3)]}`
      const read = listing<Line>({ ...SOURCE, order }, { piece: 1 + pick(5), linesMax: 1 + pick(20) })
      const fits = keys.filter((key) => key.includes(q.toLowerCase()))
      const expected = order === 'oldest first' ? fits : fits.toReversed()
      assert.deepEqual(await all((asked) => read(store, asked), { q, limit: 1 + pick(6) }), expected, `seed ${seed}`)
    }
  }
})

test('a search that has looked at enough says where it goes on, found or not', async () => {
  await using store = await storeOf(['x1', 'x2', 'x3', 'x4', 'wanted'])
  const read = listing<Line>({ ...SOURCE, order: 'oldest first' }, { piece: 2, linesMax: 4 })
  const first = await read(store, { q: 'wanted' })
  assert.deepEqual([first.rows.length, first.next], [0, '4'])
  const rest = await read(store, { q: 'wanted', cursor: Number(first.next) })
  assert.deepEqual([rest.rows.map(({ key }) => key), rest.next], [['wanted'], undefined])
})

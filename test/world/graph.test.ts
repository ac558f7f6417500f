// The graph as it is asked for: neighbours by pages, a way between two records within bounds, and nobody learns of what
// they may not look at.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOCAL_CALLER } from '#kernel/http/access.ts'
import { loadSight } from '#kernel/sight.ts'
import { findPath } from '#sharing/graph-path.ts'
import type { NeighboursView, PathView } from '#sharing/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, TIME, type Fields } from './objects.ts'

const malware = (n: number, more: Fields = {}): Fields =>
  base('malware', n, { name: `m${n}`, is_family: true, ...more })
const joins = (n: number, from: number, to: number, more: Fields = {}): Fields =>
  base('relationship', n, {
    relationship_type: 'related-to',
    source_ref: id('malware', from),
    target_ref: id('malware', to),
    ...more,
  })

/** A chain 1–2–3–4–5 of malware, a report about 1 and 5, and a hidden short cut from 1 to 4. */
async function scene(seed: string) {
  const { world, node } = await oneWith(seed, [
    ...[1, 2, 3, 4, 5].map((n) => malware(n)),
    ...[1, 2, 3, 4].map((n) => joins(10 + n, n, n + 1)),
    joins(20, 1, 4, { object_marking_refs: [RED] }),
    malware(9, { object_marking_refs: [RED] }),
    joins(21, 9, 5),
  ])
  const ask = async <T>(path: string, headers?: Readonly<Record<string, string>>): Promise<T> =>
    headers === undefined
      ? world.api<T>(node, 'GET', path)
      : (await node.app.inject({ url: `/api${path}`, headers })).json<T>()
  return { world, node, ask }
}

const pathOf = (from: number, to: number): string => `/graph/path?from=${id('malware', from)}&to=${id('malware', to)}`
const numbers = (view: PathView): number[] => view.nodes.map((node) => Number(node.id.slice(-4)))

test('neighbours are what a record points at and what points at it, a relationship as a line, by pages', async () => {
  const { world, node, ask } = await scene('graph neighbours')
  await using _ = world
  await put(node, [
    base('report', 30, {
      name: 'r',
      published: TIME,
      report_types: ['malware'],
      object_refs: [1, 2, 5].map((n) => id('malware', n)),
    }),
  ])
  const one = await ask<NeighboursView>(`/records/${id('malware', 1)}/neighbours`)
  assert.deepEqual(
    one.edges.map(({ from, to, word }) => [from, word, to]),
    [
      [id('report', 30), 'object_refs', id('malware', 1)],
      [id('malware', 1), 'related-to', id('malware', 4)],
      [id('malware', 1), 'related-to', id('malware', 2)],
    ],
  )
  assert.deepEqual(one.nodes.map(({ name }) => name).toSorted(), ['m1', 'm2', 'm4', 'r'])
  const pages: NeighboursView[] = []
  for (let cursor = ''; pages.length < 20;) {
    const page = await ask<NeighboursView>(`/records/${id('report', 30)}/neighbours?limit=2${cursor}`)
    pages.push(page)
    if (page.next === undefined) break
    cursor = `&cursor=${page.next}`
  }
  assert.deepEqual(
    pages.flatMap(({ edges }) => edges.map(({ to }) => to)),
    [1, 2, 5].map((n) => id('malware', n)),
  )
  const inward = await ask<NeighboursView>(`/records/${id('malware', 2)}/neighbours?side=in&limit=1`)
  assert.deepEqual([inward.edges.map(({ from }) => from), inward.next !== undefined], [[id('report', 30)], true])
})

test('a way between two records is a shortest one, in its order; the same record is its own way', async () => {
  const { world, ask } = await scene('graph path')
  await using _ = world
  const path = await ask<PathView>(pathOf(1, 5))
  assert.deepEqual([path.found, numbers(path), path.edges.length], [true, [1, 4, 5], 2])
  assert.deepEqual(numbers(await ask<PathView>(pathOf(5, 1))), [5, 4, 1])
  assert.deepEqual(numbers(await ask<PathView>(pathOf(3, 3))), [3])
  const none = await ask<PathView>(pathOf(1, 77))
  assert.deepEqual([none.found, none.whole], [false, true])
})

test('who may not see a short cut goes the long way, and a hidden record has neither name nor marking', async () => {
  const { world, node, ask } = await scene('graph red')
  await using _ = world
  const headers = await signedIn(node, { name: 'viewer', role: 'viewer' })
  assert.deepEqual(numbers(await ask<PathView>(pathOf(1, 5), headers)), [1, 2, 3, 4, 5])
  const five = await ask<NeighboursView>(`/records/${id('malware', 5)}/neighbours`, headers)
  assert.deepEqual(
    five.nodes.find((each) => each.id === id('malware', 9)),
    { id: id('malware', 9), type: 'malware', here: false },
  )
  const hidden = await ask<NeighboursView>(`/records/${id('malware', 1)}/neighbours`, headers)
  assert.deepEqual(
    hidden.edges.map(({ to }) => to),
    [id('malware', 2)],
  )
})

test('a search for a way keeps to its bounds and says that it did', async () => {
  const { world, node } = await scene('graph bounds')
  await using _ = world
  const spokes = Array.from({ length: 60 }, (_each, n) => n)
  await put(node, [
    malware(100),
    ...spokes.map((n) => malware(200 + n)),
    ...spokes.map((n) => joins(300 + n, 100, 200 + n)),
  ])
  let looked = 0
  const deps = {
    store: node.store,
    egress: {
      release: async ({ candidates }: { readonly candidates: readonly unknown[] }) => {
        looked += candidates.length
        return candidates
      },
    },
    views: async () => [],
  } as unknown as Parameters<typeof findPath>[0]
  const { principal } = LOCAL_CALLER
  const look = { principal, route: 'path' as const, sight: await loadSight(node.federation.deps, principal) }
  const ends = { from: id('malware', 100), to: id('malware', 1) }
  const cut = await findPath(deps, look, ends, { steps: 8, fan: 500, records: 10 })
  assert.deepEqual([cut.found, cut.whole], [false, false])
  assert.ok(looked <= 24, `${looked} records were looked at`)
  const narrow = await findPath(deps, look, ends, { steps: 8, fan: 5, records: 1000 })
  assert.deepEqual([narrow.found, narrow.whole], [false, false])
})

test('what is no id is refused with what one looks like', async () => {
  const { world, node } = await scene('graph ids')
  await using _ = world
  for (const path of ['/records/nonsense/neighbours', '/graph/path?from=x&to=y', '/graph/path?from=malware--1'])
    assert.equal(
      (await node.app.inject({ url: `/api${path}`, headers: { authorization: `Bearer ${node.token}` } })).statusCode,
      400,
      path,
    )
})

// Why a TLP:RED record could not be used quotes it, so that is for who may see RED: in the list, its search, and on the first page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QuarantinePage } from '#sharing/wire.ts'
import type { HomeView } from '#src/home/wire.ts'
import { signedIn } from '../people.ts'
import { base } from './objects.ts'
import { saying } from './saying.ts'
import { World } from './world.ts'

/** STIX 2.0's way to write objects: in an object of 2.1 it refers to what is not there, and the finding says to what. */
const quoting = (n: number, what: string, time: string): string =>
  JSON.stringify({
    ...base('observed-data', n, { created: time, modified: time, first_observed: time, last_observed: time }),
    number_observed: 1,
    objects: { '0': { type: 'network-traffic', protocols: ['tcp'], src_ref: what } },
  })

test('who may not see RED is told of what could not be used as if nothing RED had come', async () => {
  const world = new World('red quarantine')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const time = new Date(world.clock.nowMs()).toISOString()
  const named = { named: true, communities: [] }
  for (const [n, tlp, what] of [
    [1, 'RED', 'victim Kraftwerk-Ottensheim'],
    [2, 'GREEN', 'turbine'],
    [3, 'RED', 'victim Kraftwerk-Ottensheim'],
  ] as const) {
    const marking = { tlp, audience: named, personal: 'none' } as const
    const alias = `c${n}`
    await world.api(a, 'POST', '/collections', { title: alias, alias, share: 'named', named: ['b.example'], marking })
    await a.store.write(saying.put, { collection: alias, content: quoting(n, what, time), to: 'b.example', marking })
    await world.quiesce()
  }
  const { secret } = await world.api<{ secret: string }>(b, 'POST', '/tokens', {
    name: 'program',
    role: 'administrator',
  })
  const look = async (headers: Record<string, string>) => {
    const get = async <T>(url: string): Promise<T> => (await b.app.inject({ url: `/api${url}`, headers })).json<T>()
    const { needs } = await get<HomeView>('/home')
    const of = async (query: string) => (await get<QuarantinePage>(`/quarantine?${query}`)).items.length
    return {
      told: needs.flatMap(({ kind, count, reason = '' }) =>
        kind === 'quarantine' ? [[count, /the key (\w+)/.exec(reason)?.[1]]] : [],
      ),
      all: await of(''),
      found: await of('q=kraftwerk'),
      next: (await get<QuarantinePage>('/quarantine?limit=1')).next !== undefined,
    }
  }
  for (const headers of [
    { authorization: `Bearer ${secret}` },
    await signedIn(b, { name: 'chief', role: 'administrator' }),
  ])
    assert.deepEqual(await look(headers), { told: [[1, 'turbine']], all: 1, found: 0, next: false })
  const headers = await signedIn(b, { name: 'named', role: 'viewer', red: true })
  assert.deepEqual(await look(headers), { told: [[3, 'victim']], all: 3, found: 2, next: true })
})

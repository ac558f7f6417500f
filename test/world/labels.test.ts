// Markings are told apart, and everybody who looks is asked about each of them. Of one member there are so many: what it
// marks otherwise beyond them is handled as strictly as there is, and nothing of it is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { signedIn } from '../people.ts'
import { finds, publish } from './stage.ts'
import { tamper, World } from './world.ts'

const marking = (community: string): object => ({
  tlp: 'GREEN',
  audience: { named: false, communities: [`${community}.example`] },
  personal: 'none',
})

test('what a member marks beyond its bound is for those who are named for TLP:RED; what it marked before stays as it was', async () => {
  const world = new World('labels')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b, ['early.example', 'late.example'])
  const say = async (name: string): Promise<string> => {
    await world.api(a, 'POST', '/collections', { title: name, alias: name, share: 'peers', marking: marking(name) })
    const id = await publish(world, a, name, name)
    await world.quiesce()
    return id
  }
  await say('early')
  const [made] = await b.store.all<{ maker: number }>('SELECT maker FROM label_class WHERE maker IS NOT NULL')
  await b.store.write(
    tamper,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LIMITS.memberLabelsMax})
     INSERT INTO label_class (key, marking, maker) SELECT 'made ' || i, '${JSON.stringify(marking('made'))}', ${made?.maker} FROM n`,
  )
  const id = await say('late')
  const shown = async (red: boolean): Promise<number> => {
    const headers = await signedIn(b, { name: red ? 'ruth' : 'olga', role: 'analyst', red })
    return (await b.app.inject({ url: `/api/records/${id}`, headers })).statusCode
  }
  assert.deepEqual([await shown(true), await shown(false)], [200, 404])
  await publish(world, a, 'again', 'early')
  await world.quiesce()
  assert.equal(await finds(world, b, 'again'), 1)
  const { n } = (await b.store.get<{ n: number }>('SELECT count(*) AS n FROM label_class WHERE maker IS NOT NULL')) as {
    n: number
  }
  assert.equal(n, LIMITS.memberLabelsMax + 1)
})

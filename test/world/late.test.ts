// What is shown of a statement after its beginning stands behind newer records, and is searched for warnings all the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WarningView } from '#warning/wire.ts'
import { chain, ENERGY, open, publish, publishAll } from './stage.ts'

test('the rest of a statement warns, though newer records were searched before it came', async () => {
  await using place = await chain('the rest warns')
  const { world, a, b, c } = place
  for (const name of ['turbine', 'rotor', 'newer'])
    await world.api(c, 'POST', '/watch', { value: `${name}.example`, asset: name })
  const warned = async (): Promise<string[]> =>
    (await world.api<{ items: WarningView[] }>(c, 'GET', '/warnings')).items.map(({ asset }) => asset).toSorted()
  const [, rotor] = await publishAll(world, a, ['turbine', 'rotor'], 'energy')
  await world.quiesce()
  await world.api(b, 'POST', '/erasures', { id: rotor, reason: 'legal', onlyHere: true })
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await open(world, b)
  await world.quiesce()
  await publish(world, b, 'newer')
  await world.quiesce()
  assert.deepEqual(await warned(), ['newer', 'turbine'], 'b gives what it kept')
  await world.api(a, 'POST', '/peers/c.example/approve', { communities: [ENERGY] })
  await world.quiesce()
  assert.deepEqual(await warned(), ['newer', 'rotor', 'turbine'])
  assert.equal(await c.store.get('SELECT 1 FROM late_record'), undefined, 'nothing is searched twice')
})

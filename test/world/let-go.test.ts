// A recipient erases its own copy of what another said: no byte of it stays there, nobody is asked or told, it does not come
// back by any way, and is passed on to nobody any more. Everybody else keeps theirs.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import { Check } from './check.ts'
import { chain, ENERGY, finds, say } from './stage.ts'
import type { WorldMember } from './world.ts'

const holds = async (member: WorldMember, word: string): Promise<boolean> =>
  (await member.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')).some(({ bytes }) =>
    Buffer.from(bytes).includes(word),
  )

test('a copy that is erased only here is gone, stays away, and is passed on to nobody; its author hears nothing', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-let-go-'))
  await using place = await chain('let go', { folder: folder.path })
  const { world, a, b, c } = place
  const id = await say(world, a, 'turbine', 'energy')
  await say(world, a, 'rotor', 'energy')
  await world.quiesce()
  const { size } = (await b.store.get<{ size: number }>('SELECT size FROM log WHERE id = 1')) as { size: number }
  const answer = await world.api<{ erased: number; statements: unknown[] }>(b, 'POST', '/erasures', {
    id,
    reason: 'legal',
    onlyHere: true,
  })
  assert.deepEqual(answer, { erased: 1, statements: [] })
  await world.quiesce()
  assert.deepEqual([await holds(b, 'turbine'), await finds(world, b, 'rotor')], [false, 1])
  assert.equal(await finds(world, a, 'turbine'), 1)
  assert.equal((await world.api<AskedPage>(a, 'GET', '/erasures/asked')).items.length, 0)
  assert.equal((await world.api<ErasuresPage>(b, 'GET', '/erasures')).items.length, 0)
  const after = (await b.store.get<{ size: number }>('SELECT size FROM log WHERE id = 1'))?.size
  assert.equal(after, size, 'nothing was said')

  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  assert.deepEqual([await finds(world, c, 'turbine'), await finds(world, c, 'rotor')], [0, 1])

  await world.meetAnew(a, b, [ENERGY])
  await world.quiesce()
  assert.deepEqual([await holds(b, 'turbine'), await finds(world, b, 'rotor')], [false, 1], 'nor from the beginning')

  await world.api(a, 'POST', '/erasures', { id, reason: 'personal-data' })
  await world.quiesce()
  const [erasure] = (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items
  assert.deepEqual(
    erasure?.recipients.map(({ member, answer: word }) => [member, word]),
    [['b.example', 'erased']],
    'asked for what it let go of, it can answer',
  )
  await new Check(world).everything()
})

test('nothing that a member said itself is erased only here, and nothing that is not here', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-let-go-'))
  await using place = await chain('let go', { folder: folder.path })
  const { world, a, b } = place
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  const body = { id, reason: 'legal', onlyHere: true }
  await assert.rejects(world.api(a, 'POST', '/erasures', body), /no record .* of another member is here/)
  await assert.rejects(world.api(b, 'POST', '/erasures', { id, reason: 'legal' }), /this member has no record/)
  await world.api(b, 'POST', '/erasures', body)
  await assert.rejects(world.api(b, 'POST', '/erasures', body), /no record .* of another member is here/)
  assert.deepEqual([await finds(world, a, 'turbine'), await finds(world, b, 'turbine')], [1, 0])
})

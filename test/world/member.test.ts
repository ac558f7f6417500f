// What a member says of itself changes while its node runs: the log says so at once, and peers take it over.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { MemberView, PeerView } from '#federation/wire.ts'
import { stage } from './stage.ts'

test('other names, kind, country and contact are in the log and at peers at once', async () => {
  await using place = await stage('member')
  const { world, a, b } = place
  await world.quiesce()
  const said = {
    names: { en: 'CERT Aurora', fr: 'CERT Aurore' },
    kind: 'government',
    country: 'FR',
    contact: 'mailto:a@a.example',
  }
  const view = await world.api<MemberView>(a, 'PATCH', '/member', said)
  assert.deepEqual(view, { member: 'a.example', ...said, announced: true })
  await world.quiesce()
  const known = await world.api<PeerView>(b, 'GET', '/peers/a.example')
  assert.deepEqual(known.names, said.names)
  assert.match(known.saysNow ?? '', /government, FR/, 'what policy asks about is taken when people approve it')
  const { body } = await a.app.inject({ url: '/api/session' })
  assert.deepEqual(JSON.parse(body).member.names, said.names, 'whoever signs in reads it, too')
  const [deed] = (await world.api<{ items: { actor: string; action: string }[] }>(a, 'GET', '/audit?action=member.set'))
    .items
  assert.deepEqual([deed?.actor, deed?.action], ['admin', 'member.set'])
  const after = await world.api<MemberView>(a, 'PATCH', '/member', { country: null, contact: null })
  assert.deepEqual(
    [after.kind, after.country, after.contact, after.announced],
    ['government', undefined, undefined, true],
  )
})

test('many changes at once are one after another, and the last one holds', async () => {
  await using place = await stage('member many')
  const { world, a, b } = place
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => world.api(a, 'PATCH', '/member', { names: { en: `Name ${n}` } })),
  )
  await world.quiesce()
  assert.deepEqual((await world.api<PeerView>(b, 'GET', '/peers/a.example')).names, { en: 'Name 7' })
})

test('what cannot stand in a node document is refused by its place, and nothing changes', async () => {
  await using place = await stage('member bad')
  const { world, a } = place
  const before = await world.api<MemberView>(a, 'GET', '/member')
  const bad: readonly [object, RegExp][] = [
    [{ names: {} }, /1 to 32 names/],
    [{ names: { 'not a tag': 'x' } }, /no language tag/],
    [{ names: { en: '' } }, /"place":"names.en"/],
    [{ names: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`x${n}`, 'x'])) }, /1 to 32 names/],
    [{ country: 'Austria' }, /"place":"country"/],
    [{ kind: 'government', country: 'at' }, /"place":"country"/],
    [{ contact: 'x'.repeat(1001) }, /"place":"contact"/],
    [{ kind: 'company' }, /kind/],
    [{ member: 'b.example' }, /member/],
  ]
  for (const [change, reason] of bad)
    await assert.rejects(world.api(a, 'PATCH', '/member', change), reason, JSON.stringify(change).slice(0, 80))
  assert.deepEqual(await world.api<MemberView>(a, 'GET', '/member'), before)
})

test('where nothing may be signed it is kept, and said once it may', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-member-`)
  await using place = await stage('member restored', { folder: folder.path })
  const { world, b } = place
  await world.quiesce()
  const restored = await world.restore('a.example', world.backUp('a.example', 'backup'))
  const { announced } = await world.api<MemberView>(restored, 'PATCH', '/member', { names: { en: 'Later' } })
  assert.equal(announced, false)
  await world.quiesce()
  const known = async (): Promise<object> => (await world.api<PeerView>(b, 'GET', '/peers/a.example')).names
  assert.deepEqual(await known(), { en: 'a.example' })
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.equal((await world.api<MemberView>(restored, 'GET', '/member')).announced, true)
  assert.deepEqual(await known(), { en: 'Later' })
})

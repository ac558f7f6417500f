// The id of a cyber-observable is made of its value, and so is the digest of a file that holds nothing else: whoever finds
// one of them finds the value by trying. After an erase neither stands anywhere, but where a withdrawal had said the id.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RecordKeys } from '#kernel/record-keys.ts'
import { writeSealedCopy } from '#kernel/store/sealed-copy.ts'
import { observableId } from '#sharing/stix/sco-id.ts'
import { CLEAR } from '#test/feeds.ts'
import { tracesIn } from './traces.ts'
import { World, type WorldMember } from './world.ts'

const VALUE = '198.51.100.77'
const ID = observableId({ type: 'ipv4-addr', value: VALUE }) ?? ''
const FILE = JSON.stringify({ type: 'ipv4-addr', spec_version: '2.1', id: ID, value: VALUE })
const DIGEST = hash('sha256', FILE)
const NEEDLES = [ID, VALUE, DIGEST].map((text) => Buffer.from(text))
const OID = Buffer.from(ID.slice('ipv4-addr--'.length).replaceAll('-', ''), 'hex')

async function importFile(world: World, member: WorldMember): Promise<void> {
  await world.api(member, 'POST', '/collections', { title: 'c', alias: 'c', share: 'peers', marking: CLEAR })
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${DIGEST}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: FILE,
  })
  assert.match(body, /"added":1/)
}

/** A program reads the record and its proof: what it got is recorded. */
async function readAsProgram(world: World, member: WorldMember): Promise<void> {
  const { secret } = await world.api<{ secret: string }>(member, 'POST', '/tokens', { name: 'p', role: 'viewer' })
  for (const path of ['', '/proof']) {
    const headers = { authorization: `Bearer ${secret}` }
    assert.equal((await member.app.inject({ url: `/api/records/${ID}${path}`, headers })).statusCode, 200)
  }
}

for (const withdrawn of [false, true])
  test(`an erased observable ${withdrawn ? 'that was withdrawn before leaves its id in the withdrawal alone' : 'leaves nothing by which it can be guessed'}`, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-name-'))
    await using world = new World(`erase name ${withdrawn}`, folder.path)
    const [a, b] = [await world.add('a.example'), await world.add('b.example')]
    await world.introduce(a, b)
    for (const member of [a, b]) await world.api(member, 'POST', '/watch', { value: `${VALUE}/31`, asset: 'Web' })
    await importFile(world, a)
    await world.quiesce()
    for (const member of [a, b]) {
      assert.notDeepEqual(await member.store.all('SELECT 1 FROM warning'), [])
      await readAsProgram(world, member)
    }
    if (withdrawn) await world.api(a, 'POST', '/withdrawals', { id: ID, reason: 'sent-in-error' })
    await world.quiesce()
    await world.api(a, 'POST', '/erasures', { id: ID, reason: 'personal-data' })
    await world.quiesce()
    for (const { name } of [a, b])
      assert.deepEqual(
        tracesIn(join(folder.path, name, 'comity.db'), [...NEEDLES, OID]),
        withdrawn ? ['item.bytes'] : [],
        name,
      )
    const { items } = await world.api<{ items: { action: string; subject: string }[] }>(a, 'GET', '/audit?limit=100')
    const subjects = items.filter(({ action }) => /^record\.(withdraw|erase)$/.test(action))
    assert.ok(subjects.length === (withdrawn ? 2 : 1) && subjects.every(({ subject }) => subject.startsWith('leaf ')))
  })

test('a backup says neither the value of an observable nor its id nor the digest of its file', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-name-'))
  await using world = new World('erase name backup', folder.path)
  const a = await world.add('a.example')
  await importFile(world, a)
  await world.quiesce()
  const [source, target] = [join(folder.path, 'a.example', 'comity.db'), join(folder.path, 'copy.db')]
  writeSealedCopy({ source, target }, { keys: RecordKeys.create(a.random), random: a.random, onProgress: () => {} })
  const needles = [...NEEDLES, OID]
  assert.deepEqual(tracesIn(source, needles), ['import_progress.digest', 'item.bytes', 'record.oid', 'value.value'])
  assert.deepEqual(tracesIn(target, needles), [])
})

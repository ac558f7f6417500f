// What backups hold of records is sealed under keys that an erase destroys, also what was made from records.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RecordKeys } from '#kernel/record-keys.ts'
import { openSealedCopy, writeSealedCopy } from '#kernel/store/sealed-copy.ts'
import type { FeedView } from '#sharing/feeds/wire.ts'
import { observableId } from '#sharing/stix/sco-id.ts'
import { CLEAR } from '#test/feeds.ts'
import { base, put, type Fields } from './objects.ts'
import { tracesIn } from './traces.ts'
import { World, type WorldMember } from './world.ts'

type Stored = { readonly value: string; readonly gone: number; readonly seq: number }

/** A server with one list, of which a test chooses the lines. */
function serveList(world: World, lines: () => readonly string[]): void {
  const inject = async (): Promise<object> => {
    const payload = lines().join('\n')
    return { statusCode: 200, headers: { 'content-type': 'text/plain' }, rawPayload: Buffer.from(payload) }
  }
  world.network.connect('list.example', 'list.example', { inject } as never)
}

async function read(world: World, member: WorldMember): Promise<FeedView> {
  await world.api(member, 'POST', '/feeds/l/run')
  while ((await member.jobs.tick()) > 0) continue
  return world.api<FeedView>(member, 'GET', '/feeds/l')
}

/** A backup as a node makes it, and the keys that open it. */
function sealedBackup(
  world: World,
  { name, random }: WorldMember,
): { readonly path: string; readonly keys: RecordKeys } {
  const [path, keys] = [world.backUp(name, 'backup'), RecordKeys.create(random)]
  const [database, copy] = [join(path, 'comity.db'), join(path, 'copy.db')]
  writeSealedCopy({ source: database, target: copy }, { keys, random, onProgress: () => {} })
  renameSync(copy, database)
  return { path, keys }
}

const storedOf = ({ store }: WorldMember): Promise<Stored[]> =>
  store.all<Stored>('SELECT value, gone_ms IS NOT NULL AS gone, seq FROM feed_value ORDER BY value')

test('what a list brought is sealed in a backup; what was erased is not opened, and what falls off later is noticed', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-backup-'))
  await using world = new World('erase backup', folder.path)
  const a = await world.add('a.example')
  await world.introduce(a, await world.add('b.example'))
  let lines = ['fallen.example', 'lasting.example', 'person.example', 'nothing']
  serveList(world, () => lines)
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', marking: CLEAR })
  const source = { name: 'l', kind: 'list', url: 'http://list.example/x', collection: 'c', marking: CLEAR }
  await world.api(a, 'POST', '/feeds', { ...source, licence: 'CC0', everyMinutes: 5 })
  assert.equal((await read(world, a)).total, 3)
  await world.quiesce()
  const person = (await storedOf(a)).find(({ value }) => value === 'person.example')

  const backup = sealedBackup(world, a)
  const needles = ['fallen.example', 'lasting.example', 'person.example'].map((line) => Buffer.from(line))
  const refused = Buffer.from('line 4')
  assert.deepEqual(tracesIn(join(folder.path, 'a.example', 'comity.db'), [refused]), ['feed_refusal.what'])
  assert.deepEqual(tracesIn(join(backup.path, 'comity.db'), [...needles, refused]), [])

  backup.keys.puncture(person?.seq ?? 0)
  openSealedCopy(join(backup.path, 'comity.db'), backup.keys, 0)
  assert.deepEqual(tracesIn(join(backup.path, 'comity.db'), needles.slice(2)), [])
  const restored = await world.heal('a.example', backup.path)
  lines = ['lasting.example', 'new.example']
  assert.deepEqual((await read(world, restored)).added, 1)
  assert.deepEqual(
    (await storedOf(restored)).map(({ value, gone }) => [value, gone]),
    [
      ['fallen.example', 1],
      ['lasting.example', 0],
      ['new.example', 0],
    ],
  )
})

function addressOf(value: string): Fields & { readonly id: string } {
  const address = { type: 'ipv4-addr', value }
  return { ...address, spec_version: '2.1', id: observableId(address) ?? '' }
}

const MADE = ['record', 'record_copy', 'reference']

/** All that was made from records, in an order. */
async function madeFrom({ store }: WorldMember): Promise<unknown[][]> {
  const rows = await Promise.all(MADE.map((table) => store.all(`SELECT * FROM ${table}`)))
  return rows.map((each) => each.map((row) => JSON.stringify(row)).toSorted())
}

test('ids that are made of values are sealed in a backup, and come back with all that points at them', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-backup-'))
  await using world = new World('erase backup ids', folder.path)
  const a = await world.add('a.example')
  await world.introduce(a, await world.add('b.example'))
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', marking: CLEAR })
  const [kept, gone] = [addressOf('198.51.100.1'), addressOf('198.51.100.2')]
  const note = base('note', 1, { content: 'n', object_refs: [kept.id, gone.id] })
  await put(a, [kept, gone, note])
  for (const { id } of [kept, gone]) await world.api(a, 'POST', '/withdrawals', { id, reason: 'sent-in-error' })
  await put(a, [kept])
  await world.quiesce()
  const before = await madeFrom(a)
  assert.ok(before.every((rows) => rows.length > 0))
  const backup = sealedBackup(world, a)
  const database = join(backup.path, 'comity.db')
  const oids = [kept, gone].map(({ id }) => Buffer.from(id.slice('ipv4-addr--'.length).replaceAll('-', ''), 'hex'))
  assert.deepEqual(tracesIn(database, oids), [])

  openSealedCopy(database, backup.keys, 0)
  const restored = await world.heal('a.example', backup.path)
  while ((await restored.jobs.tick()) > 0) continue
  assert.deepEqual(await madeFrom(restored), before)
})

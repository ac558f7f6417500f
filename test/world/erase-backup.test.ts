// What backups hold of records is sealed under keys that an erase destroys, also what was made from records.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RecordKeys } from '#kernel/record-keys.ts'
import { openSealedCopy, writeSealedCopy } from '#kernel/store/sealed-copy.ts'
import type { FeedView } from '#sharing/feeds/wire.ts'
import { CLEAR } from '#test/feeds.ts'
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

const storedOf = ({ store }: WorldMember): Promise<Stored[]> =>
  store.all<Stored>('SELECT value, gone_ms IS NOT NULL AS gone, seq FROM feed_value ORDER BY value')

test('what a list brought is sealed in a backup; what was erased is not opened, and what falls off later is noticed', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-backup-'))
  await using world = new World('erase backup', folder.path)
  const a = await world.add('a.example')
  await world.introduce(a, await world.add('b.example'))
  let lines = ['fallen.example', 'lasting.example', 'person.example']
  serveList(world, () => lines)
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', marking: CLEAR })
  const source = { name: 'l', kind: 'list', url: 'http://list.example/x', collection: 'c', marking: CLEAR }
  await world.api(a, 'POST', '/feeds', { ...source, licence: 'CC0', everyMinutes: 5 })
  assert.equal((await read(world, a)).total, 3)
  await world.quiesce()
  const person = (await storedOf(a)).find(({ value }) => value === 'person.example')

  const backup = world.backUp('a.example', 'backup')
  const [database, copy] = [join(backup, 'comity.db'), join(backup, 'copy.db')]
  const keys = RecordKeys.create(a.random)
  writeSealedCopy({ source: database, target: copy }, { keys, random: a.random, onProgress: () => {} })
  const needles = lines.map((line) => Buffer.from(line))
  assert.deepEqual(tracesIn(copy, needles), [])

  keys.puncture(person?.seq ?? 0)
  openSealedCopy(copy, keys, 0)
  assert.deepEqual(tracesIn(copy, [Buffer.from('person.example')]), [])
  renameSync(copy, database)
  const restored = await world.heal('a.example', backup)
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

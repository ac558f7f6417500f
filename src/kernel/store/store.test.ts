import assert from 'node:assert/strict'
import fs, { copyFileSync, mkdtempDisposableSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { logKeys, newSeeds, type Seeds } from '#kernel/key-file.ts'
import { openCheckpoint } from '#kernel/log/checkpoint.ts'
import { headFile } from '#kernel/log/head-file.ts'
import { kernelMigrations } from '#kernel/migrations.ts'
import { internLabel } from '#kernel/standing.ts'
import { sealStatement } from '#kernel/statement.ts'
import { Connection } from './connection.ts'
import { openInlineStore, openWriter } from './open.ts'
import { command, type AnyCommand, type Store, type WriterProgram } from './types.ts'

const MEMBER = 'a.example'
const seeds: Seeds['log'] = newSeeds(systemRandom).log
const marking = { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' } as const

const say = command('test.say', (tx, input: { text: string; thenFail?: boolean }): number => {
  const header = Buffer.from(
    JSON.stringify({
      v: 1,
      member: MEMBER,
      origin: `${MEMBER}/log`,
      id: '019b0000-0000-7000-8000-000000000000',
      kind: 'test',
      time: '2026-01-01T00:00:00.000Z',
      marking,
      mediaType: 'text/plain',
      count: 1,
    }),
  )
  const items = [Buffer.from(input.text)]
  const logged = tx.append({
    sealed: sealStatement({ header, content: items, random: tx.random }),
    id: '019b0000-0000-7000-8000-000000000000',
    kind: 'test',
    timeMs: tx.nowMs,
    header,
    items,
    labelClass: internLabel(tx, marking),
    collection: null,
  })
  if (input.thenFail === true) throw new Fault('conflict', 'on purpose')
  return logged.index
})

const program: WriterProgram = { migrations: kernelMigrations, commands: [say as unknown as AnyCommand], sealing: [] }

function open(path: string): Store {
  return openInlineStore({
    place: { kind: 'folder', path },
    identity: { member: MEMBER, origin: `${MEMBER}/log`, seeds },
    program,
    clock: systemClock,
    random: systemRandom,
  })
}

const sizeOf = async (store: Store): Promise<number> =>
  (await store.get<{ size: number }>('SELECT size FROM log WHERE id = 1'))?.size ?? -1

test('a command that fails leaves nothing behind, and the others of its group stay', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  await using store = open(folder.path)
  const answers = await Promise.allSettled([
    store.write(say, { text: 'one' }),
    store.write(say, { text: 'lost', thenFail: true }),
    store.write(say, { text: 'two' }),
  ])
  assert.deepEqual(
    answers.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as Fault).code)),
    [0, 'conflict', 1],
  )
  assert.equal(await sizeOf(store), 2)
  assert.equal(
    (await store.get<{ n: number }>("SELECT count(*) AS n FROM item WHERE bytes = CAST('lost' AS BLOB)"))?.n,
    0,
  )
})

test('after each answer the file head holds the signed checkpoint of exactly that size', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  await using store = open(folder.path)
  const { verifiers } = logKeys(`${MEMBER}/log`, seeds)
  for (let size = 1; size <= 5; size += 1) {
    await store.write(say, { text: `${size}` })
    const opened = openCheckpoint(headFile(join(folder.path, 'head')).read() as Uint8Array, verifiers)
    assert.ok(opened.ok)
    assert.equal(opened.checkpoint.size, size)
  }
})

test('the writer waits for the disk at every commit, and erases what it deletes', () => {
  const connection = new Connection({ path: ':memory:', role: 'writer' })
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  using file = new Connection({ path: join(folder.path, 'x.db'), role: 'writer' })
  assert.equal(file.get<{ synchronous: number }>('PRAGMA synchronous')?.synchronous, 2)
  assert.equal(file.get<{ journal_mode: string }>('PRAGMA journal_mode')?.journal_mode, 'wal')
  assert.equal(file.get<{ secure_delete: number }>('PRAGMA secure_delete')?.secure_delete, 1)
  connection[Symbol.dispose]()
})

test('a database older than its head signs nothing', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  const copy = join(folder.path, 'copy.db')
  {
    await using store = open(folder.path)
    await store.write(say, { text: 'one' })
    using reader = new DatabaseSync(join(folder.path, 'comity.db'))
    reader.exec(`VACUUM INTO '${copy}'`)
    await store.write(say, { text: 'two' })
  }
  using rolledBack = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  copyFileSync(copy, join(rolledBack.path, 'comity.db'))
  copyFileSync(join(folder.path, 'head'), join(rolledBack.path, 'head'))
  await using store = open(rolledBack.path)
  assert.match(store.status().frozen ?? '', /rolled back/)
  await assert.rejects(store.write(say, { text: 'second history' }), { code: 'node.restored' })
  assert.equal(await sizeOf(store), 1)
})

test('a head that is missing or behind is written again', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  const path = join(folder.path, 'head')
  {
    await using store = open(folder.path)
    await store.write(say, { text: 'one' })
  }
  const before = headFile(path).read()
  rmSync(path)
  await using store = open(folder.path)
  assert.equal(store.status().frozen, undefined)
  assert.deepEqual(headFile(path).read(), before)
})

test('a database of a newer version is refused and left as it is', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  const options = {
    place: { kind: 'folder', path: folder.path } as const,
    identity: { member: MEMBER, origin: `${MEMBER}/log`, seeds },
    clock: systemClock,
    random: systemRandom,
  }
  const newer = { ...program, migrations: [...kernelMigrations, { name: 'later/001', sql: 'CREATE TABLE later (x) ' }] }
  openWriter({ ...options, program: newer }).connection[Symbol.dispose]()
  assert.throws(() => openWriter({ ...options, program }), { code: 'storage.newer' })
})

test('a newer program backs up what was there, goes on in the same log, and the older one is then refused', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  const options = {
    place: { kind: 'folder', path: folder.path } as const,
    identity: { member: MEMBER, origin: `${MEMBER}/log`, seeds },
    clock: systemClock,
    random: systemRandom,
  }
  const newer = { ...program, migrations: [...kernelMigrations, { name: 'later/001', sql: 'CREATE TABLE later (x) ' }] }
  {
    await using store = open(folder.path)
    await store.write(say, { text: 'before' })
  }
  {
    await using store = openInlineStore({ ...options, program: newer })
    assert.equal(await store.write(say, { text: 'after' }), 1)
  }
  const saved = join(folder.path, 'backups', `before-migration-${kernelMigrations.length}.db`)
  using backup = new DatabaseSync(saved, { readOnly: true })
  assert.equal(backup.prepare('SELECT size FROM log WHERE id = 1').get()?.['size'], 1)
  assert.equal(backup.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
  assert.throws(() => open(folder.path), { code: 'storage.newer', message: /newer version.*later\/001/ })
})

test('the live writer says that it waits for the disk, and the head is durable before anything is answered', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-'))
  await using store = open(folder.path)
  assert.equal(store.status().settings.synchronous, '2')
  assert.equal(store.status().settings.journal_mode, 'wal')
  const { steps, restore } = watchSyncs()
  try {
    await store.write(say, { text: 'one' })
    steps.push('answered')
  } finally {
    restore()
  }
  assert.deepEqual(steps, ['write head.new', 'sync head.new', 'rename head.new head', 'sync folder', 'answered'])
})

/** Notes what is done to the head, in order. The program's own functions run; only their calls are seen. */
function watchSyncs(): { steps: string[]; restore: () => void } {
  const steps: string[] = []
  const names = new Map<number, string>()
  const { openSync, writeSync, fsyncSync, renameSync } = fs
  const named = (path: unknown): string => (/head(\.new)?$/.exec(String(path)) ?? ['folder'])[0]
  Object.assign(fs, {
    openSync: (...args: Parameters<typeof openSync>) => {
      const file = openSync(...args)
      names.set(file, named(args[0]))
      return file
    },
    writeSync: (file: number, bytes: Uint8Array) => {
      steps.push(`write ${names.get(file)}`)
      return writeSync(file, bytes)
    },
    fsyncSync: (file: number) => {
      fsyncSync(file)
      steps.push(`sync ${names.get(file)}`)
    },
    renameSync: (from: string, to: string) => {
      renameSync(from, to)
      steps.push(`rename ${named(from)} ${named(to)}`)
    },
  })
  syncBuiltinESMExports()
  return {
    steps,
    restore: () => {
      Object.assign(fs, { openSync, writeSync, fsyncSync, renameSync })
      syncBuiltinESMExports()
    },
  }
}

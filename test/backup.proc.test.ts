// A member whose machine is gone comes back from its backup and its key file, and signs nothing before it is told to.
import assert from 'node:assert/strict'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Member, runCommand } from '#cli/demo/member.ts'
import { newSignatureSeeds, witnessKeys } from '#kernel/key-file.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { parseNote } from '#kernel/note.ts'
import { seededRandom } from '#test/store.ts'

const PASSPHRASE = 'six random words are the better choice'

type Place = { readonly folder: string; readonly data: string; readonly passphrase: string }

async function comity(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCommand([...args, '--json'])
  assert.equal(code, 0, `comity ${args.join(' ')}: ${stderr}${stdout}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>
}

async function refused(pattern: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runCommand(args)
  assert.notEqual(code, 0, args.join(' '))
  assert.match(stderr + stdout, pattern)
}

async function makeMember(folder: string): Promise<Place> {
  const place = { folder, data: join(folder, 'data'), passphrase: join(folder, 'passphrase') }
  writeFileSync(place.passphrase, `${PASSPHRASE}\n`)
  await comity('init', '--member', 'b.example', '--data-dir', place.data)
  await comity('collection', 'add', 'Open', '--alias', 'open', '--data-dir', place.data)
  return place
}

function bundle(folder: string, name: string, count: number): string {
  const path = join(folder, `${name}.ndjson`)
  const objects = Array.from({ length: count }, (_, n) => ({
    type: 'identity',
    spec_version: '2.1',
    id: `identity--${crypto.randomUUID()}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: `${name} ${n}`,
  }))
  writeFileSync(path, objects.map((object) => JSON.stringify(object)).join('\n'))
  return path
}

test('a backup made while the node writes is whole, holds no key, and comes back with the key file', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-backup-'))
  const { folder, data, passphrase } = await makeMember(temporary.path)
  const [saved, box] = [join(folder, 'saved'), join(folder, 'keys.age')]
  {
    await using _ = await Member.start('b.example', data)
    await Promise.all([
      comity('import', bundle(folder, 'early', 3000), '-c', 'open', '--data-dir', data),
      comity('backup', saved, '--data-dir', data),
    ])
    await comity('keys', 'export', box, '--passphrase-file', passphrase, '--data-dir', data)
  }
  const secrets = secretsOf(data)
  for (const name of readdirSync(saved))
    for (const secret of secrets) assert.ok(!readFileSync(join(saved, name)).includes(secret), `a secret is in ${name}`)
  for (const secret of secrets) assert.ok(!readFileSync(box).includes(secret))

  const back = join(folder, 'back')
  await comity('restore', saved, '--keys', box, '--passphrase-file', passphrase, '--data-dir', back)
  await comity('log', 'verify', '--data-dir', back)
  const late = await comity('import', bundle(folder, 'late', 1), '-c', 'open', '--data-dir', back)
  assert.deepEqual([late['added'], late['kept']], [0, 1], 'received, and not in the log before a person says so')
  const before = sizeIn(await comity('log', 'verify', '--data-dir', back))
  await comity('log', 'export', join(folder, 'tiles-before'), '--data-dir', back)
  await comity('log', 'resume', '--alone', '--data-dir', back)
  await comity('import', bundle(folder, 'later', 10), '-c', 'open', '--data-dir', back)
  assert.ok(sizeIn(await comity('log', 'verify', '--data-dir', back)) > before)
  await comity('log', 'export', join(folder, 'tiles-after'), '--data-dir', back)
  assertContinues(join(folder, 'tiles-before'), join(folder, 'tiles-after'))
})

test('an exported head is a note, however many witnesses there are: the short lines go first', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-export-'))
  const { folder, data } = await makeMember(temporary.path)
  await comity('import', bundle(folder, 'some', 1), '-c', 'open', '--data-dir', data)
  const tiles = join(folder, 'tiles')
  await comity('log', 'export', tiles, '--data-dir', data)
  const { text } = parseNote(readFileSync(join(tiles, 'checkpoint')))
  {
    using database = new DatabaseSync(join(data, 'comity.db'))
    const put = database.prepare('INSERT INTO cosignature (key, witness, size, time_sec, line) VALUES (?, ?, ?, 1, ?)')
    for (let n = 0; n < 40; n += 1)
      for (const key of witnessKeys(`far${n}.example/witness`, newSignatureSeeds(seededRandom(`far ${n}`))))
        put.run(key.vkey, `far${n}`, parseCheckpoint(text).size, key.cosign(text, 1))
  }
  await comity('log', 'export', tiles, '--data-dir', data)
  const { signatures } = parseNote(readFileSync(join(tiles, 'checkpoint')))
  const named = new Set(signatures.map(({ name }) => name))
  assert.deepEqual([signatures.length, named.size], [LIMITS.noteSignaturesMax, 41], 'a line of each, and of the log')
})

test('an erase reaches a backup that was made before: its record cannot be read any more, and all others can', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-backup-'))
  const { folder, data, passphrase } = await makeMember(temporary.path)
  const [saved, box] = [join(folder, 'saved'), join(folder, 'keys.age')]
  const source = join(folder, 'three.ndjson')
  const id = (n: number): string => `indicator--00000000-0000-4000-8000-00000000000${n}`
  const words = [1, 2, 3].map(() => `zq${crypto.randomUUID().replaceAll('-', '')}`)
  const time = '2026-01-01T00:00:00.000Z'
  const lines = words.map((word, n) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: id(n),
    created: time,
    modified: time,
    name: `name ${word}`,
    pattern: `[domain-name:value = '${word}.watched.example']`,
    pattern_type: 'stix',
    valid_from: time,
  }))
  writeFileSync(source, lines.map((line) => JSON.stringify(line)).join('\n'))
  const about = join(folder, 'context.json')
  writeFileSync(
    about,
    JSON.stringify(Object.fromEntries(words.map((word, n) => [id(n), { victim: `victim ${word}` }]))),
  )
  await comity('watch', 'add', 'watched.example', '--asset', 'web', '--data-dir', data)
  await comity('import', source, '-c', 'open', '--context', about, '--data-dir', data)
  await comity('backup', saved, '--data-dir', data)
  await comity('keys', 'export', box, '--passphrase-file', passphrase, '--data-dir', data)
  for (const name of readdirSync(saved)) {
    const bytes = readFileSync(join(saved, name)).toString('latin1').toLowerCase()
    for (const word of words)
      for (let at = 0; at + 8 <= word.length; at += 1)
        assert.ok(!bytes.includes(word.slice(at, at + 8)), `what a record says stands in ${name} of a backup`)
  }

  await refused(/nobody to ask/, 'erase', id(1), '--reason', 'legal', '--data-dir', data)
  const erased = await comity('erase', id(1), '--reason', 'legal', '--yes', '--data-dir', data)
  assert.equal(erased['erased'], 1)
  for (let tries = 0; (await comity('erasures', '--data-dir', data))['scrubbing'] === true; tries += 1)
    assert.ok(tries < 20, 'the traces are gone in the end')

  const back = join(folder, 'back')
  const restore = ['restore', saved, '--keys', box, '--passphrase-file', passphrase, '--data-dir', back]
  const opened = await comity(...restore, '--record-keys', join(data, 'record-keys'))
  assert.deepEqual([opened['items'], opened['erased']], [2, 1])
  await comity('log', 'verify', '--data-dir', back)
  await using _ = await Member.start('b.example', back)
  for (const [n, word] of words.entries()) {
    if (n === 1) {
      await refused(/no record/, 'show', id(n), '--data-dir', back)
      continue
    }
    const shown = await comity('show', id(n), '--data-dir', back)
    assert.match(JSON.stringify(shown), new RegExp(`victim ${word}`))
    for (const words of [word, `${word}.watched.example`])
      assert.equal(((await comity('search', words, '--data-dir', back))['items'] as unknown[]).length, 1, words)
  }
})

test('what waits to be logged is in a backup, sealed, and waits again; what was let go of is gone there, too', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-backup-'))
  const { folder, data, passphrase } = await makeMember(temporary.path)
  const at = (name: string): string => join(folder, name)
  const restore = (from: string, to: string, recordKeys: string): Promise<Record<string, unknown>> => {
    const [records, keys] = [join(at(recordKeys), 'record-keys'), at('keys.age')]
    const given = ['--keys', keys, '--passphrase-file', passphrase, '--record-keys', records]
    return comity('restore', at(from), ...given, '--data-dir', at(to))
  }
  const list = async (name: string): Promise<{ number: number }[]> =>
    (await comity('kept', 'list', '--data-dir', at(name)))['items'] as { number: number }[]
  await comity('backup', at('empty'), '--data-dir', data)
  await comity('keys', 'export', at('keys.age'), '--passphrase-file', passphrase, '--data-dir', data)

  await restore('empty', 'first', 'data')
  const words = [1, 2, 3].map(() => `zq${crypto.randomUUID().replaceAll('-', '')}`)
  for (const word of words) await comity('import', bundle(folder, word, 1), '-c', 'open', '--data-dir', at('first'))
  const [, unwanted] = await list('first')
  await comity('backup', at('waiting'), '--data-dir', at('first'))
  const text = readFileSync(join(at('waiting'), 'comity.db')).toString('latin1')
  for (const word of words) assert.ok(!text.includes(word.slice(0, 8)), 'what waits stands in clear in a backup')
  {
    await using _ = await Member.start('b.example', at('first'))
    await comity('kept', 'drop', String(unwanted?.number), '--data-dir', at('first'))
    for (let tries = 0; (await comity('erasures', '--data-dir', at('first')))['scrubbing'] === true; tries += 1)
      assert.ok(tries < 20, 'the traces are gone in the end')
  }
  assert.ok(!readFileSync(join(at('first'), 'comity.db')).includes(words[1] ?? ''), 'nor does it stay in the database')

  assert.equal((await restore('waiting', 'second', 'first'))['kept'], 2, 'what was let go of has no key any more')
  assert.deepEqual(
    (await list('second')).map(({ number }) => number),
    (await list('first')).map(({ number }) => number),
  )
  await comity('log', 'resume', '--alone', '--data-dir', at('second'))
  for (let tries = 0; (await list('second')).length > 0; tries += 1)
    assert.ok(tries < 20, 'what was kept is said by whoever opens the folder')
  for (const [n, word] of words.entries())
    assert.equal(
      ((await comity('search', word, '--data-dir', at('second')))['items'] as unknown[]).length,
      n === 1 ? 0 : 1,
    )
  await comity('log', 'verify', '--data-dir', at('second'))

  const [said] = (await comity('search', words[0] ?? '', '--data-dir', at('second')))['items'] as { id: string }[]
  await comity('erase', said?.id ?? '', '--reason', 'legal', '--yes', '--data-dir', at('second'))
  for (let tries = 0; (await comity('erasures', '--data-dir', at('second')))['scrubbing'] === true; tries += 1)
    assert.ok(tries < 20, 'the traces are gone in the end')
  assert.equal(
    (await restore('waiting', 'third', 'second'))['kept'],
    1,
    'an erase reaches what was kept before it was said',
  )
})

test('what does not belong together or is damaged restores nothing', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-backup-'))
  const { folder, data, passphrase } = await makeMember(temporary.path)
  const [saved, box, target] = [join(folder, 'saved'), join(folder, 'keys.age'), join(folder, 'target')]
  await comity('backup', saved, '--data-dir', data)
  await comity('keys', 'export', box, '--passphrase-file', passphrase, '--data-dir', data)
  const restore = (from: string, keys: string, word = passphrase): string[] => [
    'restore',
    from,
    '--keys',
    keys,
    '--passphrase-file',
    word,
    '--data-dir',
    target,
  ]

  writeFileSync(join(folder, 'wrong'), 'another passphrase that is long enough\n')
  await refused(/does not open/, ...restore(saved, box, join(folder, 'wrong')))
  writeFileSync(join(folder, 'cut.age'), readFileSync(box, 'utf8').slice(0, -120))
  await refused(/not a file of|not a whole age file|does not open/, ...restore(saved, join(folder, 'cut.age')))
  const flipped = readFileSync(box, 'utf8').split('\n')
  flipped[4] = (flipped[4] ?? '').replace(/[A-Za-z]/, (letter) => (letter === 'A' ? 'B' : 'A'))
  writeFileSync(join(folder, 'flipped.age'), flipped.join('\n'))
  await refused(/does not open/, ...restore(saved, join(folder, 'flipped.age')))

  const other = join(folder, 'other')
  await comity('init', '--member', 'c.example', '--data-dir', other)
  await comity('keys', 'export', join(folder, 'other.age'), '--passphrase-file', passphrase, '--data-dir', other)
  await refused(/keys of c\.example/, ...restore(saved, join(folder, 'other.age')))
  const twin = join(folder, 'twin')
  await comity('init', '--member', 'b.example', '--data-dir', twin)
  await comity('keys', 'export', join(folder, 'twin.age'), '--passphrase-file', passphrase, '--data-dir', twin)
  await refused(/do not belong/, ...restore(saved, join(folder, 'twin.age')))

  writeFileSync(join(folder, 'huge.age'), Buffer.alloc(17_000_000, 'A'))
  await refused(/more than/, ...restore(saved, join(folder, 'huge.age')))
  mkdirSync(join(target, 'keys'), { recursive: true })
  await refused(/a part of one \(keys\)/, ...restore(saved, box))
  rmdirSync(join(target, 'keys'))

  const broken = join(folder, 'broken')
  cpSync(saved, broken, { recursive: true })
  const bytes = readFileSync(join(broken, 'comity.db'))
  bytes[bytes.length - 100] = (bytes.at(-100) ?? 0) ^ 1
  writeFileSync(join(broken, 'comity.db'), bytes)
  await refused(/missing or damaged/, ...restore(broken, box))
  copyFileSync(join(saved, 'comity.db'), join(broken, 'comity.db'))
  assert.deepEqual(existsSync(target) ? readdirSync(target) : [], [])
  await refused(/keys that open the records of this backup are missing/, ...restore(broken, join(data, 'keys')))
  await comity(...restore(broken, join(data, 'keys')), '--record-keys', join(data, 'record-keys'))
  await comity('log', 'verify', '--data-dir', target)
})

test('a passphrase that is too short is refused, and a file that is there is not written over', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-backup-'))
  const { folder, data, passphrase } = await makeMember(temporary.path)
  writeFileSync(join(folder, 'short'), 'secret\n')
  const box = join(folder, 'keys.age')
  await refused(/at least 12/, 'keys', 'export', box, '--passphrase-file', join(folder, 'short'), '--data-dir', data)
  assert.ok(!existsSync(box))
  writeFileSync(box, 'precious')
  await refused(/already/, 'keys', 'export', box, '--passphrase-file', passphrase, '--data-dir', data)
  assert.equal(readFileSync(box, 'utf8'), 'precious')
})

/** Every secret of a data folder, as it lies in its files. */
function secretsOf(data: string): string[] {
  const texts = readdirSync(join(data, 'keys'))
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => Object.values(JSON.parse(readFileSync(join(data, 'keys', name), 'utf8')) as object))
    .filter((value): value is string => typeof value === 'string' && value.length > 40)
  assert.ok(texts.length >= 5)
  return [...texts, readFileSync(join(data, 'admin.token'), 'utf8').trim()]
}

/** Every entry of the log before stands at the same place in the log after: one history, gone on. */
function assertContinues(before: string, after: string): void {
  const entries = (folder: string): Buffer =>
    Buffer.concat(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile() && join(each.parentPath, each.name).includes('/tile/entries/'))
        .map((each) => join(each.parentPath, each.name))
        .toSorted()
        .map((path) => readFileSync(path)),
    )
  const [first, second] = [entries(before), entries(after)]
  assert.ok(first.length > 0 && second.length > first.length)
  assert.ok(second.subarray(0, first.length).equals(first))
}

function sizeIn(report: Record<string, unknown>): number {
  const logs = report['logs'] as { origin: string; size: number }[]
  return logs.find((log) => log.origin === 'b.example/log')?.size ?? 0
}

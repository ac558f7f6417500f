// A node killed at any moment of a write has, after its restart, everything it acknowledged, nothing by halves, and
// one history only.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { verifyFolder } from '#cli/offline/verify.ts'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { createDataFolder, noPassphrase, openDataFolder } from '#kernel/data-folder.ts'
import { logKeys } from '#kernel/key-file.ts'
import { openCheckpoint } from '#kernel/log/checkpoint.ts'
import { tileReader } from '#kernel/log/tile-store.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { openWriter } from '#kernel/store/open.ts'
import { writerProgram } from '#src/writer.ts'
import { rounds } from '#test/rounds.ts'

const CHILD = fileURLToPath(new URL('crash/child.ts', import.meta.url))
const RECIPIENT = fileURLToPath(new URL('crash/recipient.ts', import.meta.url))
/** Where it dies: in the transaction, between commit and head, between head and answer, and while it recovers. */
const PHASES = ['begin', 'before-commit', 'committed', 'head-written', 'recovering'] as const

const APPLY_PHASES = ['begin', 'before-commit', 'committed', 'head-written'] as const

async function runUntilKilled(script: string, ...args: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL', `the child was to die: ${args.join(' ')}`)
  return text.split('\n').filter((line) => line !== '')
}

test('kill -9 anywhere loses nothing acknowledged and signs no second history', async (t) => {
  const kills = rounds({ test: 160, soak: 3000 })
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-crash-'))
  const folder = join(temporary.path, 'data')
  createDataFolder(folder, { member: 'crash.example', names: { en: 'Crash' }, kind: 'technical' }, systemRandom)
  const { identity, seeds } = await openDataFolder(folder, noPassphrase)
  const { verifiers } = logKeys(identity.origin, seeds.log)
  const acknowledged: string[] = []
  const heads: { size: number; root: Uint8Array }[] = []
  const histogram = new Map<string, number>()
  for (let kill = 0; kill < kills; kill += 1) {
    const phase = PHASES[kill % PHASES.length] as string
    writeFileSync(join(folder, 'run'), `r${kill}`)
    const count = phase === 'recovering' ? 1 : 1 + (kill % 7)
    acknowledged.push(...(await runUntilKilled(CHILD, folder, phase, String(count))))
    histogram.set(phase, (histogram.get(phase) ?? 0) + 1)
    const head = openHead(folder, verifiers)
    if (head !== undefined) heads.push(head)
    const { connection, ownLog } = openWriter({
      place: { kind: 'folder', path: folder },
      identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
      program: writerProgram,
      clock: systemClock,
      random: systemRandom,
    })
    using _ = connection
    assert.equal(ownLog.frozen, undefined, `after a kill in ${phase}`)
    const stored = new Set(
      connection
        .all<{ text: string }>('SELECT CAST(bytes AS TEXT) AS text FROM item')
        .map((row) => (JSON.parse(row.text) as { name: string }).name),
    )
    assert.deepEqual(
      acknowledged.filter((name) => !stored.has(name)),
      [],
      `after a kill in ${phase}`,
    )
    const { records, items } = connection.get<{ records: number; items: number }>(
      'SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM item) AS items',
    ) as { records: number; items: number }
    assert.equal(records, items)
    const readTile = tileReader(connection, 1)
    for (const { size, root } of heads.slice(-20))
      assert.deepEqual(Buffer.from(treeRoot(size, readTile)), Buffer.from(root))
  }
  const reports = verifyFolder(folder, () => {})
  assert.deepEqual(
    reports.flatMap((report) => report.problems),
    [],
  )
  t.diagnostic(
    `${kills} kills: ${[...histogram].map(([phase, count]) => `${phase} ${count}`).join(', ')}; ${acknowledged.length} acknowledged`,
  )
  for (const phase of PHASES) assert.ok((histogram.get(phase) ?? 0) >= 20)
})

test('kill -9 while a delivery is applied: the recipient has each statement once, and all of them in the end', async (t) => {
  const kills = rounds({ test: 32, soak: 400 })
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-crash-'))
  const histogram = new Map<string, number>()
  const said: string[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const phase = APPLY_PHASES[kill % APPLY_PHASES.length] as string
    const command = kill % 3 === 0 ? 'federation.mirror' : 'federation.apply'
    said.push(...(await runUntilKilled(RECIPIENT, temporary.path, String(kill), command, phase)))
    histogram.set(`${command} ${phase}`, (histogram.get(`${command} ${phase}`) ?? 0) + 1)
    assert.deepEqual(halvesIn(join(temporary.path, 'b.example', 'comity.db')), [])
  }
  const lines = await runToEnd(RECIPIENT, temporary.path, String(kills))
  said.push(...lines.filter((line) => !line.startsWith('held ')))
  const held = lines.filter((line) => line.startsWith('held ')).map((line) => line.slice('held '.length))
  assert.deepEqual(held.toSorted(), said.toSorted())
  assert.ok([...histogram].filter(([key]) => key.includes('apply')).reduce((sum, [, n]) => sum + n, 0) >= 20)
  t.diagnostic(`${kills} kills while applying: ${[...histogram].map(([key, n]) => `${key} ${n}`).join(', ')}`)
})

/** Statements of which a part is missing, as a reader finds them after a crash. */
function halvesIn(path: string): unknown[] {
  using database = new DatabaseSync(path)
  return database
    .prepare(
      `SELECT s.seq FROM statement s WHERE s.log <> 1 AND s.kind = 'records.put' AND s.count <>
         (SELECT count(*) FROM item i JOIN record r ON r.seq = i.seq WHERE i.seq >= s.seq AND i.seq < s.seq + s.count)`,
    )
    .all()
}

async function runToEnd(script: string, ...args: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunks, [code]] = await Promise.all([
    Array.fromAsync(child.stdout as AsyncIterable<Buffer>),
    once(child, 'close') as Promise<[number | null]>,
  ])
  assert.equal(code, 0)
  return Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
}

function openHead(
  folder: string,
  verifiers: ReturnType<typeof logKeys>['verifiers'],
): { size: number; root: Uint8Array } | undefined {
  try {
    const opened = openCheckpoint(readFileSync(join(folder, 'head')), verifiers)
    assert.ok(opened.ok)
    return opened.checkpoint
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

test('one flipped byte anywhere in tiles, entries, parts or heads is found and named', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-flip-'))
  const folder = join(temporary.path, 'data')
  createDataFolder(folder, { member: 'flip.example', names: { en: 'Flip' }, kind: 'technical' }, systemRandom)
  const { identity, seeds } = await openDataFolder(folder, noPassphrase)
  const open = () =>
    openWriter({
      place: { kind: 'folder', path: folder },
      identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
      program: writerProgram,
      clock: systemClock,
      random: systemRandom,
    })
  const { core, connection } = open()
  using _ = connection
  core.execute([
    { name: 'sharing.add-collection', input: { actor: 'flip', change: { title: 'Flip', named: ['b.example'] } } },
  ])
  const bytes = Buffer.from('{"name":"flip"}')
  for (let n = 0; n < 5; n += 1)
    core.execute([
      {
        name: 'sharing.put',
        input: {
          collection: 1,
          labels: [{ tlp: 'CLEAR', own: true }],
          named: ['b.example'],
          records: [
            {
              id: `x--${n}`,
              type: 'x',
              oid: Buffer.from(`${n}`),
              version: 1,
              spec: 21,
              label: 0,
              text: '',
              values: [],
              start: 0,
              end: bytes.length,
            },
          ],
          bytes,
        },
      },
    ])
  const problems = (): number => verifyFolder(folder, () => {}).flatMap((report) => report.problems).length
  assert.equal(problems(), 0)
  for (const [table, column] of [
    ['log_tile', 'bytes'],
    ['log_entries', 'bytes'],
    ['item', 'bytes'],
    ['statement', 'header'],
    ['statement', 'header_salt'],
    ['statement', 'entry_salt'],
    ['statement', 'part_commits'],
    ['statement', 'content_seed'],
    ['statement', 'audience'],
    ['statement', 'audience_salt'],
    ['log', 'root'],
    ['log', 'checkpoint'],
  ] as const) {
    const rows = connection.all<{ row: number; bytes: Uint8Array }>(
      `SELECT rowid AS row, ${column} AS bytes FROM ${table}`,
    )
    for (const { row, bytes: before } of rows) {
      const after = Uint8Array.from(before)
      const at = (row * 7919) % after.length
      after[at] = (after[at] ?? 0) ^ 0x01
      connection.run(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, after, row)
      assert.notEqual(problems(), 0, `${table}.${column}, row ${row}, byte ${at}`)
      connection.run(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, before, row)
    }
  }
  assert.equal(problems(), 0)
})

// The running node makes backups of itself: into the folder of its configuration and no other, one at a time, each whole, and
// what is damaged later is found and named.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { damagedFiles, readManifest } from '#kernel/backup.ts'
import { createDataFolder } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { resolveConfig } from '#src/config.ts'
import { startNode, type RunningNode } from '#src/start.ts'
import type { BackupsView } from '#src/backups/wire.ts'
import { rounds, seedOf } from './rounds.ts'
import { seededRandom } from './store.ts'

type Ask = <T>(method: 'GET' | 'POST', path: string, status?: number) => Promise<T>

async function house(root: string, folder?: string): Promise<{ node: RunningNode; ask: Ask; dataDir: string }> {
  const dataDir = join(root, 'data')
  if (!existsSync(dataDir))
    createDataFolder(dataDir, { member: 'a.example', names: { en: 'A' }, kind: 'technical' }, seededRandom('backups'))
  const backup = folder === undefined ? {} : { backup: { folder } }
  writeFileSync(join(dataDir, 'comity.json'), JSON.stringify({ port: 0, logLevel: 'silent', ...backup }))
  const config = resolveConfig({ cwd: root, flags: { 'data-dir': dataDir }, env: {} })
  const node = await startNode(config, () => performance.now())
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim()
  const ask: Ask = async <T>(method: 'GET' | 'POST', path: string, status = method === 'GET' ? 200 : 202) => {
    const answer = await node.app.inject({ method, url: `/api${path}`, headers: { authorization: `Bearer ${token}` } })
    assert.equal(answer.statusCode, status, answer.body)
    return answer.json<T>()
  }
  return { node, ask, dataDir }
}

async function rested(ask: Ask): Promise<BackupsView> {
  for (;;) {
    const view = await ask<BackupsView>('GET', '/backups')
    if (view.work === undefined) return view
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('a backup is made, is whole, and says so once it was read again; what is damaged later is named', async () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-backups-'))
  const folder = join(root.path, 'saved')
  const { node, ask } = await house(root.path, folder)
  await using _ = node
  assert.deepEqual(await ask('GET', '/backups'), { folder, items: [] })
  const { name } = await ask<{ name: string }>('POST', '/backups')
  assert.match(name, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/)
  assert.match((await ask<{ detail: string }>('POST', '/backups', 409)).detail, /is being made/)
  const [made] = (await rested(ask)).items
  assert.equal(made?.name, name)
  assert.equal(made?.checked, undefined)
  const place = join(folder, name)
  assert.deepEqual(readdirSync(place).toSorted(), ['comity.db', 'head', 'identity.json', 'manifest.json'])
  assert.deepEqual(await damagedFiles(place, readManifest(place)), [])

  await ask('POST', `/backups/${name}/check`)
  assert.deepEqual((await rested(ask)).items[0]?.checked?.damaged, [])
  writeFileSync(join(place, 'head'), 'something else')
  await ask('POST', `/backups/${name}/check`)
  assert.deepEqual((await rested(ask)).items[0]?.checked?.damaged, ['head'])
  const { items } = await ask<{ items: { action: string; subject: string }[] }>('GET', '/audit')
  assert.deepEqual(
    items.filter((deed) => deed.subject === name).map(({ action }) => action),
    ['backup.check', 'backup.check', 'backup.make'],
  )
})

test('without a folder in the configuration nothing is made, and the answer says what to set', async () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-backups-'))
  const { node, ask } = await house(root.path)
  await using _ = node
  assert.deepEqual(await ask('GET', '/backups'), { items: [] })
  const problem = await ask<{ place: string; remedy: string }>('POST', '/backups', 400)
  assert.equal(problem.place, 'backup.folder')
  assert.match(problem.remedy, /comity\.json/)
})

test('no name leads out of the folder, and what is no backup is not listed', async () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-backups-'))
  const folder = join(root.path, 'saved')
  for (const name of ['holiday pictures', 'empty', '.making-2026-01-01T00-00-00'])
    mkdirSync(join(folder, name), { recursive: true })
  const { node, ask } = await house(root.path, folder)
  await using _ = node
  assert.deepEqual((await ask<BackupsView>('GET', '/backups')).items, [])
  assert.ok(!existsSync(join(folder, '.making-2026-01-01T00-00-00')), 'what was left unfinished is gone')
  for (const name of ['..%2Fdata', '%2e%2e', '.making-x', 'a%00b'])
    await ask('POST', `/backups/${name}/check`, name.includes('%2e') ? 404 : 400)
  await ask('POST', '/backups/empty/check', 404)
})

test('one that cannot be made says why, leaves nothing behind, and the next one is made', async () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-backups-'))
  const folder = join(root.path, 'saved')
  const { node, ask, dataDir } = await house(root.path, folder)
  await using _ = node
  const [identity, kept] = [join(dataDir, 'identity.json'), readFileSync(join(dataDir, 'identity.json'))]
  writeFileSync(identity, 'not any more')
  await ask('POST', '/backups')
  const { failed, items } = await rested(ask)
  assert.equal(failed?.kind, 'make')
  assert.ok((failed?.reason.length ?? 0) > 10)
  assert.deepEqual([items, readdirSync(folder)], [[], []])
  writeFileSync(identity, kept)
  await ask('POST', '/backups')
  const after = await rested(ask)
  assert.equal(after.failed, undefined)
  assert.equal(after.items.length, 1)
})

test('whatever lies where a manifest should be is a manifest or is refused', () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-backups-'))
  const path = join(root.path, 'manifest.json')
  const good = JSON.stringify({
    format: 2,
    member: 'a.example',
    version: '0.1.0',
    time: '2026-01-01T00:00:00Z',
    files: { 'comity.db': 'ab' },
  })
  writeFileSync(path, good)
  assert.equal(readManifest(root.path).member, 'a.example')
  const seed = seedOf('manifests')
  const random = seededRandom(seed)
  for (let round = 0; round < rounds({ test: 300, soak: 30_000 }); round += 1) {
    const bytes = Buffer.from(good)
    const [at = 0, byte = 0, cut = 0] = random(3)
    bytes[at % bytes.length] = byte
    writeFileSync(path, cut < 64 ? bytes.subarray(0, cut) : bytes)
    try {
      assert.ok(Object.keys(readManifest(root.path).files).every((name) => name === 'comity.db'))
    } catch (error) {
      assert.ok(error instanceof Fault && error.code === 'input.invalid', `${seed}: ${String(error)}`)
    }
  }
  writeFileSync(path, `${good}${' '.repeat(LIMITS.backupManifestBytesMax)}`)
  assert.throws(() => readManifest(root.path), { code: 'input.invalid' })
  writeFileSync(path, good.replace('comity.db', '../../etc/passwd'))
  assert.throws(() => readManifest(root.path), { code: 'input.invalid' })
})

// Keys at rest: read by their owner only, opened by their passphrase only, and never for a moment not there.
import assert from 'node:assert/strict'
import { chmodSync, cpSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom } from '#test/store.ts'
import { rounds } from '#test/rounds.ts'
import { noPassphrase } from './data-folder.ts'
import { Fault } from './fault.ts'
import { newSeeds } from './key-file.ts'
import {
  changePassphrase,
  isProtected,
  protectKeys,
  readSeeds,
  unprotectKeys,
  writeRole,
  writeSeeds,
} from './key-folder.ts'
import { KEY_ROLES, parseRole } from './key-role.ts'
import { passphraseOfCommand, passphraseOfFile } from './passphrase.ts'

const PASSPHRASE = 'six random words are the better choice'
const OTHER = 'another six random words are as good'
const giving = (passphrase: string) => async (): Promise<string> => passphrase

function scene(): { folder: string; seeds: ReturnType<typeof newSeeds> } & Disposable {
  const temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-keys-'))
  const folder = join(temporary.path, 'keys')
  const seeds = newSeeds(seededRandom('keys'))
  writeSeeds(folder, seeds)
  return { folder, seeds, [Symbol.dispose]: () => temporary.remove() }
}

test('what was written is read again, in clear and protected', async () => {
  using place = scene()
  const { folder, seeds } = place
  assert.deepEqual(await readSeeds(folder, noPassphrase), seeds)
  await protectKeys(folder, { passphrase: PASSPHRASE, unlock: noPassphrase })
  for (const role of KEY_ROLES) assert.match(readFileSync(join(folder, `${role}.json`), 'utf8'), /^-----BEGIN AGE/)
  assert.deepEqual(await readSeeds(folder, giving(PASSPHRASE)), seeds)
  await assert.rejects(readSeeds(folder, giving(OTHER)), { code: 'config.invalid', message: /does not open the keys/ })
  await assert.rejects(readSeeds(folder, noPassphrase), { code: 'config.invalid', message: /nobody to ask/ })
  await changePassphrase(folder, { passphrase: OTHER, unlock: giving(PASSPHRASE) })
  assert.deepEqual(await readSeeds(folder, giving(OTHER)), seeds)
  await assert.rejects(readSeeds(folder, giving(PASSPHRASE)), { code: 'config.invalid' })
  await unprotectKeys(folder, giving(OTHER))
  assert.ok(!isProtected(folder))
  assert.deepEqual(await readSeeds(folder, noPassphrase), seeds)
})

test('a run of protect or unprotect that was cut anywhere leaves keys that open, and is finished by the next', async () => {
  using place = scene()
  const { folder, seeds } = place
  const clear = `${folder}.clear`
  cpSync(folder, clear, { recursive: true })
  await protectKeys(folder, { passphrase: PASSPHRASE, unlock: noPassphrase })
  for (const done of [0, 3]) {
    const half = `${folder}.${done}`
    cpSync(folder, half, { recursive: true })
    for (const role of KEY_ROLES.slice(done)) cpSync(join(clear, `${role}.json`), join(half, `${role}.json`))
    assert.deepEqual(await readSeeds(half, giving(PASSPHRASE)), seeds, `${done} files are protected`)
    const again = `${half}.again`
    cpSync(half, again, { recursive: true })
    await protectKeys(half, { passphrase: PASSPHRASE, unlock: giving(PASSPHRASE) })
    await assert.rejects(readSeeds(half, giving(OTHER)), { code: 'config.invalid' })
    await unprotectKeys(again, giving(PASSPHRASE))
    assert.deepEqual(await readSeeds(again, noPassphrase), seeds)
  }
})

test('files and folders that others may read are refused with the remedy', async () => {
  using place = scene()
  const { folder } = place
  for (const [path, mode] of [
    [join(folder, 'log.json'), '600'],
    [join(folder, 'cursor.json'), '600'],
    [folder, '700'],
  ] as const) {
    for (const open of [0o040, 0o004, 0o020]) {
      chmodSync(path, Number.parseInt(mode, 8) | open)
      await assert.rejects(readSeeds(folder, noPassphrase), {
        code: 'config.invalid',
        remedy: `Run: chmod ${mode} ${path}`,
      })
    }
    chmodSync(path, Number.parseInt(mode, 8))
  }
  await readSeeds(folder, noPassphrase)
})

test('a role rewritten in a protected folder is protected', async () => {
  using place = scene()
  const { folder, seeds } = place
  const text = readFileSync(join(folder, 'http.json'), 'utf8').replace('"generation": 1', '"generation": 2')
  await protectKeys(folder, { passphrase: PASSPHRASE, unlock: noPassphrase })
  await writeRole(folder, 'http', text, giving(PASSPHRASE))
  assert.match(readFileSync(join(folder, 'http.json'), 'utf8'), /^-----BEGIN AGE/)
  assert.deepEqual((await readSeeds(folder, giving(PASSPHRASE))).http, { ...seeds.http, generation: 2 })
})

test('whatever a key file holds, it is keys of its role or a fault that names it', () => {
  const seed = 'key files'
  const random = seededRandom(seed)
  using place = scene()
  const texts = KEY_ROLES.map((role) => readFileSync(join(place.folder, `${role}.json`), 'utf8'))
  const count = rounds({ test: 4000, soak: 200_000 })
  for (let round = 0; round < count; round += 1) {
    const role = KEY_ROLES[round % KEY_ROLES.length] ?? 'log'
    const bytes = Buffer.from(texts[(random(1)[0] ?? 0) % texts.length] ?? '')
    for (let n = (random(1)[0] ?? 0) % 4; n > 0; n -= 1)
      bytes[Buffer.from(random(4)).readUInt32BE() % bytes.length] = random(1)[0] ?? 0
    const text = bytes.subarray(0, (random(1)[0] ?? 0) % 8 === 0 ? random(1)[0] : undefined).toString('latin1')
    try {
      assert.equal(parseRole(role, text, '/keys').role, role)
    } catch (error) {
      if (!(error instanceof Fault)) throw new Error(`seed “${seed}”, round ${round}: ${text}`, { cause: error })
      assert.equal(error.place, `/keys/${role}.json`)
    }
  }
})

test('a key command gives the passphrase, and one that fails, hangs or floods is named', async () => {
  assert.equal(await passphraseOfCommand(['/bin/echo', PASSPHRASE]), PASSPHRASE)
  assert.equal(await passphraseOfCommand(['/bin/echo', '$(whoami); echo pass']), '$(whoami); echo pass')
  for (const [command, message] of [
    [['/nowhere/at-all'], /is not there/],
    [['/bin/sh', '-c', 'echo a secret; exit 3'], /ended with 3/],
    [['/bin/sh', '-c', 'head -c 10000000 /dev/zero'], /more than 4096 bytes/],
    [['/bin/echo', 'short'], /at least 12/],
  ] as const)
    await assert.rejects(passphraseOfCommand(command), { name: 'Fault', message })
  await assert.rejects(passphraseOfCommand(['/bin/sh', '-c', 'sleep 60; echo too late'], 200), {
    message: /did not end in time/,
  })
})

test('a passphrase file that others may read is refused', () => {
  using place = scene()
  const path = join(place.folder, 'passphrase')
  writeFileSync(path, `${PASSPHRASE}\nnot this\n`, { mode: 0o600 })
  assert.equal(passphraseOfFile(path), PASSPHRASE)
  chmodSync(path, 0o640)
  assert.throws(() => passphraseOfFile(path), { remedy: `Run: chmod 600 ${path}` })
  assert.throws(() => passphraseOfFile(`${path}.nowhere`), { code: 'config.invalid' })
})

// Keys through the command line, as on a bad day: protected, rotated, lost, recovered.
import assert from 'node:assert/strict'
import { existsSync, mkdtempDisposableSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { identityToRecipient } from 'age-encryption'
import { Member, runCommand } from '#cli/demo/member.ts'

const PASSPHRASE = 'six random words are the better choice'

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

test('protected keys start a node with their passphrase alone, rotate, and give way to a recovery', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-keys-'))
  const data = join(temporary.path, 'data')
  const [passphrase, recovery] = [join(temporary.path, 'passphrase'), join(temporary.path, 'recovery')]
  writeFileSync(passphrase, `${PASSPHRASE}\n`, { mode: 0o600 })
  const made = await comity('init', '--member', 'a.example', '--data-dir', data)
  writeFileSync(recovery, `${String(made['recoveryKey'])}\n`, { mode: 0o600 })
  await comity('keys', 'protect', '--passphrase-file', passphrase, '--data-dir', data)
  await refused(/no terminal to ask/, 'collection', 'list', '--data-dir', data)
  const settings = (keys: object): void => writeFileSync(join(data, 'comity.json'), JSON.stringify({ keys }))
  settings({ command: ['/bin/echo', 'not the passphrase at all'] })
  await refused(/does not open the keys/, 'collection', 'list', '--data-dir', data)
  settings({ command: ['/bin/cat', passphrase] })
  await comity('keys', 'rotate', 'log', '--data-dir', data)
  await refused(/being rotated already/, 'keys', 'rotate', 'log', '--data-dir', data)
  await refused(/not announced yet/, 'keys', 'rotate', 'log', '--finish', '--data-dir', data)
  {
    await using _ = await Member.start('a.example', data)
    const { keys } = (await comity('keys', '--data-dir', data)) as { keys: { role: string; state: string }[] }
    assert.deepEqual(
      keys.filter(({ role }) => role === 'log').map(({ state }) => state.slice(0, 17)),
      ['in use', 'in use', 'on its way out un', 'on its way out un'],
    )
    const said = await comity('member', 'set', '--name', 'fr=CERT Exemple', '--country', 'FR', '--data-dir', data)
    assert.deepEqual(said['names'], { fr: 'CERT Exemple' })
    assert.equal((await comity('member', '--data-dir', data))['country'], 'FR', 'and the folder has it')
    await refused(/two capital letters/, 'member', 'set', '--country', 'Austria', '--data-dir', data)
  }
  await comity('keys', 'rotate', 'log', '--finish', '--data-dir', data)
  assert.match(readFileSync(join(data, 'keys', 'log.json'), 'utf8'), /^-----BEGIN AGE/)
  {
    await using _ = await Member.start('a.example', data)
    await comity('collection', 'add', 'Open', '--alias', 'open', '--data-dir', data)
  }
  await comity('log', 'verify', '--data-dir', data)

  const age = join(temporary.path, 'age.txt')
  await comity('keys', 'identity', age, '--data-dir', data)
  const { recipient } = await comity('keys', 'show', '--data-dir', data)
  const line = readFileSync(age, 'utf8').split('\n')[1] ?? ''
  assert.equal(await identityToRecipient(line), recipient, 'what other tools open bundles with')
  assert.equal(statSync(age).mode & 0o777, 0o600)
  await refused(/a file here already/, 'keys', 'identity', age, '--data-dir', data)

  const other = join(temporary.path, 'other')
  writeFileSync(other, `${'0'.repeat(52)}\n`)
  await refused(/not the recovery key/, 'recover', '--recovery-key-file', other, '--data-dir', data)
  assert.ok(!existsSync(join(data, 'keys.new')), 'nothing is half done')
  const { origin } = (await comity('keys', 'show', '--data-dir', data)) as { origin: string }
  assert.equal(origin, 'a.example/log')
  const identity = join(data, 'identity.json')
  const before = readFileSync(identity, 'utf8')
  const done = await comity('recover', '--recovery-key-file', recovery, '--data-dir', data)
  assert.equal(done['follows'], 'a.example/log/2')
  assert.ok(existsSync(join(data, 'keys.old', 'lock.age')))
  settings({})
  const counts = readFileSync(identity, 'utf8')
  for (const again of [[], ['--new-recovery-key']])
    await refused(/recovered already/, 'recover', '--recovery-key-file', recovery, '--data-dir', data, ...again)
  assert.ok(!existsSync(join(data, 'keys.new')), 'what was recovered stays as it is')
  // The power fails behind the database: before the keys are moved, between their two moves, and before the identity.
  for (const movedBack of [['keys.new', 'keys'], ['keys.new'], []]) {
    if (movedBack.length > 0) renameSync(join(data, 'keys'), join(data, 'keys.new'))
    if (movedBack.length > 1) renameSync(join(data, 'keys.old'), join(data, 'keys'))
    renameSync(identity, join(data, 'identity.next.json'))
    writeFileSync(identity, before)
    if (movedBack.length === 1) await comity('recover', '--recovery-key-file', recovery, '--data-dir', data)
    else await comity('collection', 'list', '--data-dir', data)
    assert.equal(readFileSync(identity, 'utf8'), counts)
    assert.ok(existsSync(join(data, 'keys', 'log.json')) && existsSync(join(data, 'keys.old', 'lock.age')))
    assert.ok(!existsSync(join(data, 'keys.new')) && !existsSync(join(data, 'identity.next.json')))
  }
  {
    await using _ = await Member.start('a.example', data)
    await comity('collection', 'list', '--data-dir', data)
  }
  const { logs } = (await comity('log', 'verify', '--data-dir', data)) as { logs: { origin: string }[] }
  assert.deepEqual(logs.map((log) => log.origin).toSorted(), ['a.example/log', 'a.example/log/2'])
})

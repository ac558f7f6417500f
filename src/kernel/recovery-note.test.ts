// A recovery note convinces whoever knew the recovery key's hash, and nobody with anything else.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { seededRandom } from '#test/store.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { Fault } from './fault.ts'
import { signingKey } from './key.ts'
import { logKeys, newSignatureSeeds } from './key-file.ts'
import { formatRecovery, parseRecovery } from './recovery-key.ts'
import {
  formatRecoveryText,
  nextOrigin,
  openRecovery,
  parseRecoveryText,
  recoveryHash,
  signRecovery,
  type Recovery,
} from './recovery-note.ts'

const vector = JSON.parse(readFileSync(new URL('../../test/vectors/recovery.json', import.meta.url), 'utf8')) as {
  seed: string
  written: string
  hash: string
  vkey: string
  note: string
  size: number
  root: string
}

test('the vector: seed, hash, verifier key and note', () => {
  const seed = Uint8Array.fromHex(vector.seed)
  assert.equal(formatRecovery(seed), vector.written)
  assert.deepEqual(parseRecovery(vector.written.toLowerCase().replaceAll('-', ' ')), seed)
  assert.equal(recoveryHash(signingKey('ed25519', seed).publicKey), vector.hash)
  const opened = openRecovery(vector, vector.hash)
  assert.ok(opened.ok)
  assert.deepEqual(
    [opened.recovery.ends.size, Buffer.from(opened.recovery.ends.root).toString('hex')],
    [vector.size, vector.root],
  )
  assert.deepEqual(signRecovery(opened.recovery, seed), { vkey: vector.vkey, note: vector.note })
})

test('a note under a key of another hash, or with none known, is refused', () => {
  assert.ok(!openRecovery(vector, undefined).ok)
  assert.ok(!openRecovery(vector, '0'.repeat(64)).ok)
  const seed = new Uint8Array(32).fill(9)
  const opened = openRecovery(vector, vector.hash)
  assert.ok(opened.ok)
  assert.ok(!openRecovery(signRecovery(opened.recovery, seed), vector.hash).ok)
  assert.ok(!openRecovery({ ...signRecovery(opened.recovery, seed), vkey: vector.vkey }, vector.hash).ok)
})

test('logs follow in order: never the same one, never one before, never another member’s', () => {
  const opened = openRecovery(vector, vector.hash)
  assert.ok(opened.ok)
  const { recovery } = opened
  const leadingTo = (origin: string): Recovery => ({
    ...recovery,
    follows: { origin, vkeys: logKeys(origin, newSignatureSeeds(seededRandom('x'))).vkeys },
  })
  assert.equal(nextOrigin('a.example', 'a.example/log'), 'a.example/log/2')
  assert.equal(nextOrigin('a.example', 'a.example/log/9'), 'a.example/log/10')
  assert.ok(formatRecoveryText(leadingTo('a.example/log/2')).includes('a.example/log/2\n'))
  for (const origin of ['a.example/log', 'b.example/log/2', 'a.example/log/1', 'a.example/log/02', 'a.example/witness'])
    assert.throws(() => formatRecoveryText(leadingTo(origin)), Fault, origin)
  const keys = recovery.follows.vkeys
  assert.throws(
    () => formatRecoveryText({ ...recovery, follows: { ...recovery.follows, vkeys: keys.toReversed() } }),
    Fault,
  )
})

test('whatever the bytes are, they are a note, or a reason', () => {
  const seed = seedOf('recovery notes')
  const random = seededRandom(seed)
  const text = vector.note.slice(0, vector.note.lastIndexOf('\n\n') + 1)
  for (let round = 0; round < rounds({ test: 3000, soak: 300_000 }); round += 1) {
    const bytes = Buffer.from(vector.note)
    for (let n = 1 + ((random(1)[0] ?? 0) % 3); n > 0; n -= 1)
      bytes[random(4).reduce((sum, byte) => sum * 256 + byte, 0) % bytes.length] = random(1)[0] ?? 0
    const note = bytes
      .subarray(0, (random(1)[0] ?? 0) < 32 ? Buffer.from(random(2)).readUInt16BE() : undefined)
      .toString('utf8')
    if (note.startsWith(text)) continue
    assert.ok(!openRecovery({ vkey: vector.vkey, note }, vector.hash).ok, `seed “${seed}”, round ${round}: ${note}`)
    try {
      parseRecoveryText(note)
    } catch (error) {
      assert.ok(error instanceof Fault, `seed “${seed}”, round ${round}`)
    }
  }
})

test('a recovery key that was written down wrongly is refused', () => {
  for (const text of [
    '',
    'hello',
    vector.written.slice(1),
    `${vector.written}0`,
    vector.written.replace(/.$/, '!'),
    `Z${vector.written.slice(1)}`,
  ])
    assert.throws(() => parseRecovery(text), { code: 'input.invalid' }, text)
})

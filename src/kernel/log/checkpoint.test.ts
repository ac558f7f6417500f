import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { dataFile, NO_DATA } from '#test/data.ts'
import { Fault } from '../fault.ts'
import { equalBytes } from '../hash.ts'
import { noteSigner, signerVkey, signingKey } from '../key.ts'
import { noteVerifier } from '../note-verifier.ts'
import { formatNote, parseNote, SIGNATURE_TYPE, type NoteSigner, type NoteVerifier } from '../note.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.ts'
import { EMPTY_ROOT, hashLeaf, verifyConsistency, verifyInclusion } from './merkle.ts'
import { entriesPath, parseBundle, parseTile, tilePath } from './tile.ts'
import { appendLeaves, proveConsistency, proveInclusion, treeRoot } from './tree.ts'

const ORIGIN = 'a.example/log'
const CHECKPOINT: Checkpoint = { origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(9) }
const TEXT = formatCheckpoint(CHECKPOINT)
const invalid = { name: 'Fault', code: 'log.invalid' }

/** Both keys of a log (or a witness), from one byte of seed. */
function keys(name: string, byte: number, timeSec = 0): { signers: NoteSigner[]; verifiers: NoteVerifier[] } {
  const pair = (['ed25519', 'ml-dsa-44'] as const).map((algorithm) =>
    signingKey(algorithm, new Uint8Array(32).fill(byte)),
  )
  return {
    signers: pair.map((key) => noteSigner(name, key, timeSec)),
    verifiers: pair.map((key) => noteVerifier(signerVkey(name, key))),
  }
}

test('a checkpoint is three lines in one spelling', () => {
  assert.deepEqual(parseCheckpoint(TEXT), CHECKPOINT)
  const root = TEXT.split('\n')[2] ?? ''
  const wrong = [
    `${TEXT}extension\n`,
    `${TEXT}\n`,
    TEXT.slice(0, -1),
    `\n7\n${root}\n`,
    `${ORIGIN}\n07\n${root}\n`,
    `${ORIGIN}\n+7\n${root}\n`,
    `${ORIGIN}\n7.0\n${root}\n`,
    `${ORIGIN}\n7e1\n${root}\n`,
    `${ORIGIN}\n\n${root}\n`,
    `${ORIGIN}\n 7\n${root}\n`,
    `${ORIGIN}\n٧\n${root}\n`,
    `${ORIGIN}\n9007199254740992\n${root}\n`,
    `${ORIGIN}\n18446744073709551615\n${root}\n`,
    `${ORIGIN}\n7\n${root.slice(0, -1)}\n`,
    `${ORIGIN}\n7\n${root.slice(0, -2)}l=\n`,
    `${ORIGIN}\n7\nAAAA\n`,
    `${'o'.repeat(256)}\n7\n${root}\n`,
    '',
  ]
  for (const text of wrong) assert.throws(() => parseCheckpoint(text), invalid, JSON.stringify(text))
  assert.equal(parseCheckpoint(`${ORIGIN}\n9007199254740991\n${root}\n`).size, Number.MAX_SAFE_INTEGER)
})

test('a checkpoint that could not be read back is not made', () => {
  for (const change of [
    { size: -1 },
    { size: 1.5 },
    { size: 2 ** 53 },
    { origin: '' },
    { origin: 'a\nb' },
    { root: new Uint8Array(31) },
  ]) {
    assert.throws(() => formatCheckpoint({ ...CHECKPOINT, ...change }), invalid, JSON.stringify(change))
  }
})

test('what a log signs with both keys opens with both', () => {
  const { signers, verifiers } = keys(ORIGIN, 1)
  const opened = openCheckpoint(signCheckpoint(CHECKPOINT, signers), verifiers)
  assert.ok(opened.ok)
  assert.deepEqual(opened.checkpoint, CHECKPOINT)
})

test('one signature of two is not enough, unless only that one is asked for', () => {
  const { signers, verifiers } = keys(ORIGIN, 1)
  for (const signer of signers) {
    const bytes = signCheckpoint(CHECKPOINT, [signer])
    assert.equal(openCheckpoint(bytes, verifiers).ok, false)
    assert.ok(openCheckpoint(bytes, verifiers, { types: [signer.type] }).ok)
    assert.equal(openCheckpoint(bytes, [], { types: [] }).ok, false)
  }
})

test('a log cannot sign under the origin of another', () => {
  const { signers, verifiers } = keys('b.example/log', 1)
  assert.equal(openCheckpoint(signCheckpoint(CHECKPOINT, signers), verifiers).ok, false)
  assert.equal(openCheckpoint(signCheckpoint(CHECKPOINT, signers), verifiers, { types: [] }).ok, false)
})

test('a checkpoint with an extension line does not open, whatever signed it', () => {
  const { signers, verifiers } = keys(ORIGIN, 1)
  const [ed25519] = signers
  const text = `${TEXT}extension\n`
  const bytes = formatNote(text, [ed25519?.sign(text) ?? ''])
  assert.equal(openCheckpoint(bytes, verifiers, { types: [SIGNATURE_TYPE.ed25519] }).ok, false)
})

test('cosigners are listed when they hold, ignored when unknown, and spoil this copy when they fail', () => {
  const log = keys(ORIGIN, 1)
  const witness = keys('w.example/witness', 2, 1_700_000_000)
  const bytes = signCheckpoint(CHECKPOINT, [...log.signers, ...witness.signers.slice(1)])
  const opened = openCheckpoint(bytes, log.verifiers, { cosigners: witness.verifiers })
  assert.ok(opened.ok)
  assert.deepEqual(
    opened.cosignatures.map(({ name, timeSec }) => [name, timeSec]),
    [['w.example/witness', 1_700_000_000]],
  )

  const other = keys('w.example/witness', 2, 5).signers[1]?.sign(formatCheckpoint({ ...CHECKPOINT, size: 8 })) ?? ''
  const forged = formatNote(TEXT, [...log.signers.map((signer) => signer.sign(TEXT)), other])
  assert.ok(openCheckpoint(forged, log.verifiers).ok)
  assert.equal(openCheckpoint(forged, log.verifiers, { cosigners: witness.verifiers }).ok, false)
})

test('a cosignature without a time says nothing about the largest tree and does not count', () => {
  const log = keys(ORIGIN, 1)
  const witness = keys('w.example/witness', 2)
  const bytes = signCheckpoint(CHECKPOINT, [...log.signers, ...witness.signers.slice(1)])
  const opened = openCheckpoint(bytes, log.verifiers, { cosigners: witness.verifiers })
  assert.ok(opened.ok)
  assert.deepEqual(opened.cosignatures, [])
})

test('a signed checkpoint with any flipped bit does not open as another', () => {
  const { signers, verifiers } = keys(ORIGIN, 1)
  const bytes = signCheckpoint(CHECKPOINT, signers)
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.equal(openCheckpoint(flipped, verifiers).ok, false)
    }),
    { numRuns: 500 },
  )
})

test('no text makes the checkpoint parser throw anything but a fault', () => {
  const parts = fc.constantFrom(ORIGIN, '\n', '7', '0', TEXT, 'AAAA', ' ', '\ufeff', '-')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((list) => list.join('')),
      ),
      (text) => {
        try {
          assert.equal(formatCheckpoint(parseCheckpoint(text)), text)
        } catch (error) {
          if (!(error instanceof Fault)) throw error
        }
        assert.equal(openCheckpoint(new TextEncoder().encode(text), []).ok, false)
      },
    ),
  )
})

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

test('the checkpoint vector is met: keys, text and the Ed25519 note', () => {
  const path = new URL('../../../test/vectors/checkpoint.json', import.meta.url)
  const v = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string> & { entries: string[]; size: number }
  const hex = (name: string): Uint8Array => Uint8Array.fromHex(v[name] ?? '')
  const keys = [signingKey('ed25519', hex('ed25519Seed')), signingKey('ml-dsa-44', hex('mldsa44Seed'))] as const
  const origin = v['origin'] ?? ''
  assert.deepEqual(
    keys.map((key) => signerVkey(origin, key)),
    [v['ed25519Vkey'], v['mldsa44Vkey']],
  )
  const { size, root } = appendLeaves(
    { size: 0, readTile: () => undefined },
    v.entries.map((entry) => hashLeaf(bytesOf(entry))),
  )
  assert.deepEqual([size, root.toHex()], [v.size, v['root']])
  assert.equal(formatCheckpoint({ origin, size, root }), v['text'])
  assert.deepEqual(
    signCheckpoint({ origin, size, root }, [noteSigner(origin, keys[0])]),
    bytesOf(v['ed25519Note'] ?? ''),
  )
  const verifiers = [noteVerifier(v['ed25519Vkey'] ?? ''), noteVerifier(v['mldsa44Vkey'] ?? '')]
  assert.ok(openCheckpoint(bytesOf(v['bothNote'] ?? ''), verifiers).ok)
})

const TESSERA_VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'

test('the signed log of Tessera: checkpoints, tiles, bundles and proofs agree', (t) => {
  const folder = dataFile('tlog/tessera/testdata/log')
  if (folder === undefined) return t.skip(NO_DATA)
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(`${folder}/${path}`))
  const verifier = noteVerifier(TESSERA_VKEY)
  const open = (name: string): Checkpoint => {
    const opened = openCheckpoint(read(name), [verifier], { types: [SIGNATURE_TYPE.ed25519] })
    assert.ok(opened.ok, name)
    return opened.checkpoint
  }
  assert.deepEqual(open('checkpoint'), open('checkpoint.15'))
  assert.deepEqual(open('checkpoint.0').root, EMPTY_ROOT)
  for (let size = 1; size <= 15; size++) {
    const checkpoint = open(`checkpoint.${size}`)
    const tile = read(tilePath(0, 0, size))
    const leafHashes = parseBundle(read(entriesPath(0, size)), size).map(hashLeaf)
    assert.deepEqual(leafHashes, parseTile(tile, size))
    assert.equal(checkpoint.size, size)
    assert.deepEqual(
      treeRoot(size, () => tile),
      checkpoint.root,
    )
    assert.deepEqual(appendLeaves({ size: 0, readTile: () => undefined }, leafHashes).root, checkpoint.root)
    for (const [index, leafHash] of leafHashes.entries()) {
      const proof = proveInclusion(index, size, () => tile)
      assert.ok(verifyInclusion({ index, size, leafHash, root: checkpoint.root, proof }))
    }
    for (let from = 1; from <= size; from++) {
      const proof = proveConsistency(from, size, () => tile)
      const fromRoot = open(`checkpoint.${from}`).root
      assert.ok(verifyConsistency({ from, to: size, fromRoot, toRoot: checkpoint.root, proof }))
    }
  }
})

test("Torchwood's ML-DSA-44 checkpoint verifies, and no other size or root under it", (t) => {
  const folder = dataFile('tlog/torchwood')
  if (folder === undefined) return t.skip(NO_DATA)
  const bytes = new Uint8Array(readFileSync(`${folder}/mldsa-cosignature.checkpoint`))
  const verifier = noteVerifier(readFileSync(`${folder}/mldsa-cosignature.vkey`, 'utf8').trim())
  const options = { types: [SIGNATURE_TYPE.mldsa44] }
  const opened = openCheckpoint(bytes, [verifier], options)
  assert.ok(opened.ok)
  const { text, signatures } = parseNote(bytes)
  const lines = signatures.map(({ line }) => line)
  for (const changed of [
    text.replace('\n1\n', '\n2\n'),
    text.replace('+zoE', '+zoF'),
    text.replace('log\n', 'lof\n'),
  ]) {
    assert.equal(openCheckpoint(formatNote(changed, lines), [verifier], options).ok, false)
  }
  assert.ok(equalBytes(formatNote(text, lines), bytes))
})

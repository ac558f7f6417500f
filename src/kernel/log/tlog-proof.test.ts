import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVector } from '#test/vector.ts'
import { Fault } from '../fault.ts'
import { sha256 } from '../hash.ts'
import { noteSigner, signerVkey, signingKey } from '../key.ts'
import { noteVerifier } from '../note-verifier.ts'
import { signCheckpoint } from './checkpoint.ts'
import { hashLeaf } from './merkle.ts'
import { formatTlogProof, parseTlogProof, verifyTlogProof, type TlogProof } from './tlog-proof.ts'
import { appendLeaves, proveInclusion } from './tree.ts'

const ORIGIN = 'a.example/log'
const KEYS = (['ed25519', 'ml-dsa-44'] as const).map((algorithm) => signingKey(algorithm, new Uint8Array(32).fill(1)))
const SIGNERS = KEYS.map((key) => noteSigner(ORIGIN, key))
const VERIFIERS = KEYS.map((key) => noteVerifier(signerVkey(ORIGIN, key)))
const LEAVES = Array.from({ length: 11 }, (_, n) => hashLeaf(Uint8Array.of(n)))
const invalid = { name: 'Fault', code: 'log.invalid' }

function proofOf(index: number, size = LEAVES.length): TlogProof {
  const { root, tiles } = appendLeaves({ size: 0, readTile: () => undefined }, LEAVES.slice(0, size))
  const proof = proveInclusion(index, size, () => tiles[0]?.bytes)
  return { index, proof, checkpoint: signCheckpoint({ origin: ORIGIN, size, root }, SIGNERS) }
}

test('a receipt convinces whoever has the keys of the log, for its own entry only', () => {
  const file = formatTlogProof(proofOf(6))
  assert.match(
    new TextDecoder().decode(file),
    /^c2sp\.org\/tlog-proof@v1\nindex 6\n([A-Za-z0-9+/]{43}=\n){4}\na\.example\/log\n11\n/,
  )
  const parsed = parseTlogProof(file)
  const verdict = verifyTlogProof(parsed, { leafHash: LEAVES[6] as Uint8Array, verifiers: VERIFIERS })
  assert.ok(verdict.ok)
  assert.equal(verdict.checkpoint.size, 11)
  assert.equal(verifyTlogProof(parsed, { leafHash: LEAVES[5] as Uint8Array, verifiers: VERIFIERS }).ok, false)
  assert.equal(
    verifyTlogProof({ ...parsed, index: 7 }, { leafHash: LEAVES[6] as Uint8Array, verifiers: VERIFIERS }).ok,
    false,
  )
  const strangers = [noteVerifier(signerVkey(ORIGIN, signingKey('ed25519', new Uint8Array(32).fill(2))))]
  assert.equal(verifyTlogProof(parsed, { leafHash: LEAVES[6] as Uint8Array, verifiers: strangers }).ok, false)
})

test('a log of one leaf has a receipt without hashes', () => {
  const parsed = parseTlogProof(formatTlogProof(proofOf(0, 1)))
  assert.deepEqual(parsed.proof, [])
  assert.ok(verifyTlogProof(parsed, { leafHash: LEAVES[0] as Uint8Array, verifiers: VERIFIERS }).ok)
})

test('extra data travels along and proves nothing', () => {
  const extra = Uint8Array.of(1, 2, 3)
  const parsed = parseTlogProof(formatTlogProof({ ...proofOf(2), extra }))
  assert.deepEqual(parsed.extra, extra)
  assert.ok(verifyTlogProof(parsed, { leafHash: LEAVES[2] as Uint8Array, verifiers: VERIFIERS }).ok)
})

test('a receipt has one spelling', () => {
  const text = new TextDecoder().decode(formatTlogProof({ ...proofOf(6), extra: Uint8Array.of(7) }))
  const hash = /\n([A-Za-z0-9+/]{43}=)\n/.exec(text)?.[1] ?? ''
  const cases: Record<string, string> = {
    'another version': text.replace('@v1', '@v2'),
    'no head line': text.slice(text.indexOf('\n') + 1),
    'no index': text.replace('index 6\n', ''),
    'a leading zero': text.replace('index 6', 'index 06'),
    'a huge index': text.replace('index 6', 'index 18446744073709551615'),
    'an empty extra': text.replace('extra Bw==', 'extra '),
    'stray bits in extra': text.replace('Bw==', 'Bx=='),
    'extra behind index': text.replace('extra Bw==\nindex 6', 'index 6\nextra Bw=='),
    'carriage returns': text.replaceAll('\n', '\r\n'),
    'a short hash': text.replace(hash, hash.slice(4)),
    'a space behind a hash': text.replace(hash, `${hash} `),
    'too many hashes': text.replace(hash, `${hash}\n`.repeat(64).trimEnd()),
    'no checkpoint': text.slice(0, text.indexOf('\n\n') + 1),
  }
  for (const [name, changed] of Object.entries(cases)) {
    assert.notEqual(changed, text, name)
    assert.throws(() => parseTlogProof(new TextEncoder().encode(changed)), invalid, name)
  }
  assert.throws(() => formatTlogProof({ ...proofOf(6), index: -1 }), invalid)
  assert.throws(() => formatTlogProof({ ...proofOf(6), proof: [new Uint8Array(31)] }), invalid)
})

test('a receipt with any flipped bit is refused, save in its extra data', () => {
  const bytes = formatTlogProof(proofOf(6))
  const claim = { leafHash: LEAVES[6] as Uint8Array, verifiers: VERIFIERS }
  for (let bit = 0; bit < 330 * 8; bit++) {
    const flipped = Uint8Array.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.equal(accepts(flipped, claim), false, `bit ${bit}`)
  }
})

test('no bytes make the receipt parser throw anything but a fault', () => {
  const good = formatTlogProof(proofOf(6))
  const cut = fc.tuple(fc.nat(200), fc.nat(20), fc.uint8Array({ maxLength: 6 })).map(([at, gone, noise]) => {
    return Uint8Array.from([...good.subarray(0, at), ...noise, ...good.subarray(at + gone)])
  })
  fc.assert(
    fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        assert.deepEqual(formatTlogProof(parseTlogProof(bytes)), bytes)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
      }
    }),
  )
})

type Proof = { readonly why: string; readonly sha256: string; readonly text: string }

const VECTOR = readVector<{
  entries: readonly string[]
  vkeys: readonly string[]
  witnessVkeys: readonly string[]
  holds: readonly (Proof & {
    readonly index: number
    readonly size: number
    readonly hashes: number
    readonly types: readonly number[]
    readonly times: readonly number[]
    readonly extra?: string
  })[]
  holdsNot: readonly (Proof & { readonly index: number })[]
  refused: readonly Proof[]
}>('tlog-proof')

/** What a proof of the vector is held against, where any line of the log is enough. */
function claimOf(index: number): Parameters<typeof verifyTlogProof>[1] {
  return {
    leafHash: hashLeaf(Buffer.from(VECTOR.entries[index] ?? '')),
    verifiers: VECTOR.vkeys.map((vkey) => noteVerifier(vkey)),
    cosigners: VECTOR.witnessVkeys.map((vkey) => noteVerifier(vkey)),
    types: [],
  }
}

function bytesOf({ why, sha256: hash, text }: Proof): Uint8Array {
  const bytes = Buffer.from(text)
  assert.equal(sha256(bytes).toHex(), hash, why)
  return bytes
}

test('the proofs of the vector hold, and come out as they went in', () => {
  for (const each of VECTOR.holds) {
    const { why, index, size, hashes, types, times, extra } = each
    const parsed = parseTlogProof(bytesOf(each))
    const opened = verifyTlogProof(parsed, claimOf(index))
    assert.ok(opened.ok, why)
    assert.deepEqual([parsed.index, opened.checkpoint.size, parsed.proof.length], [index, size, hashes], why)
    assert.deepEqual(
      opened.cosignatures.map(({ timeSec }) => timeSec),
      times,
      why,
    )
    assert.equal(parsed.extra?.toHex(), extra, why)
    const leaves = VECTOR.entries.slice(0, size).map((entry) => hashLeaf(Buffer.from(entry)))
    const { root } = appendLeaves({ size: 0, readTile: () => undefined }, leaves)
    assert.equal(opened.checkpoint.root.toHex(), root.toHex(), why)
    for (const type of [1, 6])
      assert.equal(verifyTlogProof(parsed, { ...claimOf(index), types: [type] }).ok, types.includes(type), why)
    const { types: _, ...both } = claimOf(index)
    assert.equal(verifyTlogProof(parsed, both).ok, types.length === 2, why)
    assert.equal(Buffer.from(formatTlogProof(parsed)).toString(), each.text, why)
  }
})

test('the proofs of the vector that do not hold are read and refused, and those out of form are not read', () => {
  for (const each of VECTOR.holdsNot)
    assert.equal(verifyTlogProof(parseTlogProof(bytesOf(each)), claimOf(each.index)).ok, false, each.why)
  for (const each of VECTOR.refused) assert.throws(() => parseTlogProof(bytesOf(each)), invalid, each.why)
})

function accepts(bytes: Uint8Array, claim: Parameters<typeof verifyTlogProof>[1]): boolean {
  try {
    return verifyTlogProof(parseTlogProof(bytes), claim).ok
  } catch (error) {
    assert.ok(error instanceof Fault)
    return false
  }
}

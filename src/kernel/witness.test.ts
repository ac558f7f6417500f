// A witness's request and judgement, and the policies that count its lines.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from './fault.ts'
import { systemRandom } from './clock.ts'
import { generateSeed, signingKey, cosigner } from './key.ts'
import { noteVerifier } from './note-verifier.ts'
import { formatCheckpoint } from './log/checkpoint.ts'
import { EMPTY_ROOT, hashLeaf } from './log/merkle.ts'
import { foldSubtrees } from './log/fold.ts'
import { appendLeaves, proveConsistency, subtreeRoots, type ReadTile } from './log/tree.ts'
import { formatNote, formatVkey, keyId, parseNote, parseVkey, verifyNote } from './note.ts'
import { countQuorum, defaultTrustPolicy, formatTrustPolicy, isQuorum, parseTrustPolicy } from './trust-policy.ts'
import { formatAddCheckpoint, judgeCheckpoint, parseAddCheckpoint } from './witness.ts'

function treeOf(size: number): { root: Uint8Array; readTile: ReadTile } {
  const leaves = Array.from({ length: size }, (_, i) => hashLeaf(Buffer.from(`leaf ${i}`)))
  const grown = appendLeaves({ size: 0, readTile: () => undefined }, leaves)
  const tiles = new Map(grown.tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.bytes]))
  return { root: grown.root, readTile: (level, n) => tiles.get(`${level}/${n}`) }
}

const cosignersOf = (member: string) =>
  (['ed25519', 'ml-dsa-44'] as const).map((algorithm) =>
    cosigner(`${member}/witness`, signingKey(algorithm, generateSeed(systemRandom))),
  )
const cosigners = cosignersOf('w.example')

test('lines of both keys hold under a checkpoint with their time, and under no other', () => {
  const text = formatCheckpoint({ origin: 'a.example/log', size: 7, root: treeOf(7).root })
  const lines = cosigners.map((each) => each.cosign(text, 1_790_000_000))
  const verifiers = cosigners.map(({ vkey }) => noteVerifier(vkey))
  const verdict = verifyNote(parseNote(formatNote(text, lines)), verifiers, { demand: 'all' })
  assert.ok(verdict.ok && verdict.verified.every((each) => each.timeSec === 1_790_000_000))
  const other = formatCheckpoint({ origin: 'a.example/log', size: 8, root: treeOf(7).root })
  assert.ok(!verifyNote(parseNote(formatNote(other, lines)), verifiers, { demand: 'any' }).ok)
})

test('what grew is accepted from any size to any other, and nothing else is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 400 }), (from, more) => {
      const [older, newer] = [treeOf(from), treeOf(from + more)]
      const checkpoint = { origin: 'a.example/log', size: from + more, root: newer.root }
      const proof = proveConsistency(from, from + more, newer.readTile)
      const judge = (seen: { size: number; root: Uint8Array }, old: number, hashes = proof) =>
        judgeCheckpoint(seen, checkpoint, { old, proof: hashes })
      assert.ok(judge({ size: from, root: older.root }, from).ok)
      assert.ok(judge({ size: 0, root: EMPTY_ROOT }, 0, []).ok)
      const other = hashLeaf(Buffer.from('another history'))
      assert.ok(!judge({ size: from, root: other }, from).ok)
      if (more > 0) assert.ok(!judge({ size: from, root: older.root }, from, proof.slice(1)).ok)
      const left = subtreeRoots(0, from, newer.readTile)
      const roots = foldSubtrees({ from, to: from + more }, left, subtreeRoots(from, from + more, newer.readTile))
      assert.deepEqual(roots, { fromRoot: older.root, toRoot: newer.root })
    }),
    { numRuns: 60 },
  )
})

test('a request comes back as it was written, and no bytes make reading it fail otherwise', () => {
  const request = { old: 5, proof: [new Uint8Array(32).fill(7)], checkpoint: Buffer.from('a\n1\nAAAA\n\n— a BBBB\n') }
  const read = parseAddCheckpoint(formatAddCheckpoint(request))
  assert.deepEqual({ ...read, checkpoint: Buffer.from(read.checkpoint) }, request)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        parseAddCheckpoint(bytes)
      } catch (error) {
        assert.ok(error instanceof Fault)
      }
    }),
  )
})

test('a member with two keys counts once, and more than two thirds are enough', () => {
  const members = ['a', 'b', 'c', 'd'].map((name) => ({
    member: `${name}.example`,
    vkeys: cosignersOf(name).map(({ vkey }) => vkey),
  }))
  const policy = defaultTrustPolicy(members)
  assert.deepEqual(parseTrustPolicy(formatTrustPolicy(policy)), policy)
  const holding = new Set(['a.example/1', 'a.example/2', 'b.example/2'])
  assert.deepEqual(countQuorum(policy, holding), { k: 2, n: 4, needed: 3 })
  assert.ok(!isQuorum(policy, holding))
  assert.ok(isQuorum(policy, new Set([...holding, 'd.example/1'])))
  assert.ok(isQuorum(defaultTrustPolicy([]), new Set()))
})

test('a policy that does not hold together, or names one key twice, is refused at its line', () => {
  const vkey = cosigners[0]?.vkey ?? ''
  const { publicKey } = parseVkey(vkey)
  const sameKey = (name: string, type: number): string =>
    formatVkey({ name, type, publicKey, keyId: keyId(name, type, publicKey) })
  const ofLog = sameKey('a.example/log', 0x01)
  const bad: Readonly<Record<string, number | string>> = {
    'quorum nobody': 1,
    [`witness a ${vkey}\nwitness a ${vkey}\nquorum a`]: 2,
    [`witness a nonsense\nquorum a`]: 1,
    [`witness a ${vkey}\ngroup g 2 a\nquorum g`]: 2,
    [`witness a ${vkey}\ngroup g any a\ngroup h any a\nquorum h`]: 3,
    [`witness a ${vkey}`]: 'the end',
    'nonsense here': 1,
    'quorum none\nquorum none': 2,
    [`witness none ${vkey}\nquorum none`]: 1,
    [`witness a ${vkey} ftp://x\nquorum a`]: 1,
    [`witness a ${vkey} https://w.example # here\nquorum a`]: 1,
    [`witness a ${vkey}\nwitness b ${vkey}\ngroup g 2 a b\nquorum g`]: 2,
    [`witness a ${vkey}\nwitness b ${sameKey('other.example/witness', 0x04)}\ngroup g 2 a b\nquorum g`]: 2,
    [`log ${ofLog}\nlog ${sameKey('b.example/log', 0x01)}\nquorum none`]: 2,
    [`witness a ${ofLog}\nquorum a`]: 1,
    [`log ${vkey}\nquorum none`]: 1,
    [`quorum none\r`]: 1,
    [`# a\u0001b\nquorum none`]: 1,
    [`witness\u00a0a ${vkey}\nquorum none`]: 1,
  }
  for (const [text, place] of Object.entries(bad))
    assert.throws(
      () => parseTrustPolicy(text),
      { place: typeof place === 'number' ? `line ${place}` : place, remedy: /./ },
      text,
    )
  const text = `# nobody\n\t # here\n  witness\ta#1+é ${vkey} https://w.example/#w \nquorum none\n`
  assert.deepEqual(parseTrustPolicy(text).witnesses, [{ name: 'a#1+é', vkey, url: 'https://w.example/#w' }])
})

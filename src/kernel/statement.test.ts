import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Random } from './clock.ts'
import { LIMITS } from './limits.ts'
import { hashLeaf } from './log/merkle.ts'
import {
  entryCommitment,
  envelopeCommit,
  itemCommit,
  itemSalt,
  listCommit,
  partCommit,
  sealStatement,
  verifyStatement,
  type Disclosure,
  type SealedStatement,
} from './statement.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
type StatementVector = {
  readonly random: string
  readonly header: string
  readonly items: readonly string[]
  readonly audience: string
  readonly itemSalts: readonly string[]
  readonly itemCommits: readonly string[]
  readonly partCommits: readonly string[]
  readonly commitment: string
} & Readonly<Record<'entrySalt' | 'headerSalt' | 'contentSeed' | 'audienceSalt' | 'entry' | 'leafHash', string>>

const VECTOR = JSON.parse(
  readFileSync(new URL('../../test/vectors/statement.json', import.meta.url), 'utf8'),
) as StatementVector
const HEADER = bytesOf(VECTOR.header)
const ITEMS = VECTOR.items.map(bytesOf)
const AUDIENCE = bytesOf(VECTOR.audience)
const vectorRandom: Random = (length) => Uint8Array.fromHex(VECTOR.random).subarray(0, length)
const countUp = (): Random => {
  let next = 0
  return (length) => Uint8Array.from({ length }, () => (next++ * 31) & 255)
}

const seal = (): SealedStatement =>
  sealStatement({ header: HEADER, content: ITEMS, audience: AUDIENCE, random: vectorRandom })

function disclose(sealed: SealedStatement): Disclosure & Required<Pick<Disclosure, 'header' | 'content' | 'audience'>> {
  const { entry, entrySalt, partCommits, headerSalt, contentSeed, audienceSalt } = sealed
  return {
    entry,
    entrySalt,
    partCommits,
    header: { salt: headerSalt, bytes: HEADER },
    content: { seed: contentSeed, items: ITEMS },
    audience: { salt: audienceSalt ?? assert.fail(), bytes: AUDIENCE },
  }
}

test('the vector is met byte for byte, sealing and step by step', () => {
  const sealed = seal()
  const { partCommits, ...rest } = sealed
  for (const [name, bytes] of Object.entries(rest)) assert.equal(bytes.toHex(), VECTOR[name as keyof typeof rest], name)
  assert.deepEqual(
    partCommits.map((commit) => commit.toHex()),
    VECTOR.partCommits,
  )
  assert.equal(hashLeaf(sealed.entry).toHex(), VECTOR.leafHash)

  const salts = ITEMS.map((_, j) => itemSalt(sealed.contentSeed, j))
  const commits = ITEMS.map((item, j) => itemCommit(salts[j] ?? assert.fail(), j, item))
  assert.deepEqual(
    salts.map((salt) => salt.toHex()),
    VECTOR.itemSalts,
  )
  assert.deepEqual(
    commits.map((commit) => commit.toHex()),
    VECTOR.itemCommits,
  )
  assert.deepEqual(listCommit(1, commits), partCommits[1])
  assert.deepEqual(partCommit(0, sealed.headerSalt, HEADER), partCommits[0])
  assert.equal(envelopeCommit(sealed.entrySalt, partCommits).toHex(), VECTOR.commitment)
  assert.equal(entryCommitment(sealed.entry)?.toHex(), VECTOR.commitment)
})

test('whatever subset of parts is shown verifies against the leaf', () => {
  const { header, content, audience, ...bare } = disclose(seal())
  for (const shown of [{}, { header }, { content }, { audience }, { header, content }, { header, content, audience }]) {
    const verdict = verifyStatement({ ...bare, ...shown })
    assert.ok(verdict.ok)
    assert.equal(verdict.header?.kind, 'header' in shown ? 'records.put' : undefined)
  }
})

test('one item is shown without the others, and after its erasure the others still verify', () => {
  const sealed = seal()
  const { content: _, ...rest } = disclose(sealed)
  const salts = ITEMS.map((_item, j) => itemSalt(sealed.contentSeed, j))
  const itemCommits = ITEMS.map((item, j) => itemCommit(salts[j] ?? assert.fail(), j, item))
  const show = (...places: number[]) =>
    places.map((index) => ({ index, salt: salts[index] ?? assert.fail(), bytes: ITEMS[index] ?? assert.fail() }))
  for (const items of [show(), show(1), show(0, 2), show(2, 1, 0)]) {
    assert.ok(verifyStatement({ ...rest, content: { itemCommits, items } }).ok)
  }
  const [one] = show(1)
  assert.ok(one)
  for (const wrong of [
    { index: 0 },
    { index: 3 },
    { index: -1 },
    { index: 0.5 },
    { bytes: bytesOf('x') },
    { salt: new Uint8Array(32) },
  ]) {
    assert.equal(
      problemOf(verifyStatement({ ...rest, content: { itemCommits, items: [{ ...one, ...wrong }] } })),
      'commitment',
    )
  }
  assert.equal(
    problemOf(verifyStatement({ ...rest, content: { itemCommits: itemCommits.slice(1), items: [] } })),
    'commitment',
  )
})

test('any flipped bit of what was sent is noticed', () => {
  const shown = disclose(seal())
  const pieces = [
    shown.entrySalt,
    ...shown.partCommits,
    shown.header.salt,
    shown.header.bytes,
    shown.audience.salt,
    shown.audience.bytes,
  ]
  const all = [
    ...pieces,
    ...('seed' in shown.content ? [shown.content.seed, ...shown.content.items] : []),
    shown.entry.subarray(0, 33),
  ]
  for (const bytes of all) {
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const before = bytes[bit >> 3] ?? 0
      bytes[bit >> 3] = before ^ (1 << (bit & 7))
      assert.equal(verifyStatement(shown).ok, false)
      bytes[bit >> 3] = before
    }
  }
  assert.ok(verifyStatement(shown).ok)
})

test('items cannot be dropped, added, swapped or moved between their borders', () => {
  const shown = disclose(seal())
  const [a, b, c] = ITEMS as [Uint8Array, Uint8Array, Uint8Array]
  const joined = Uint8Array.of(...a, ...b)
  for (const items of [[], [a], [a, b], [a, b, c, c], [b, a, c], [joined, c], [joined, new Uint8Array(0), c]]) {
    const verdict = verifyStatement({
      ...shown,
      content: { seed: shown.content && 'seed' in shown.content ? shown.content.seed : a, items },
    })
    assert.equal(problemOf(verdict), 'commitment')
  }
})

test('a part does not pass for another', () => {
  const shown = disclose(seal())
  assert.equal(problemOf(verifyStatement({ ...shown, header: shown.audience })), 'commitment')
  assert.equal(problemOf(verifyStatement({ ...shown, audience: shown.header })), 'commitment')
  assert.notDeepEqual(listCommit(1, []), listCommit(2, []))
})

test('a place without a part looks like one with a part', () => {
  const random = countUp()
  const sealed = sealStatement({ header: HEADER, content: ITEMS, random })
  assert.equal(sealed.audienceSalt, undefined)
  assert.deepEqual(
    sealed.partCommits.map(({ length }) => length),
    [32, 32, 32, 32],
  )
  assert.equal(new Set(sealed.partCommits.map((commit) => commit.toHex())).size, 4)
})

test('a statement may have no items', () => {
  const header = bytesOf(VECTOR.header.replace('"count":3', '"count":0'))
  const sealed = sealStatement({ header, content: [], random: countUp() })
  const { entry, entrySalt, partCommits, headerSalt, contentSeed } = sealed
  const content = { seed: contentSeed, items: [] }
  assert.ok(verifyStatement({ entry, entrySalt, partCommits, header: { salt: headerSalt, bytes: header }, content }).ok)
})

test('what its author committed to but breaks the protocol is told apart from what was tampered with', () => {
  for (const text of [
    'not JSON',
    VECTOR.header.replace('AMBER', 'MAUVE'),
    VECTOR.header.replace('"count":3', '"count":2'),
  ]) {
    const sealed = seal()
    const header = { salt: sealed.headerSalt, bytes: bytesOf(text) }
    const partCommits = sealed.partCommits.with(0, partCommit(0, header.salt, header.bytes))
    const entry = Uint8Array.from(sealed.entry)
    entry.set(envelopeCommit(sealed.entrySalt, partCommits), 1)
    assert.equal(problemOf(verifyStatement({ ...disclose(sealed), entry, partCommits, header })), 'form', text)
  }
  const { entry } = seal()
  for (const wrong of [Uint8Array.of(2, ...entry.subarray(1)), entry.subarray(1), new Uint8Array(0)]) {
    assert.equal(problemOf(verifyStatement({ ...disclose(seal()), entry: wrong })), 'form')
  }
})

test('lengths that cannot be and sizes beyond the bounds are refused before hashing', () => {
  const shown = disclose(seal())
  const big = new Uint8Array(LIMITS.statementContentBytesMax)
  const seed = new Uint8Array(32)
  const cases: Partial<Disclosure>[] = [
    { entrySalt: new Uint8Array(31) },
    { partCommits: shown.partCommits.slice(1) },
    { partCommits: [...shown.partCommits, seed] },
    { partCommits: shown.partCommits.with(2, new Uint8Array(33)) },
    { header: { salt: new Uint8Array(0), bytes: HEADER } },
    { content: { seed: new Uint8Array(64), items: [] } },
    { content: { seed, items: Array.from({ length: LIMITS.statementRecordsMax + 1 }, () => new Uint8Array(0)) } },
    { content: { seed, items: [big, new Uint8Array(1)] } },
    { content: { itemCommits: Array.from({ length: LIMITS.statementRecordsMax + 1 }, () => seed), items: [] } },
    { content: { itemCommits: [new Uint8Array(31)], items: [] } },
  ]
  for (const change of cases) assert.equal(problemOf(verifyStatement({ ...shown, ...change })), 'bounds')
})

test('a statement of ours that nobody would accept is not sealed', () => {
  const random = vectorRandom
  const half = new Uint8Array(LIMITS.statementContentBytesMax / 2)
  const large = new Uint8Array(LIMITS.recordBytesMax)
  const one = bytesOf(VECTOR.header.replace('"count":3', '"count":1'))
  assert.throws(() => sealStatement({ header: HEADER, content: [half, half, new Uint8Array(1)], random }), {
    code: 'input.too-large',
  })
  assert.ok(sealStatement({ header: one, content: [large], random }))
  assert.throws(() => sealStatement({ header: one, content: [new Uint8Array(large.length + 1)], random }), {
    code: 'input.too-large',
  })
  assert.throws(() => sealStatement({ header: HEADER, content: ITEMS.slice(1), random }), { code: 'log.invalid' })
  assert.throws(() => sealStatement({ header: bytesOf('{}'), content: [], random }), { code: 'log.invalid' })
})

test('sealed statements verify, whatever the items are', () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 })
  fc.assert(
    fc.property(contents, (content) => {
      const header = bytesOf(VECTOR.header.replace('"count":3', `"count":${content.length}`))
      const { entry, entrySalt, partCommits, headerSalt, contentSeed } = sealStatement({
        header,
        content,
        random: countUp(),
      })
      const whole = { seed: contentSeed, items: content }
      assert.ok(
        verifyStatement({ entry, entrySalt, partCommits, header: { salt: headerSalt, bytes: header }, content: whole })
          .ok,
      )
    }),
  )
})

function problemOf(verdict: ReturnType<typeof verifyStatement>): string | undefined {
  return verdict.ok ? undefined : verdict.problem
}

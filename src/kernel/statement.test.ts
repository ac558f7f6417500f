import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Random } from './clock.ts'
import { envelopeCommit, itemCommit, itemSalt, listCommit, partCommit } from './commitment.ts'
import { LIMITS } from './limits.ts'
import { alignedItems, discloseItems, itemsOf, joinLists } from './list-part.ts'
import { hashLeaf } from './log/merkle.ts'
import { entryCommitment } from './commitment.ts'
import { sealStatement, verifyStatement, type Disclosure, type SealedStatement } from './statement.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
type StatementVector = {
  readonly random: string
  readonly header: string
  readonly items: readonly string[]
  readonly context: readonly string[]
  readonly audience: string
  readonly contextItemSalts: readonly string[]
  readonly contextItemCommits: readonly string[]
  readonly itemSalts: readonly string[]
  readonly itemCommits: readonly string[]
  readonly partCommits: readonly string[]
  readonly commitment: string
} & Readonly<
  Record<'entrySalt' | 'headerSalt' | 'contentSeed' | 'contextSeed' | 'audienceSalt' | 'entry' | 'leafHash', string>
>

const VECTOR = JSON.parse(
  readFileSync(new URL('../../test/vectors/statement.json', import.meta.url), 'utf8'),
) as StatementVector
const HEADER = bytesOf(VECTOR.header)
const ITEMS = VECTOR.items.map(bytesOf)
const CONTEXT = VECTOR.context.map(bytesOf)
const AUDIENCE = bytesOf(VECTOR.audience)
const vectorRandom: Random = (length) => Uint8Array.fromHex(VECTOR.random).subarray(0, length)
const countUp = (): Random => {
  let next = 0
  return (length) => Uint8Array.from({ length }, () => (next++ * 31) & 255)
}

const seal = (): SealedStatement =>
  sealStatement({ header: HEADER, content: ITEMS, context: CONTEXT, audience: AUDIENCE, random: vectorRandom })

type AllParts = Disclosure & Required<Pick<Disclosure, 'header' | 'content' | 'context' | 'audience'>>

function disclose(sealed: SealedStatement): AllParts {
  const { entry, entrySalt, partCommits, headerSalt, contentSeed, contextSeed, audienceSalt } = sealed
  return {
    entry,
    entrySalt,
    partCommits,
    header: { salt: headerSalt, bytes: HEADER },
    content: { seed: contentSeed, items: ITEMS },
    context: { seed: contextSeed ?? assert.fail(), items: CONTEXT },
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

  const { contentSeed, contextSeed = assert.fail() } = sealed
  for (const [part, list] of [
    [1, { seed: contentSeed, items: ITEMS, salts: VECTOR.itemSalts, commits: VECTOR.itemCommits }],
    [2, { seed: contextSeed, items: CONTEXT, salts: VECTOR.contextItemSalts, commits: VECTOR.contextItemCommits }],
  ] as const) {
    const salts = list.items.map((_, j) => itemSalt(list.seed, j))
    const commits = list.items.map((item, j) => itemCommit(salts[j] ?? assert.fail(), j, item))
    const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => hash.toHex())
    assert.deepEqual(hex(salts), list.salts)
    assert.deepEqual(hex(commits), list.commits)
    assert.deepEqual(listCommit(part, commits), partCommits[part])
  }
  assert.deepEqual(partCommit(0, sealed.headerSalt, HEADER), partCommits[0])
  assert.equal(envelopeCommit(sealed.entrySalt, partCommits).toHex(), VECTOR.commitment)
  assert.equal(entryCommitment(sealed.entry)?.toHex(), VECTOR.commitment)
})

test('whatever subset of parts is shown verifies against the leaf', () => {
  const { header, content, context, audience, ...bare } = disclose(seal())
  for (const shown of [
    {},
    { header },
    { content },
    { context },
    { audience },
    { header, content },
    { header, context },
    { header, content, context, audience },
  ]) {
    const verdict = verifyStatement({ ...bare, ...shown })
    assert.ok(verdict.ok)
    assert.equal(verdict.header?.kind, 'header' in shown ? 'records.put' : undefined)
  }
})

test('one item is shown without the others, and after its erasure the others still verify', () => {
  const { content, ...rest } = disclose(seal())
  for (const places of [[], [1], [0, 2], [2, 1, 0]]) {
    const list = discloseItems(content, places)
    assert.deepEqual(
      itemsOf(list).map(({ index }) => index),
      places.toSorted((a, b) => a - b),
    )
    assert.ok(verifyStatement({ ...rest, content: list }).ok)
    assert.deepEqual(discloseItems(list, places), list, 'what is shown of what was shown is the same')
  }
  const shown = discloseItems(content, [1])
  const [one] = shown.items
  assert.ok(one)
  const other = discloseItems(content, [0]).items[0]?.salt ?? assert.fail()
  for (const wrong of [
    { index: 0 },
    { index: 3 },
    { index: -1 },
    { index: 0.5 },
    { bytes: bytesOf('x') },
    { salt: new Uint8Array(32) },
    { salt: other },
  ])
    assert.equal(
      problemOf(verifyStatement({ ...rest, content: { ...shown, items: [{ ...one, ...wrong }] } })),
      'commitment',
    )
  const short = { itemCommits: shown.itemCommits.slice(1), items: [] }
  assert.equal(problemOf(verifyStatement({ ...rest, content: short })), 'commitment')
})

test('what is shown of a batch holds neither its seed nor anything of the items that are not shown', () => {
  const { content } = disclose(seal())
  const all = discloseItems(content, [0, 1, 2])
  const kept = discloseItems(content, [0, 2])
  assert.ok(!('seed' in kept))
  assert.deepEqual(kept, discloseItems(all, [0, 2]))
  assert.throws(() => discloseItems(kept, [1]), { code: 'not-found' })
  assert.deepEqual(joinLists(kept, discloseItems(content, [1])), all)
  assert.deepEqual(joinLists(kept, content), content)
  assert.deepEqual(alignedItems(kept), [ITEMS[0], undefined, ITEMS[2]])
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
    ...[shown.content, shown.context].flatMap((list) => ('seed' in list ? [list.seed, ...list.items] : [])),
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
  assert.equal(problemOf(verifyStatement({ ...shown, content: shown.context })), 'commitment')
  assert.equal(problemOf(verifyStatement({ ...shown, context: shown.content })), 'commitment')
  assert.notDeepEqual(listCommit(1, []), listCommit(2, []))
})

test('a place without a part looks like one with a part', () => {
  const random = countUp()
  const sealed = sealStatement({ header: HEADER, content: ITEMS, random })
  assert.equal(sealed.audienceSalt, undefined)
  assert.equal(sealed.contextSeed, undefined)
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
    { context: { seed, items: [big, new Uint8Array(1)] } },
    { context: { seed: new Uint8Array(31), items: CONTEXT } },
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
  assert.throws(() => sealStatement({ header: HEADER, content: ITEMS, context: CONTEXT.slice(1), random }), {
    code: 'log.invalid',
  })
  assert.throws(() => sealStatement({ header: one, content: ITEMS.slice(2), context: [large], random }), {
    code: 'input.too-large',
  })
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

import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounds } from '#test/rounds.ts'
import { discloseItems } from '../list-part.ts'
import { heldHash, heldKey, parseErase, parseReceipt, toldHash } from './erase.ts'

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), 'utf8')) as T

const VECTOR = read<{
  erase: string
  kept: { itemCommits: string[]; items: { index: number; salt: string }[] }
  told: { entrySalt: string; member: string; hash: string }
  held: { entrySalt: string; member: string; key: string; claim: string }
  receipts: string[]
  noErases: string[]
  noReceipts: string[]
}>('erase')

test('what is kept of a batch after an erase is what the vector says', () => {
  const { contentSeed, items } = read<{ contentSeed: string; items: string[] }>('statement')
  const whole = { seed: Uint8Array.fromHex(contentSeed), items: items.map((item) => Buffer.from(item)) }
  const erased = parseErase(Buffer.from(VECTOR.erase))
  assert.deepEqual(erased, { reason: 'personal-data', items: [1] })
  const kept = discloseItems(whole, [0, 2])
  assert.deepEqual(
    {
      itemCommits: kept.itemCommits.map((commit) => commit.toHex()),
      items: kept.items.map(({ index, salt }) => ({ index, salt: salt.toHex() })),
    },
    VECTOR.kept,
  )
})

test('what shows that a member was told is what the vector says, and each member’s own', () => {
  const { entrySalt, member, hash } = VECTOR.told
  assert.equal(toldHash(Uint8Array.fromHex(entrySalt), member), hash)
  assert.notEqual(toldHash(Uint8Array.fromHex(entrySalt), 'cert.example'), hash)
})

test('what shows that a member was given a statement is what the vector says, and each member’s own', () => {
  const { entrySalt, member, key, claim } = VECTOR.held
  assert.equal(heldKey(Uint8Array.fromHex(entrySalt)).toHex(), key)
  assert.equal(heldHash(Uint8Array.fromHex(key), member).toHex(), claim)
  assert.notEqual(heldHash(Uint8Array.fromHex(key), 'cert.example').toHex(), claim)
})

test('what is no erase and no receipt is told apart from what is one', () => {
  for (const text of VECTOR.noErases) assert.equal(parseErase(Buffer.from(text)), undefined, text)
  for (const text of VECTOR.noReceipts) assert.equal(parseReceipt(Buffer.from(text)), undefined, text)
  for (const text of VECTOR.receipts) assert.deepEqual(parseReceipt(Buffer.from(text)), JSON.parse(text))
  assert.equal(parseErase(undefined), undefined)
  assert.equal(parseReceipt(Buffer.from(`{"outcome":"refused","reason":"${'x'.repeat(501)}"}`)), undefined)
  assert.equal(parseErase(Buffer.from(`{"reason":"x","items":[${Array(1001).fill(0).join()}]}`)), undefined)
})

test('no foreign bytes make the readers do anything but answer', () => {
  const known = [...VECTOR.receipts, VECTOR.erase].map((text) => Buffer.from(text))
  const broken = fc
    .tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 }))
    .map(([text, changes]) => {
      const bytes = Buffer.from(text)
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from)), (bytes) => {
      const erased = parseErase(bytes)
      assert.ok(erased === undefined || erased.items.length > 0)
      parseReceipt(bytes)
    }),
    { numRuns: rounds({ test: 300, soak: 30_000 }) },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { newSeeds } from '#kernel/key-file.ts'
import { HELD_BYTES, heldHash, heldKey } from '#kernel/log/erase.ts'
import { internMember } from '#kernel/standing.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { command, type AnyCommand, type Store } from '#kernel/store/types.ts'
import { writerProgram } from '#src/writer.ts'
import { rounds } from '#test/rounds.ts'
import { seededRandom, testClock, testPolicy } from '#test/store.ts'
import { bytesOfFile, readVector, type VectorFile } from '#test/vector.ts'
import { parseHeld, tellHeld } from './held.ts'

const answer = (value: object): Buffer => Buffer.from(JSON.stringify({ origin: 'a.example/log', ...value }))
const claims = (count: number): string => Buffer.alloc(count * HELD_BYTES, 1).toString('base64')

test('each index in the runs has its claim, in order', () => {
  const bytes = Buffer.alloc(3 * HELD_BYTES)
  for (const n of [0, 1, 2]) bytes[n * HELD_BYTES] = n
  const held = parseHeld(
    answer({
      ranges: [
        [4, 5],
        [9, 9],
      ],
      claims: bytes.toString('base64'),
    }),
    3,
  )
  assert.deepEqual(
    [...held.claims].map(([index, claim]) => [index, claim[0], claim.length]),
    [
      [4, 0, HELD_BYTES],
      [5, 1, HELD_BYTES],
      [9, 2, HELD_BYTES],
    ],
  )
  assert.deepEqual([held.origin, held.next], ['a.example/log', undefined])
})

test('only a full answer goes on, from where it ended', () => {
  const full = { ranges: [[4, 10_003]], claims: claims(10_000) }
  assert.equal(parseHeld(answer({ ...full, next: 10_003 }), 3).next, 10_003)
  for (const each of [
    { ...full, next: 10_004 },
    { ranges: [[4, 4]], claims: claims(1), next: 4 },
    { ranges: [], claims: '', next: 4 },
  ])
    assert.throws(() => parseHeld(answer(each), 3), { code: 'peer.invalid' })
})

test('runs that overlap, go back, are endless or too many, and claims that do not fit them, are refused', () => {
  const refused: readonly object[] = [
    { ranges: [[3, 3]], claims: claims(1) },
    { ranges: [[5, 4]], claims: claims(0) },
    {
      ranges: [
        [4, 6],
        [6, 7],
      ],
      claims: claims(5),
    },
    { ranges: [[4, Number.MAX_SAFE_INTEGER]], claims: claims(1) },
    { ranges: [[4, 10_004]], claims: claims(10_001) },
    { ranges: [[4, 5]], claims: claims(1) },
    { ranges: [[4, 4]], claims: claims(2) },
    { ranges: [[4, 4]], claims: '*' },
    { ranges: [[4, 4]], claims: claims(1), next: 3 },
    { ranges: [[4, 4]] },
  ]
  for (const each of refused) assert.throws(() => parseHeld(answer(each), 3), { code: 'peer.invalid' })
})

type Answer = VectorFile & { readonly after: number }

const VECTOR = readVector<{
  origin: string
  member: string
  statements: readonly { index: number; entrySalt: string; key: string; claim: string; erased: boolean }[]
  accepted: readonly (Answer & { readonly claims: Readonly<Record<string, string>> })[]
  refused: readonly Answer[]
  long: readonly {
    why: string
    ok: boolean
    after: number
    ranges: readonly (readonly [number, number])[]
    count: number
    next?: number
    sha256: string
  }[]
}>('held')

/** What the vector says is held of the log of a member. */
const hold = command(
  'test.hold',
  (tx, { origin, statements }: Pick<typeof VECTOR, 'origin' | 'statements'>): number => {
    const member = internMember(tx, origin.split('/', 1)[0] ?? '')
    tx.run(`INSERT INTO log (id, member, origin, size, root) VALUES (9, ?, ?, 80000, x'')`, member, origin)
    for (const { index, entrySalt, key, erased } of statements)
      tx.run(
        `INSERT INTO statement (log, idx, uuid, kind, time_ms, label_class, count, header, header_salt, entry_salt, part_commits, held_key)
       VALUES (9, ?, '', 'records.put', 0, 0, 1, x'', x'', ?, x'', ?)`,
        index,
        erased ? new Uint8Array(0) : Uint8Array.fromHex(entrySalt),
        erased ? Uint8Array.fromHex(key) : null,
      )
    return member
  },
)

function openHolder(): Store {
  const random = seededRandom('held')
  return openInlineStore({
    place: { kind: 'memory' },
    identity: { member: VECTOR.member, origin: `${VECTOR.member}/log`, seeds: newSeeds(random).log },
    program: { ...writerProgram, commands: [...writerProgram.commands, hold as unknown as AnyCommand] },
    clock: testClock(),
    random,
    policy: testPolicy,
  })
}

test('what is held is told as the vector says, also of what was erased', async () => {
  await using store = openHolder()
  const member = await store.write(hold, VECTOR)
  for (const each of VECTOR.accepted) {
    const { origin, ranges, claims } = JSON.parse(Buffer.from(bytesOfFile(each, VECTOR.accepted)).toString()) as {
      origin: string
      ranges: readonly (readonly number[])[]
      claims: string
    }
    const told = await tellHeld(store, VECTOR.member, { member, origin: VECTOR.origin, after: each.after })
    assert.deepEqual(told, { origin, ranges, claims }, each.why)
  }
})

test('the answers of the vector are read with their claims, or refused', () => {
  for (const { index, entrySalt, key, claim } of VECTOR.statements) {
    assert.equal(heldKey(Uint8Array.fromHex(entrySalt)).toHex(), key, `${index}`)
    assert.equal(heldHash(Uint8Array.fromHex(key), VECTOR.member).toHex(), claim, `${index}`)
  }
  for (const each of VECTOR.accepted) {
    const { origin, claims } = parseHeld(bytesOfFile(each, VECTOR.accepted), each.after)
    assert.equal(origin, VECTOR.origin, each.why)
    const made = [...claims].map(([index, claim]) => [`${index}`, claim.toHex()])
    assert.deepEqual(Object.fromEntries(made), each.claims, each.why)
  }
  for (const each of VECTOR.refused) {
    const bytes = bytesOfFile(each, VECTOR.accepted)
    assert.throws(() => parseHeld(bytes, each.after), { name: 'Fault' }, each.why)
  }
})

test('a long answer of the vector is read where it is full, or refused', () => {
  const { origin, statements } = VECTOR
  for (const { why, ok, after, ranges, count, next, sha256: hash } of VECTOR.long) {
    const made = Array.from({ length: count }, (_, n) => statements[n % statements.length]?.claim ?? '')
    const bytes = Buffer.from(
      JSON.stringify({ origin, ranges, claims: Buffer.from(made.join(''), 'hex').toString('base64'), next }),
    )
    assert.equal(sha256(bytes).toHex(), hash, why)
    if (ok) assert.equal(parseHeld(bytes, after).next, next, why)
    else assert.throws(() => parseHeld(bytes, after), { code: 'peer.invalid' }, why)
  }
})

test('whatever a peer answers is read or refused', () => {
  const values = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .record({
        origin: fc.string(),
        ranges: fc.array(fc.tuple(fc.integer(), fc.integer()), { maxLength: 5 }),
        claims: fc.base64String({ maxLength: 100 }),
        next: fc.option(fc.integer(), { nil: undefined }),
      })
      .map((value) => Buffer.from(JSON.stringify(value))),
  )
  fc.assert(
    fc.property(values, fc.integer({ min: -1, max: 100 }), (bytes, after) => {
      try {
        for (const [index, claim] of parseHeld(bytes, after).claims)
          assert.ok(index > after && claim.length === HELD_BYTES)
      } catch (error) {
        assert.ok(error instanceof Fault, String(error))
      }
    }),
    { numRuns: rounds({ test: 500, soak: 20_000 }) },
  )
})

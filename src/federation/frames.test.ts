import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeItem, hashItem } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { parseTlogProof, verifyTlogProof } from '#kernel/log/tlog-proof.ts'
import { noteVerifier } from '#kernel/note-verifier.ts'
import { verifyStatement } from '#kernel/statement.ts'
import { rounds } from '#test/rounds.ts'
import { DeliveryDecoder, encodeDelivery, encodeHead, GONE, type DeliveredStatement, type Delivery } from './frames.ts'
import type { DisclosedStatement } from './statement-frame.ts'

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

const statement = (index: number, items: Uint8Array[]): DisclosedStatement => ({
  index,
  entrySalt: bytes(32, 1),
  partCommits: [2, 3, 4, 5].map((value) => bytes(32, value)),
  header: { salt: bytes(32, 6), bytes: Buffer.from('{"v":1}') },
  content: { seed: bytes(32, 7), items },
})

/** A statement of every form there is, by its index. */
function anyStatement(index: number): DeliveredStatement {
  const whole = statement(index, [Buffer.from(`item ${index}`), bytes(index % 50, 9)])
  const part = {
    itemCommits: [bytes(32, 1), bytes(32, 2), bytes(32, 3)],
    items: [
      { index: 0, salt: bytes(32, 4), bytes: Buffer.from(`item ${index}`) },
      { index: 2, salt: bytes(32, 5), bytes: bytes(0, 0) },
    ],
  }
  return (
    [
      { index, gone: 'erased' as const },
      whole,
      { ...whole, content: part },
      { ...whole, context: { seed: bytes(32, 6), items: [bytes(3, 1), bytes(0, 0)] } },
      { ...whole, context: part, audience: { salt: bytes(32, 7), bytes: bytes(9, 9) } },
    ][index % 5] ?? whole
  )
}

function encode(indexes: readonly number[], seq = 1): Buffer {
  const item = encodeItem({ seq, prevHash: bytes(32, 0), indexes, reason: 'new' })
  return Buffer.concat([...encodeDelivery(item, indexes.map(anyStatement))])
}

function decode(chunks: Iterable<Uint8Array>): Delivery[] {
  const decoder = new DeliveryDecoder()
  const found: Delivery[] = []
  for (const chunk of chunks) found.push(...decoder.push(chunk))
  decoder.end()
  return found
}

const plain = (deliveries: readonly Delivery[]): unknown =>
  JSON.parse(
    JSON.stringify(deliveries, (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array).toString('hex') : value,
    ),
  )

test('the vector of a delivery is met, written and read', () => {
  const vector = JSON.parse(readFileSync(new URL('../../test/vectors/delivery.json', import.meta.url), 'utf8')) as {
    item: { seq: number; prevHash: string; indexes: number[]; reason: 'widened' }
    itemBytes: string
    itemHash: string
    statements: readonly VectorStatement[]
    frames: string
  }
  const item = encodeItem({ ...vector.item, prevHash: Uint8Array.fromHex(vector.item.prevHash) })
  assert.equal(Buffer.from(item).toString(), vector.itemBytes)
  assert.equal(Buffer.from(hashItem(item)).toString('hex'), vector.itemHash)
  const statements = vector.statements.map(fromVector)
  assert.equal(Buffer.concat([...encodeDelivery(item, statements)]).toString('hex'), vector.frames)
  const [delivery] = decode([Buffer.from(vector.frames, 'hex')])
  assert.ok(delivery !== undefined)
  const again = encodeDelivery(delivery.itemBytes, delivery.statements)
  assert.equal(Buffer.concat([...again]).toString('hex'), vector.frames)
})

type VectorList =
  | { readonly items: readonly string[] }
  | {
      readonly itemCommits: readonly number[]
      readonly items: readonly { index: number; salt: number; text: string }[]
    }
type VectorStatement =
  | { readonly index: number; readonly content: VectorList; readonly context?: VectorList; readonly audience?: string }
  | { readonly index: number; readonly gone: 'erased' }

function fromVector(each: VectorStatement): DeliveredStatement {
  if ('gone' in each) return each
  const { index, content, context, audience } = each
  return {
    ...statement(index, []),
    content: listFromVector(content, 7),
    ...(context === undefined ? {} : { context: listFromVector(context, 12) }),
    ...(audience === undefined ? {} : { audience: { salt: bytes(32, 13), bytes: Buffer.from(audience) } }),
  }
}

function listFromVector(list: VectorList, seed: number): DisclosedStatement['content'] {
  if (!('itemCommits' in list)) return { seed: bytes(32, seed), items: list.items.map((text) => Buffer.from(text)) }
  return {
    itemCommits: list.itemCommits.map((value) => bytes(32, value)),
    items: list.items.map(({ index, salt, text }) => ({ index, salt: bytes(32, salt), bytes: Buffer.from(text) })),
  }
}

type AnswerVector = {
  frames: readonly { kind: number; payload: string }[]
  sha256: string
  items: readonly {
    seq: number
    hash: string
    origin?: string
    statements: readonly { index: number; entry?: string; proof?: string; gone?: number }[]
  }[]
  authorVkeys: readonly string[]
  witnessVkey: string
  own: { entry: string; leafHash: string }
  refused: readonly { why: string; sha256: string; bytes: string }[]
}

const ANSWER = JSON.parse(
  readFileSync(new URL('../../test/vectors/frames.json', import.meta.url), 'utf8'),
) as AnswerVector

/** The frames of the vector, each with its length before it. */
function answerFromVector(): Buffer {
  const pieces = ANSWER.frames.map(({ kind, payload }) => {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(1 + payload.length / 2)
    head[4] = kind
    return Buffer.concat([head, Buffer.from(payload, 'hex')])
  })
  return Buffer.concat(pieces)
}

test('the vector of an answer with frames of every kind is met, written and read', () => {
  const answer = answerFromVector()
  assert.equal(sha256(answer).toHex(), ANSWER.sha256)
  const decoder = new DeliveryDecoder()
  const deliveries = [...decoder.push(answer)]
  decoder.end()
  const told = deliveries.map(({ item, itemBytes, statements }) => ({
    seq: item.seq,
    hash: hashItem(itemBytes).toHex(),
    ...(item.origin === undefined ? {} : { origin: item.origin }),
    statements: statements.map(tellStatement),
  }))
  assert.deepEqual(told, ANSWER.items)
  assert.equal(deliveries[1]?.item.prevHash.toHex(), ANSWER.items[0]?.hash)
  const again = deliveries.flatMap(({ itemBytes, statements }) => [...encodeDelivery(itemBytes, statements)])
  assert.equal(
    Buffer.concat([...again, ...encodeHead([decoder.head ?? bytes(0, 0)])]).toString('hex'),
    answer.toString('hex'),
  )
})

function tellStatement(each: DeliveredStatement): AnswerVector['items'][number]['statements'][number] {
  if ('gone' in each) return { index: each.index, gone: 1 + GONE.indexOf(each.gone) }
  if (each.proof === undefined) return { index: each.index }
  return { index: each.index, entry: each.proof.entry.toHex(), proof: Buffer.from(each.proof.proof).toString() }
}

test('what the vector passes on is what its leaf commits to, and where its proof says', () => {
  const [own, forwarded] = decode([answerFromVector()])
  const [first] = own?.statements ?? []
  const [second] = forwarded?.statements ?? []
  assert.ok(first !== undefined && !('gone' in first) && second !== undefined && !('gone' in second))
  const ownEntry = Uint8Array.fromHex(ANSWER.own.entry)
  assert.equal(hashLeaf(ownEntry).toHex(), ANSWER.own.leafHash)
  assert.ok(verifyStatement({ ...first, entry: ownEntry }).ok)
  const { entry, proof } = second.proof ?? { entry: bytes(0, 0), proof: bytes(0, 0) }
  assert.ok(verifyStatement({ ...second, entry }).ok)
  const parsed = parseTlogProof(proof)
  const opened = verifyTlogProof(parsed, {
    leafHash: hashLeaf(entry),
    verifiers: ANSWER.authorVkeys.map((vkey) => noteVerifier(vkey)),
    cosigners: [noteVerifier(ANSWER.witnessVkey)],
  })
  assert.ok(opened.ok)
  assert.deepEqual([opened.checkpoint.origin, parsed.index], [forwarded?.item.origin, second.index])
  assert.equal(opened.cosignatures.length, 1)
})

test('an answer that the vector calls out of form is refused', () => {
  for (const { why, sha256: hash, bytes: sent } of ANSWER.refused) {
    assert.equal(sha256(Buffer.from(sent, 'hex')).toHex(), hash, why)
    assert.throws(() => decode([Buffer.from(sent, 'hex')]), { code: 'peer.invalid' }, why)
  }
})

test('a statement of another log comes with its proof, and none of the sender’s own does', () => {
  const item = { seq: 1, prevHash: bytes(32, 0), indexes: [4], reason: 'new' } as const
  const proven = { ...statement(4, [Buffer.from('x')]), proof: { entry: bytes(53, 8), proof: Buffer.from('proof') } }
  const foreign = Buffer.concat([...encodeDelivery(encodeItem({ ...item, origin: 'b.example/log' }), [proven])])
  const [delivery] = decode([foreign])
  assert.equal(delivery?.item.origin, 'b.example/log')
  assert.deepEqual(plain([delivery as Delivery]), plain(decode([foreign])))
  assert.equal(
    Buffer.concat([...encodeDelivery(delivery?.itemBytes ?? bytes(0, 0), delivery?.statements ?? [])]).toString('hex'),
    foreign.toString('hex'),
  )
  const own = Buffer.concat([...encodeDelivery(encodeItem(item), [proven])])
  assert.throws(() => decode([own]), { code: 'peer.invalid' })
  for (let length = 1; length < foreign.length; length += 1)
    assert.throws(() => decode([foreign.subarray(0, length)]), { code: 'peer.invalid' })
})

test('deliveries come out as they went in, however they are cut', () => {
  const whole = Buffer.concat([encode([1, 2, 3, 4, 5]), encode([7], 2)])
  const expected = plain(decode([whole]))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 50 }), (sizes) => {
      const chunks: Buffer[] = []
      for (let at = 0, i = 0; at < whole.length; i += 1) {
        const size = sizes[i % sizes.length] ?? 1
        chunks.push(whole.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(plain(decode(chunks)), expected)
    }),
    { numRuns: rounds({ test: 100, soak: 5000 }) },
  )
})

test('a cut anywhere is noticed', () => {
  const whole = encode([1, 2, 3, 4, 5])
  for (let length = 1; length < whole.length; length += 1)
    assert.throws(() => decode([whole.subarray(0, length)]), { code: 'peer.invalid' })
})

test('no foreign bytes make the decoder do anything but refuse', () => {
  const whole = encode([1, 2, 3, 4, 5])
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.uint8Array({ maxLength: 64 }),
      (changes, tail) => {
        const broken = Buffer.from(whole)
        for (const [at, value] of changes) broken[at] = value
        try {
          decode([broken, tail])
        } catch (error) {
          assert.ok(error instanceof Fault)
        }
      },
    ),
    { numRuns: rounds({ test: 500, soak: 50_000 }) },
  )
})

test('an endless frame is refused by its length', () => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(0x7fffffff)
  assert.throws(() => decode([head]), { code: 'peer.invalid' })
})

test('counts, places and parts that cannot be are refused before anything is made of them', () => {
  const commits = [bytes(32, 1), bytes(32, 2)]
  const shown = (...places: number[]): DisclosedStatement => ({
    ...statement(0, []),
    content: {
      itemCommits: commits,
      items: places.map((index) => ({ index, salt: bytes(32, 4), bytes: bytes(1, 1) })),
    },
  })
  const item = encodeItem({ seq: 1, prevHash: bytes(32, 0), indexes: [0], reason: 'new' })
  const frames = (each: DeliveredStatement): Buffer => Buffer.concat([...encodeDelivery(item, [each])])
  const refuses = (sent: Buffer, message: RegExp): void =>
    assert.throws(() => decode([sent]), { code: 'peer.invalid', message })
  assert.equal(decode([frames(shown(0, 1))]).length, 1)
  refuses(frames(shown(1, 0)), /out of order/)
  refuses(frames(shown(1, 1)), /out of order/)
  refuses(frames(shown(2)), /2, where 1 is the most/)
  refuses(frames(statement(0, [])), /without items/)

  const payloadAt = 5 + item.length + 5 // behind the item's frame and the head of the next
  const flagsAt = payloadAt + 8 + 32 + 4 * 32
  const changed = (at: number, value: number): Buffer => {
    const sent = frames(statement(0, [bytes(1, 1)]))
    sent.writeUInt32BE(value, at)
    return sent
  }
  const listAt = flagsAt + 1 + 32 + 4 + '{"v":1}'.length
  for (const count of [0xffffffff, 0x80000000, LIMITS.statementRecordsMax + 1])
    refuses(changed(listAt + 1 + 32, count), new RegExp(`${count}, where`))
  refuses(changed(listAt + 1 + 32 + 4, 0xffffffff), /where/)
  for (const flags of [0, 1, 2, 16 + 3, 255]) {
    const sent = frames(statement(0, [bytes(1, 1)]))
    sent[flagsAt] = flags
    refuses(sent, /parts that do not exist|without its header/)
  }
  const form = frames(statement(0, [bytes(1, 1)]))
  form[listAt] = 3
  refuses(form, /unknown form 3/)
  const gone = frames({ index: 0, gone: 'erased' })
  gone[gone.length - 1] = 9
  refuses(gone, /no known reason/)
})

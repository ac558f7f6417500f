// The bytes of a bundle are those of the vector, and no name or file that is not of its grammar is taken.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { heldHash, heldKey } from '#kernel/log/erase.ts'
import { encodeMember, TAR_END } from '#kernel/tar.ts'
import { rounds } from '#test/rounds.ts'
import { parseHeld } from '../heal/held.ts'
import { httpSigningKey } from '../own-document.ts'
import { signManifest } from './signature.ts'
import { Members, parseEnd, parseManifest, parseName } from './stream.ts'

type Vector = {
  readonly member: string
  readonly httpSeed: string
  readonly manifest: string
  readonly signature: string
  readonly station: { readonly entrySalts: readonly string[]; readonly manifest: string; readonly signature: string }
  readonly otherManifests: readonly { readonly why: string; readonly manifest: string }[]
  readonly end: string
  readonly archive: string
  readonly names: readonly string[]
  readonly otherNames: readonly string[]
}

const vector = JSON.parse(readFileSync(new URL('../../../test/vectors/bundle.json', import.meta.url), 'utf8')) as Vector

const key = httpSigningKey(vector.member, { ed25519: Uint8Array.fromHex(vector.httpSeed), generation: 1 })

test('manifest, signature and archive are those of the vector', () => {
  const manifest = Buffer.from(vector.manifest)
  assert.equal(Buffer.from(signManifest(manifest, key)).toString(), vector.signature)
  const archive = Buffer.concat([
    encodeMember({ name: 'manifest.json', bytes: manifest }),
    encodeMember({ name: 'manifest.sig', bytes: Buffer.from(vector.signature) }),
    encodeMember({ name: 'end.json', bytes: Buffer.from(vector.end) }),
    TAR_END,
  ])
  assert.equal(archive.toString('base64'), vector.archive)
  assert.equal(parseManifest(manifest).part, 1)
  assert.equal(parseEnd(Buffer.from(vector.end)).last, true)
})

test('a writer without a network says what it was told and what it holds, as in the vector', () => {
  const { entrySalts, manifest, signature } = vector.station
  assert.equal(Buffer.from(signManifest(Buffer.from(manifest), key)).toString(), signature)
  const { told, held } = parseManifest(Buffer.from(manifest))
  assert.deepEqual(told, { seq: 3, hash: 'cd'.repeat(32) })
  assert.ok(held !== undefined)
  const { claims } = parseHeld(Buffer.from(JSON.stringify(held)), held.after)
  const expected = entrySalts.map((salt) => heldHash(heldKey(Uint8Array.fromHex(salt)), vector.member).toHex())
  assert.deepEqual([...claims.keys()], [3, 4, 6])
  assert.deepEqual(
    [...claims.values()].map((claim) => claim.toHex()),
    expected,
  )
})

test('a manifest out of form is a fault', () => {
  for (const { why, manifest } of vector.otherManifests)
    assert.throws(() => parseManifest(Buffer.from(manifest)), Fault, why)
})

test('a bundle holds these names, in this order, and no others', async () => {
  const archive = Buffer.concat([
    ...vector.names.map((name) => encodeMember({ name, bytes: Buffer.from('x') })),
    TAR_END,
  ])
  const members = new Members(
    (async function* () {
      yield archive
    })(),
  )
  const taken = []
  for (let member = await members.take(); member !== undefined; member = await members.take()) taken.push(member.name)
  assert.deepEqual(taken, vector.names)
  for (const name of vector.otherNames) assert.equal(parseName(name), undefined, name)
})

test('a bundle that ends too soon, or goes on with something else, says where and with what', async () => {
  const reading = (...names: string[]): Members =>
    new Members(
      (async function* () {
        yield Buffer.concat([...names.map((name) => encodeMember({ name, bytes: Buffer.from('x') })), TAR_END])
      })(),
    )
  await assert.rejects(reading().demand('manifest'), /: it ends where its manifest should stand$/)
  await assert.rejects(reading('node.json').demand('manifest'), /: node\.json stands where its manifest should stand$/)
})

test('no bytes make the readers of manifest and end throw anything but a fault', () => {
  const base = Buffer.from(vector.manifest)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 500 }),
        fc.json().map((text) => Buffer.from(text)),
        fc.tuple(fc.nat(base.length - 1), fc.nat(255)).map(([at, value]) => {
          const copy = Buffer.from(base)
          copy[at] = value
          return copy
        }),
      ),
      (bytes) => {
        for (const parse of [parseManifest, parseEnd])
          try {
            parse(bytes)
          } catch (error) {
            assert.ok(error instanceof Fault, String(error))
          }
      },
    ),
    { numRuns: rounds({ test: 1000, ci: 10_000, soak: 500_000 }) },
  )
})

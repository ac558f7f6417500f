// An archive is read as it was written; whatever else tar can say, and whatever is no tar, is refused by its place.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounds } from '#test/rounds.ts'
import { Fault } from './fault.ts'
import { encodeMember, readTar, TAR_END, type TarMember } from './tar.ts'

const BOUNDS = { memberBytesMax: 100_000, membersMax: 50 }

const archive = (...members: TarMember[]): Buffer => Buffer.concat([...members.map(encodeMember), TAR_END])

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const readAll = async (bytes: Uint8Array, size = 65_536): Promise<{ name: string; text: string }[]> => {
  const found = []
  for await (const { name, bytes: content } of readTar(inPieces(bytes, size), BOUNDS))
    found.push({ name, text: Buffer.from(content).toString('latin1') })
  return found
}

const two: TarMember[] = [
  { name: 'manifest.json', bytes: Buffer.from('{}') },
  { name: 'tile/entries/x001/234.p/5', bytes: Buffer.alloc(1024, 7) },
]

test('what is written is read, in any cut, and any tar tool reads it too', async () => {
  const bytes = archive(...two, { name: 'empty', bytes: new Uint8Array(0) })
  for (const size of [1, 511, 512, 513, 10_000])
    assert.deepEqual(
      (await readAll(bytes, size)).map(({ name, text }) => [name, text.length]),
      [
        ['manifest.json', 2],
        ['tile/entries/x001/234.p/5', 1024],
        ['empty', 0],
      ],
    )
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-tar-`)
  writeFileSync(join(folder.path, 'a.tar'), bytes)
  assert.equal(
    execFileSync('tar', ['-tf', join(folder.path, 'a.tar')], { encoding: 'utf8' }),
    'manifest.json\ntile/entries/x001/234.p/5\nempty\n',
  )
})

test('the end is the end: nothing behind it is asked for', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield archive(...two)
    assert.fail('it was read on')
  }
  let count = 0
  for await (const _ of readTar(endless(), BOUNDS)) count += 1
  assert.equal(count, 2)
})

test('cut at any byte it says so, after what was whole', async () => {
  const bytes = archive(...two)
  for (let length = 0; length < bytes.length; length += 1)
    await assert.rejects(readAll(bytes.subarray(0, length)), { code: 'input.malformed' }, `${length} bytes`)
})

/** A header with fields changed behind its back, and the checksum put right again. */
function forged(change: (header: Buffer) => void, content: Uint8Array = Buffer.from('{}')): Buffer {
  const member = Buffer.from(encodeMember({ name: 'manifest.json', bytes: content }))
  change(member)
  let sum = 0
  for (let i = 0; i < 512; i += 1) sum += i >= 148 && i < 156 ? 0x20 : (member[i] ?? 0)
  member.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([member, TAR_END])
}

const named = (name: string): Buffer =>
  forged((header) => {
    header.fill(0, 0, 100)
    header.write(name, 0, 'latin1')
  })

test('names that lead anywhere, links, devices, folders, long names and extended headers are refused', async () => {
  for (const name of ['../x', '/etc/passwd', 'a/../b', 'a//b', './a', 'a/', '.hidden', 'a\\b', 'a\nb', 'C:x', 'ä', ''])
    await assert.rejects(readAll(named(name)), { code: 'input.malformed' }, JSON.stringify(name))
  for (const type of '1234567LKxgSDMNVX ')
    await assert.rejects(
      readAll(forged((header) => void header.write(type, 156, 'latin1'))),
      { code: 'input.malformed' },
      type,
    )
  const linked = forged((header) => void header.write('/etc/passwd', 157, 'latin1'))
  const prefixed = forged((header) => void header.write('../..', 345, 'latin1'))
  for (const bytes of [linked, prefixed]) await assert.rejects(readAll(bytes), { code: 'input.malformed' })
  assert.throws(() => encodeMember({ name: 'a'.repeat(101), bytes: new Uint8Array(0) }))
})

test('sizes are bounded before anything is held, in every spelling', async () => {
  const sized = (field: string | Buffer): Buffer =>
    forged((header) => {
      header.fill(0, 124, 136)
      if (typeof field === 'string') header.write(field, 124, 'latin1')
      else header.set(field, 124)
    })
  const binary = Buffer.alloc(12)
  binary[0] = 0x80
  binary[4] = 0x7f
  for (const field of ['77777777777\0', '00000303241\0', '-0000000002\0', '0000000002x', '', '9\0', binary])
    await assert.rejects(readAll(sized(field)), { code: 'input.malformed' })
  const many = archive(...Array.from({ length: 51 }, (_, i) => ({ name: `f${i}`, bytes: new Uint8Array(0) })))
  await assert.rejects(readAll(many), /more than 50 files/)
})

test('no bytes make the reader throw anything but a fault', async () => {
  const base = archive(...two)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 3000 }),
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
          const copy = Buffer.from(base)
          for (const [at, value] of changes) copy[at] = value
          return copy
        }),
      ),
      fc.integer({ min: 1, max: 700 }),
      async (bytes, size) => {
        await readAll(bytes, size).catch((error: unknown) => assert.ok(error instanceof Fault, String(error)))
      },
    ),
    { numRuns: rounds({ test: 500, ci: 5000, soak: 200_000 }) },
  )
})

import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '../fault.ts'
import {
  encodeBundle,
  entriesPath,
  parseBundle,
  parseTile,
  parseTilePath,
  tileLevels,
  tilePath,
  tileWidth,
} from './tile.ts'

test('paths are those of the specification', () => {
  assert.equal(tilePath(0, 1_234_067, 256), 'tile/0/x001/x234/067')
  assert.equal(tilePath(2, 0, 1), 'tile/2/000.p/1')
  assert.equal(tilePath(1, 1000, 255), 'tile/1/x001/000.p/255')
  assert.equal(entriesPath(999, 256), 'tile/entries/999')
  assert.deepEqual(parseTilePath('tile/0/x001/x234/067'), { level: 0, index: 1_234_067, width: 256 })
  assert.deepEqual(parseTilePath('tile/entries/000.p/9'), { level: 'entries', index: 0, width: 9 })
})

test('a path has one spelling', () => {
  const wrong = [
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/001/000',
    'tile/0/x000/001',
    'tile/0/x001',
    'tile/0/X001/000',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/1000',
    'tile/0/000.p/',
    'tile/0/000/',
    'tile/0/000\n',
    '/tile/0/000',
    'tile/0/../000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/x999/000',
    'tile/Entries/000',
    '',
  ]
  for (const path of wrong) assert.equal(parseTilePath(path), undefined, path)
})

test('what is written is read back, and only that is read', () => {
  const levels = fc.oneof(fc.nat(63), fc.constant('entries' as const))
  fc.assert(
    fc.property(levels, fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      assert.deepEqual(parseTilePath(tilePath(level, index, width)), { level, index, width })
    }),
  )
  fc.assert(
    fc.property(fc.stringMatching(/^tile\/[0-9e]{1,2}\/[x0-9/]{0,12}(\.p\/[0-9]{0,4})?$/), (path) => {
      const read = parseTilePath(path)
      if (read !== undefined) assert.equal(tilePath(read.level, read.index, read.width), path)
    }),
  )
})

test('widths of the trees that the specification names', () => {
  assert.deepEqual(tileLevels(0), [])
  assert.deepEqual(tileLevels(256), [
    { full: 1, partial: 0 },
    { full: 0, partial: 1 },
  ])
  assert.deepEqual(tileLevels(70_000), [
    { full: 273, partial: 112 },
    { full: 1, partial: 17 },
    { full: 0, partial: 1 },
  ])
  assert.equal(tileLevels(Number.MAX_SAFE_INTEGER).length, 7)
  assert.deepEqual(
    [tileWidth(0, 273, 70_000), tileWidth(0, 272, 70_000), tileWidth(0, 274, 70_000), tileWidth(2, 0, 70_000)],
    [112, 256, 0, 1],
  )
})

test('a bundle gives its entries back, of any length up to 65,535', () => {
  const entries = [new Uint8Array(0), new Uint8Array(53).fill(1), new Uint8Array(65_535).fill(2)]
  assert.deepEqual(parseBundle(encodeBundle(entries), 3), entries)
  assert.equal(encodeBundle([new Uint8Array(53)]).length, 55)
  assert.throws(() => encodeBundle([new Uint8Array(65_536)]), { code: 'input.too-large' })
})

test('a bundle or tile of another width is refused', () => {
  const bytes = encodeBundle([new Uint8Array(53), new Uint8Array(53)])
  for (const width of [-1, 0, 1, 3, 257]) assert.throws(() => parseBundle(bytes, width), { code: 'log.invalid' })
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => parseBundle(bytes.subarray(0, length), 2), { code: 'log.invalid' })
  }
  assert.equal(parseTile(new Uint8Array(96), 3).length, 3)
  for (const width of [0, 2, 4, 257]) assert.throws(() => parseTile(new Uint8Array(96), width), { code: 'log.invalid' })
})

test('no bytes make the bundle parser throw anything but a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(300), (bytes, width) => {
      try {
        assert.deepEqual(encodeBundle(parseBundle(bytes, width)), bytes)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
      }
    }),
  )
})

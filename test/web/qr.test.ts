// A QR code as it is drawn has exactly the dark modules that it was made of, with the quiet zone around them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from 'uqr'
import { pathOf } from '#web/account/qr-path.ts'

const URI = 'otpauth://totp/CERT%20North:mara?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=CERT%20North'

/** Fills what a path encloses, as a browser would. */
function paint(path: string, size: number): boolean[][] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  for (const bar of path.split('z').filter((each) => each !== '')) {
    const [, x, y, width, back] = /^M(\d+) (\d+)h(\d+)v1H(\d+)$/.exec(bar) ?? assert.fail(`${bar} is no bar`)
    assert.equal(x, back, 'a bar ends where it began')
    for (let at = 0; at < Number(width); at += 1) (rows[Number(y)] as boolean[])[Number(x) + at] = true
  }
  return rows
}

test('a code is drawn module for module', () => {
  const { data, size } = encode(URI, { ecc: 'M', border: 4 })
  assert.deepEqual(paint(pathOf(data), size), data)
})

test('four modules around it stay empty', () => {
  const { data, size } = encode(URI, { ecc: 'M', border: 4 })
  const painted = paint(pathOf(data), size)
  for (const [y, row] of painted.entries())
    for (const [x, dark] of row.entries())
      if (Math.min(x, y, size - 1 - x, size - 1 - y) < 4) assert.equal(dark, false, `${x}, ${y}`)
  assert.ok(painted[4]?.[4], 'the first corner mark begins behind them')
})

test('a code of nothing dark is no path', () => {
  assert.equal(pathOf([[false, false]]), '')
})

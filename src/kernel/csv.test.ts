import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounds } from '#test/rounds.ts'
import { csvCell, csvRow } from './csv.ts'

test('a cell that a spreadsheet would run is text', () => {
  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =cmd|x', '\n=1', '＝1', '\u0000=1'])
    assert.equal(csvCell(formula), `"'${formula}"`)
  for (const text of ['user:mara', 'a=b', '', 'peer-1']) assert.equal(csvCell(text), `"${text}"`)
  assert.equal(csvCell(-5), '"-5"', 'a number of ours is a number')
})

test('whatever stands in a row comes out of it again, and no cell begins like a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (cells) => {
      const row = csvRow(cells)
      const read = [...row.matchAll(/"((?:[^"]|"")*)"(?:,|\r\n)/g)].map(([, cell = '']) => cell.replaceAll('""', '"'))
      assert.equal(read.length, cells.length)
      for (const [i, cell] of read.entries()) {
        assert.ok(cell === cells[i] || cell === `'${cells[i]}`)
        assert.doesNotMatch(cell, /^\s*[=+\-@]/)
      }
    }),
    { numRuns: rounds({ test: 300, soak: 100_000 }) },
  )
})

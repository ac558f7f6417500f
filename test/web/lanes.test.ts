// A line for each record while there are few; with many a lane for each kind, opened to its records.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lanesOf, linesOf, ROWS_MAX } from '#web/time/lanes.ts'
import type { Row } from '#web/time/rows.ts'

const row = (id: string, type: string, firstMs: number, word: string | undefined = 'uses'): Row => ({
  id,
  item: { id, type, tlp: 'GREEN', times: [], ...(word === undefined ? {} : { word }) },
  spans: [],
  moments: [],
  firstMs,
  lastMs: firstMs,
})
const self: Row = { ...row('self', 'campaign', 0), item: { id: 'self', type: 'campaign', tlp: 'GREEN', times: [] } }
const many = [
  self,
  ...Array.from({ length: ROWS_MAX }, (_, at) => row(`i${at}`, 'indicator', 10 + at)),
  row('r', 'report', 5),
  row('m1', 'malware', 7),
  row('m2', 'malware', 8),
].toSorted((a, b) => a.firstMs - b.firstMs)

test('few records have a line each', () => {
  const lines = linesOf(many.slice(0, ROWS_MAX), new Set())
  assert.deepEqual([lines.length, lanesOf(lines)], [ROWS_MAX, []])
})

test('many are one lane for each kind, after the record itself; what is alone of its kind keeps its line', () => {
  const lines = linesOf(many, new Set())
  assert.deepEqual(
    lines.map(({ key, rows }) => [key, rows.length]),
    [
      ['self', 1],
      ['r', 1],
      ['lane malware', 2],
      ['lane indicator', ROWS_MAX],
    ],
  )
})

test('an open lane is followed by its records, and no record is lost or shown twice', () => {
  const lines = linesOf(many, new Set(['malware', 'indicator']))
  const shown = lines.filter(({ kind }) => kind === 'row').flatMap(({ rows }) => rows.map(({ id }) => id))
  assert.deepEqual(shown.toSorted(), many.map(({ id }) => id).toSorted())
  assert.deepEqual(
    lines.slice(2, 5).map(({ key, kind }) => [key, kind === 'row']),
    [
      ['lane malware', false],
      ['m1', true],
      ['m2', true],
    ],
  )
})

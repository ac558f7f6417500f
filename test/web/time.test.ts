// What stands on the line of time, where, and which times its axis names.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimelineItem } from '#sharing/picture/wire.ts'
import { extentOf, movedBy, rowsOf, ticksOf, zoomedTo } from '#web/time/rows.ts'

const at = (day: number): number => Date.UTC(2026, 0, day)
const time = (property: string, day: number): { property: string; at: string } => ({
  property,
  at: new Date(at(day)).toISOString(),
})
const item = (id: string, times: TimelineItem['times'], more: Partial<TimelineItem> = {}): TimelineItem => ({
  id,
  type: 'indicator',
  tlp: 'GREEN',
  times,
  word: 'uses',
  ...more,
})

test('the record itself stands first, then what began first; what has no time is left out', () => {
  const rows = rowsOf([
    item('late', [time('first_seen', 9)]),
    item('none', []),
    item('early', [time('valid_from', 2), time('valid_until', 5)]),
    { id: 'self', type: 'campaign', tlp: 'GREEN', times: [time('modified', 20)] },
  ])
  assert.deepEqual(
    rows.map((row) => row.id),
    ['self', 'early', 'late'],
  )
  assert.deepEqual(rows[1]?.spans, [{ kind: 'valid', fromMs: at(2), toMs: at(5) }])
  assert.deepEqual(rows[2]?.spans, [{ kind: 'seen', fromMs: at(9), toMs: undefined }])
})

test('the line to a record has times of its own, an end before its beginning counts as none, and what is known elsewhere joins', () => {
  const [row] = rowsOf(
    [
      item('a', [time('first_seen', 9), time('last_seen', 3)], {
        joined: [time('start_time', 4), time('stop_time', 6)],
      }),
    ],
    [
      { id: 'a', moment: { kind: 'warning', property: 'warning', atMs: at(7) } },
      { id: 'other', moment: { kind: 'warning', property: 'warning', atMs: at(1) } },
    ],
  )
  assert.deepEqual(
    row?.spans.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [
      [at(9), undefined],
      [at(4), at(6)],
    ],
  )
  assert.deepEqual(
    row?.moments.map(({ kind, atMs }) => [kind, atMs]),
    [['warning', at(7)]],
  )
  assert.deepEqual([row?.firstMs, row?.lastMs], [at(4), at(9)])
})

test('a slip of the pen does not make everything else a dot', () => {
  const [row] = rowsOf([item('a', [{ property: 'first_seen', at: '0001-01-01T00:00:00Z' }, time('published', 3)])])
  assert.deepEqual([row?.firstMs, row?.spans], [at(3), []])
})

test('the whole line has all of it in view, up to now where something has no end', () => {
  const closed = extentOf(rowsOf([item('a', [time('first_seen', 2), time('last_seen', 8)])]), at(30))
  assert.ok(closed.fromMs < at(2) && closed.toMs > at(8) && closed.toMs < at(10))
  const open = extentOf(rowsOf([item('a', [time('first_seen', 2)])]), at(30))
  assert.ok(open.toMs > at(30))
})

test('what is under the hand stays there, and an axis names round times in UTC, never too many', () => {
  const view = { fromMs: at(1), toMs: at(11) }
  assert.deepEqual(zoomedTo(view, 2, 0), { fromMs: at(1), toMs: at(6) })
  assert.deepEqual(movedBy(view, 0.5), { fromMs: at(6), toMs: at(16) })
  assert.deepEqual(
    ticksOf(view, 12).map(({ atMs }) => atMs),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(at),
  )
  assert.deepEqual(
    ticksOf({ fromMs: Date.UTC(2025, 5, 3), toMs: Date.UTC(2026, 2, 3) }, 12).map(({ atMs }) =>
      new Date(atMs).getUTCMonth(),
    ),
    [6, 7, 8, 9, 10, 11, 0, 1, 2],
  )
  for (let span = 60_000; span < 1e12; span *= 1.7) {
    const ticks = ticksOf({ fromMs: at(1), toMs: at(1) + span }, 10)
    assert.ok(ticks.length <= 12, `${ticks.length} ticks for ${span} ms`)
  }
})

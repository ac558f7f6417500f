// What can be said about several warnings at once: each verb about those it fits, and nothing about what is over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WarningView } from '#warning/wire.ts'
import { verbsFor } from '#web/parts/warning-fits.ts'

const warning = (id: number, more: Partial<WarningView>): WarningView =>
  ({ id, state: 'new', matches: [], ...more }) as unknown as WarningView
const quiet = { until: '2026-01-02T00:00:00Z', reason: 'a drill', by: 'mara' } as unknown as NonNullable<
  WarningView['muted']
>
const said = (...warnings: WarningView[]) =>
  verbsFor(warnings).map(([verb, fitting]) => [verb, fitting.map(({ id }) => id)])

test('each verb names those it fits', () => {
  assert.deepEqual(said(warning(1, {}), warning(2, { state: 'acknowledged' }), warning(3, { muted: quiet })), [
    ['acknowledge', [1, 3]],
    ['assign', [1, 2, 3]],
    ['mute', [1, 2]],
    ['unmute', [3]],
    ['close', [2]],
  ])
})

test('closing wants to have been acknowledged first', () => {
  assert.ok(!said(warning(1, {})).some(([verb]) => verb === 'close'))
})

test('nothing is said about what is closed or retracted', () => {
  assert.deepEqual(said(warning(1, { state: 'closed' }), warning(2, { state: 'retracted' })), [])
})

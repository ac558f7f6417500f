// The order of an inbox is made of reasons that can be named.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WarningView } from '#warning/wire.ts'
import { inGroups, inOrder, reasonsFor } from '../../src/web/parts/warning-order.ts'

const warning = (id: number, more: Partial<WarningView> = {}): WarningView => ({
  id,
  state: 'new',
  reason: '',
  asset: `asset ${id}`,
  what: 'x',
  object: `indicator--${id}`,
  type: 'indicator',
  author: 'b.example',
  tlp: 'GREEN',
  firstSeen: '2026-01-01T00:00:00Z',
  changed: '2026-01-01T00:00:00Z',
  matches: [{ watched: '192.0.2.0/24', kind: 'ipv4', value: `192.0.2.${id}`, at: '2026-01-01T00:00:00Z' }],
  ...more,
})
const exactly = (value: string): Partial<WarningView> => ({
  matches: [{ watched: value, kind: 'domain', value, at: '2026-01-01T00:00:00Z' }],
})

test('what several members say about one asset comes first, then what is exactly watched, then what is newest', () => {
  const all = [
    warning(1, { asset: 'gate' }),
    warning(2, { asset: 'gate', author: 'c.example' }),
    warning(3),
    warning(4, exactly('h.example')),
    warning(5),
  ]
  assert.deepEqual(
    inOrder(all).map(({ id }) => id),
    [2, 1, 4, 5, 3],
  )
  assert.deepEqual(reasonsFor(all[0] as WarningView, all).members, ['b.example', 'c.example'])
  assert.deepEqual(reasonsFor(all[2] as WarningView, all).members, ['b.example'])
})

test('each stands in one group: without an owner, one’s own, others’, muted, done', () => {
  const muted = { until: '2026-01-02T00:00:00Z', reason: 'x' }
  const groups = inGroups(
    [
      warning(1, { state: 'closed' }),
      warning(2, { assigned: 'me' }),
      warning(3, { assigned: 'you', state: 'acknowledged' }),
      warning(4, { muted, assigned: 'me' }),
      warning(5),
      warning(6, { state: 'acknowledged' }),
    ],
    'me',
  )
  assert.deepEqual(
    groups.map(({ key, items }) => [key, items.map(({ id }) => id)]),
    [
      ['needOwner', [5]],
      ['yours', [2]],
      ['others', [6, 3]],
      ['muted', [4]],
      ['done', [1]],
    ],
  )
})

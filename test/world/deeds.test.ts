// What stands in the audit log says enough to know later what was done.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { TrustView } from '#federation/witness/wire.ts'
import { World } from './world.ts'

test('a policy of witnesses that is set or taken back stands in the audit log by its quorum and its hash', async () => {
  const world = new World('deeds')
  await using _ = world
  const a = await world.add('a.example')
  const text = 'quorum none\n'
  await world.api<TrustView>(a, 'PUT', '/trust', { text })
  await world.api<TrustView>(a, 'DELETE', '/trust')
  const rows = await a.store.all<{ action: string; detail: string }>(
    "SELECT action, detail FROM audit WHERE action LIKE 'trust.%' ORDER BY id",
  )
  const detail = JSON.stringify({ quorum: 'none', sha256: hash('sha256', text) })
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { action: 'trust.set', detail },
      { action: 'trust.reset', detail },
    ],
  )
})

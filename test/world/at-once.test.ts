// How many questions of one peer are answered at once: whatever it asks for, no more than others can bear.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requirePeer } from '#federation/peers.ts'
import { LIMITS } from '#kernel/limits.ts'
import { stage } from './stage.ts'

test('of many questions of one peer a few are answered at once, whether for deliveries or for what it gave', async () => {
  const { world, a } = await stage('at once')
  await using _ = world
  const { document } = await requirePeer(a.store, 'b.example')
  for (const path of [
    '/peer/deliveries?after=0',
    '/peer/returns?after=-1',
    '/peer/returns/held?origin=a.example/log&after=-1',
  ]) {
    const answers = await Promise.allSettled(
      Array.from({ length: 3 * LIMITS.peerRequestsMax }, () =>
        a.federation.caller.call(document, { method: 'GET', url: `http://b.example${path}` }),
      ),
    )
    const refused = answers.filter((each) => each.status === 'rejected').map(({ reason }) => String(reason))
    assert.equal(refused.length, 2 * LIMITS.peerRequestsMax, path)
    assert.ok(
      refused.every((reason) => reason.includes('at once')),
      refused[0] ?? path,
    )
  }
})

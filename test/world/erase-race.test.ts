// What was read of a record before it was erased, and is written a moment after, leaves nothing of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyCommand } from '#kernel/store/types.ts'
import { base, id, oneWith, put, TIME } from './objects.ts'
import type { WorldMember } from './world.ts'

const WORD = 'kellerassel'
const indicator = base('indicator', 1, {
  name: 'i',
  pattern: `[domain-name:value = '${WORD}.watched.example']`,
  pattern_type: 'stix',
  valid_from: TIME,
  indicator_types: ['malicious-activity'],
})

/** Does something once, right before the first write of a command that is about something. Answers whether it came to that. */
function before<T>(
  { store }: WorldMember,
  { command, about }: { readonly command: string; readonly about: (input: T) => boolean },
  act: () => Promise<unknown>,
): () => boolean {
  const open = store as unknown as { write: (command: AnyCommand, input: never, ...rest: never[]) => Promise<unknown> }
  const write = open.write.bind(store)
  let done = false
  open.write = async (each, input, ...rest) => {
    if (!done && each.name === command && about(input)) {
      done = true
      await act()
    }
    return write(each, input, ...rest)
  }
  return () => done
}

for (const [path, reason, what] of [
  ['/erasures', 'personal-data', 'erased'],
  ['/withdrawals', 'sent-in-error', 'withdrawn'],
] as const)
  test(`a match that is found while its record is being ${what} leaves nothing of it`, async () => {
    const { world, node } = await oneWith(`race match ${what}`, [])
    await using _ = world
    await world.api(node, 'POST', '/watch', { value: 'watched.example', asset: 'Web' })
    await node.warning.settle()
    const found = { command: 'warning.record-matches', about: ({ hits }: { hits: unknown[] }) => hits.length > 0 }
    const raced = before(node, found, () => world.api(node, 'POST', path, { id: id('indicator', 1), reason }))
    await put(node, [indicator])
    await node.warning.settle()
    assert.ok(raced())
    assert.deepEqual(await node.store.all('SELECT value FROM evidence'), [])
    await world.quiesce()
    const { items } = await world.api<{ items: { state: string }[] }>(node, 'GET', '/warnings')
    assert.deepEqual(items, [])
  })

for (const [what, sent] of [
  ['that quotes what it was in conflict with', 'other'],
  ['that only names what was here already', WORD],
] as const)
  test(`a status ${what} is not kept once that was erased`, async () => {
    const { world, node } = await oneWith(`race status ${sent}`, [base('malware', 1, { name: WORD, is_family: true })])
    await using _ = world
    const { secret } = await world.api<{ secret: string }>(node, 'POST', '/clients', {
      name: 'feeder',
      actsFor: 'self',
      grants: [{ collection: 'c', read: true, write: true }],
    })
    const erase = (): Promise<unknown> =>
      world.api(node, 'POST', '/erasures', { id: id('malware', 1), reason: 'personal-data' })
    const raced = before(node, { command: 'sharing.save-status', about: () => true }, erase)
    const media = 'application/taxii+json;version=2.1'
    const { statusCode } = await node.app.inject({
      method: 'POST',
      url: '/taxii2/api/collections/c/objects/',
      headers: { authorization: `Bearer ${secret}`, accept: media, 'content-type': media },
      payload: JSON.stringify({ objects: [base('malware', 1, { name: sent, is_family: true })] }),
    })
    assert.ok(raced() && statusCode === 202)
    assert.deepEqual(await node.store.all('SELECT uuid FROM taxii_status'), [])
  })

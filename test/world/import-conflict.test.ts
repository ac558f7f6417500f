// An import that meets another value under the same id and version: whoever sends it is shown that value only if they may
// read it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportEvent } from '#sharing/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, RED, type Fields } from './objects.ts'
import type { WorldMember } from './world.ts'

const SECRET = 'Kellerassel'
const malware = (n: number, name: string, more: Fields = {}): Fields =>
  base('malware', n, { name, is_family: true, ...more })

/** What an import of these objects answers about those that conflict. */
async function conflicts(node: WorldMember, headers: Record<string, string>, objects: readonly Fields[]) {
  const { body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${'7'.repeat(64)}`,
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    payload: objects.map((object) => JSON.stringify(object)).join('\n'),
  })
  const events = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ImportEvent)
  return events.flatMap((event) => (event.kind === 'refused' && event.outcome === 'conflict' ? [event] : []))
}

const namesIn = (events: readonly { readonly stored?: string }[]): (string | undefined)[] =>
  events.map(({ stored }) => (stored === undefined ? undefined : (JSON.parse(stored) as { name: string }).name))

test('a conflict with a RED record is told to everybody, and the record to whom may read it', async () => {
  const { world, node } = await oneWith('conflict', [
    malware(1, SECRET, { object_marking_refs: [RED] }),
    malware(2, 'Asselspinne'),
  ])
  await using _ = world
  const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', { name: 'p', role: 'contributor' })
  const token = { authorization: `Bearer ${secret}` }
  const user = await signedIn(node, { name: 'ana', role: 'contributor' })
  const named = await signedIn(node, { name: 'ben', role: 'contributor', red: true })
  for (const [headers, seen] of [
    [token, undefined],
    [user, undefined],
    [named, SECRET],
  ] as const) {
    const told = await conflicts(node, headers, [malware(1, 'guess'), malware(2, 'guess')])
    assert.deepEqual(
      told.map((event) => event.id),
      [id('malware', 1), id('malware', 2)],
    )
    assert.ok(told.every(({ sent }) => sent?.includes('guess')))
    assert.deepEqual(namesIn(told), [seen, 'Asselspinne'])
    assert.ok(seen === SECRET || !JSON.stringify(told).includes(SECRET))
  }
  const answers = await node.store.all('SELECT principal, route, count FROM answer')
  assert.deepEqual(
    answers.map((row) => ({ ...row })),
    [{ principal: 'self/machine', route: 'import/conflict', count: 1 }],
  )
})

test('what came earlier in the same import is shown to whoever sends both', async () => {
  const { world, node } = await oneWith('conflict within', [])
  await using _ = world
  const headers = await signedIn(node, { name: 'ana', role: 'contributor' })
  const marked = { object_marking_refs: [RED] }
  const told = await conflicts(node, headers, [malware(1, 'first', marked), malware(1, 'second', marked)])
  assert.deepEqual(namesIn(told), ['first'])
})

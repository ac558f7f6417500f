// Small STIX objects with ids one can read, and a node that holds them: for what is shown, related and drawn.
import assert from 'node:assert/strict'
import { World, type WorldMember } from './world.ts'

export const RED = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'
export const TIME = '2026-01-01T00:00:00.000Z'

export type Fields = Readonly<Record<string, unknown>>

export const id = (type: string, n: number): string => `${type}--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

export const base = (type: string, n: number, more: Fields): Fields => ({
  type,
  spec_version: '2.1',
  id: id(type, n),
  created: TIME,
  modified: TIME,
  ...more,
})

let sources = 0

/** Imports objects into the collection `c` of a member; each of them must be new. */
export async function put(member: WorldMember, objects: readonly Fields[]): Promise<void> {
  sources += 1
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${sources.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: objects.map((object) => JSON.stringify(object)).join('\n'),
  })
  assert.match(body, new RegExp(`"added":${objects.length}`), body)
}

/** A world of one member, whose collection `c` for all peers holds these objects. */
export async function oneWith(
  seed: string,
  objects: readonly Fields[],
  strictness: 'strict' | 'lenient' = 'strict',
): Promise<{ world: World; node: WorldMember }> {
  const world = new World(seed)
  const node = await world.add('a.example')
  await world.api(node, 'POST', '/collections', {
    title: 'c',
    alias: 'c',
    share: 'peers',
    strictness,
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  await put(node, objects)
  return { world, node }
}

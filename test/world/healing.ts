// Three members, of which one or the other loses its disk.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { World, type WorldMember } from './world.ts'

export type Scene = {
  readonly world: World
  readonly a: WorldMember
  readonly b: WorldMember
  readonly c: WorldMember
} & AsyncDisposable

/** `a.example`, with a collection for both its peers, one for `b.example`, and one that it keeps to itself. */
export async function scene(): Promise<Scene> {
  const folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const world = new World('heal', folder.path)
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(a, c)
  for (const [alias, tlp, named] of [
    ['open', 'GREEN', []],
    ['for-b', 'AMBER', ['b.example']],
    ['own', 'RED', []],
  ] as const)
    await world.api(a, 'POST', '/collections', {
      title: alias,
      alias,
      share: alias === 'own' ? 'none' : 'peers',
      named,
      marking: { tlp, audience: { named: false, communities: [] }, personal: 'none' },
    })
  await world.quiesce()
  const gone = async (): Promise<void> => {
    await world[Symbol.asyncDispose]()
    folder.remove()
  }
  return { world, a, b, c, [Symbol.asyncDispose]: gone }
}

let said = 0

/** A member says one identity. `outcome` is what becomes of it: `added`, or `kept` while nothing may be signed. */
export async function say(
  world: World,
  member: WorldMember,
  collection: string,
  name: string,
  outcome = 'added',
): Promise<string> {
  world.clock.advance(1000)
  said += 1
  const id = `identity--00000000-0000-4000-8000-${said.toString(16).padStart(12, '0')}`
  const time = '2026-01-01T00:00:00.000Z'
  const response = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${said.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({ type: 'identity', spec_version: '2.1', id, created: time, modified: time, name }),
  })
  assert.match(response.body, new RegExp(`"${outcome}":1`), response.body)
  return id
}

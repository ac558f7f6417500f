// Bundles between members of a world, as people carry them.
import assert from 'node:assert/strict'
import { Fault } from '#kernel/fault.ts'
import type { BundleEvent } from '#federation/bundle/wire.ts'
import { requirePeer } from '#federation/peers.ts'
import { uuidv4 } from '#kernel/id.ts'
import type { World, WorldMember } from './world.ts'

export type WriteOptions = { readonly maxBytes?: number; readonly goOn?: string; readonly all?: boolean }

/** What a member writes for another, as one file. */
export async function write(from: WorldMember, to: string, options: WriteOptions = {}): Promise<Buffer> {
  const peer = await requirePeer(from.store, to)
  return Buffer.concat(await Array.fromAsync(from.federation.bundles.write(peer, { actor: 'test', ...options })))
}

/** All events of reading a file. Throws the Fault that ended it. */
export async function read(at: WorldMember, file: Uint8Array, cut = 65_536): Promise<BundleEvent[]> {
  return Array.fromAsync(at.federation.bundles.read('test', inPieces(file, cut)))
}

/** How reading a file ends: what was taken, or the message of the Fault. */
export async function outcome(
  at: WorldMember,
  file: Uint8Array,
): Promise<Extract<BundleEvent, { kind: 'done' }> | string> {
  try {
    const last = (await read(at, file)).at(-1)
    assert.ok(last?.kind === 'done')
    return last
  } catch (error) {
    assert.ok(error instanceof Fault, String((error as Error).stack))
    return error.message
  }
}

/** There and back again. */
export async function carry(a: WorldMember, b: WorldMember): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const end = await outcome(to, await write(from, to.name))
    assert.ok(typeof end === 'object', String(end))
  }
}

async function* inPieces(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size)
}

/** Publishes one indicator in a collection that goes to every peer. Returns its id. */
export async function publish(world: World, member: WorldMember, name: string): Promise<string> {
  const known = await world.api<{ items: { alias?: string }[] }>(member, 'GET', '/collections')
  if (!known.items.some(({ alias }) => alias === 'open'))
    await world.api(member, 'POST', '/collections', {
      title: 'Open',
      alias: 'open',
      share: 'peers',
      marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
    })
  world.clock.advance(1000)
  const time = new Date(world.clock.nowMs()).toISOString()
  const id = `indicator--${uuidv4(world.random(16))}`
  const object = {
    type: 'indicator',
    spec_version: '2.1',
    id,
    created: time,
    modified: time,
    name,
    pattern: "[domain-name:value = 'x.example']",
    pattern_type: 'stix',
    valid_from: time,
  }
  await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${Buffer.from(world.random(32)).toString('hex')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(object),
  })
  return id
}

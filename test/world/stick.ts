// Bundles between members of a world, as people carry them.
import assert from 'node:assert/strict'
import { Fault } from '#kernel/fault.ts'
import type { BundleEvent } from '#federation/bundle/wire.ts'
import { requirePeer } from '#federation/peers.ts'
import type { WorldMember } from './world.ts'

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

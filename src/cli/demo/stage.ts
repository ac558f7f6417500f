// What the scenes of the demo share: the members on the stage, and how a claim is checked.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#kernel/fault.ts'
import type { RecordView } from '#sharing/wire.ts'
import type { Output } from '../output.ts'
import { runCommand, type Member } from './member.ts'
import type { Relay } from './relay.ts'

export const COMMUNITY = 'energy.example'
export const CERT = 'cert.aurora.example'
export const GRID = 'grid.cascade.example'
export const LAB = 'lab.borealis.example'
/** How long news may take to arrive on a busy machine. */
const ARRIVE_MS_MAX = 30_000

export type Stage = {
  readonly out: Output
  readonly root: string
  readonly cert: Member
  readonly grid: Member
  readonly lab: Member
  readonly relay: Relay
}

export function check(holds: boolean, claim: string): void {
  if (!holds)
    throw new Fault('internal', `the demo expected that ${claim}, and it is not so`, {
      remedy: 'Run it again with --keep DIR and look at the node.log files there.',
    })
}

export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const started = performance.now()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() - started > ARRIVE_MS_MAX) throw new Fault('internal', `${what} did not come to pass in time`)
    await new Promise((wake) => setTimeout(wake, 50))
  }
}

export function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** Runs a command of this program on a member's data folder and returns what it printed. */
export async function commandAt(member: Member, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand([...args, '--data-dir', member.folder])
  check(code === 0, `“comity ${args[0]}” works at ${member.name} (${stderr.trim()})`)
  return stdout
}

export async function find(member: Member, words: string): Promise<RecordView | undefined> {
  const { items } = await member.client.get<{ items: RecordView[] }>('/search', { q: words, type: 'indicator' })
  return items[0]
}

export async function post(member: Member, name: string, address: string): Promise<void> {
  const now = new Date().toISOString()
  const object = {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${crypto.randomUUID()}`,
    created: now,
    modified: now,
    name,
    pattern: `[ipv4-addr:value = '${address}']`,
    pattern_type: 'stix',
    valid_from: now,
  }
  const file = join(member.folder, 'one.json')
  writeFileSync(file, JSON.stringify(object))
  await commandAt(member, ['import', file, '-c', 'advisories'])
  rmSync(file)
}

export async function failureOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return ''
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

// Nobody has what it may not have, and everybody who may has it, over random histories of members, markings, audiences,
// collections and withdrawals: not in a table, a file, an answer, a line of the log or an error.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rounds, seedOf } from '#test/rounds.ts'
import { listPeers } from '#federation/peers.ts'
import { bech32Identity } from '#kernel/recipient.ts'
import { openFile } from '#kernel/sealed-file.ts'
import { write } from './stick.ts'
import { canariesIn, Histories, NAMES, type Reader } from './history.ts'
import { tamper, type WorldMember } from './world.ts'

/** Histories of one world, whose members live through all of them. */
const PER_WORLD = 100

type Verdict = {
  readonly leaks: readonly string[]
  readonly losses: readonly string[]
  readonly allowed: number
  readonly pairs: number
}

test('over random histories everyone who may has it, and nobody else has it anywhere', async (t) => {
  const worlds = rounds({ test: 10, ci: 20, soak: 500 })
  let [allowed, pairs] = [0, 0]
  for (let i = 0; i < worlds; i += 1) {
    const seed = `${seedOf('leak')} ${i}`
    const verdict = await live(seed, { histories: PER_WORLD, inFiles: i % 10 === 0 })
    assert.deepEqual(verdict.leaks, [], `seed ${seed}`)
    assert.deepEqual(verdict.losses, [], `seed ${seed}`)
    allowed += verdict.allowed
    pairs += verdict.pairs
  }
  const share = allowed / pairs
  t.diagnostic(
    `${worlds * PER_WORLD} histories, ${pairs} pairs of record and member, ${Math.round(100 * share)} % of them allowed`,
  )
  assert.ok(share >= 0.2, 'too few were allowed to have anything for this to mean much')
})

const FAULTS: Readonly<Record<string, (histories: Histories) => Promise<void>>> = {
  'the floor switched off': async ({ world }) => {
    for (const member of world.members.values())
      await member.store.write(tamper, `UPDATE label_class SET marking = json_set(marking, '$.tlp', 'CLEAR')`)
  },
  'the audience ignored': async ({ world }) => {
    for (const member of world.members.values())
      await member.store.write(tamper, `INSERT OR IGNORE INTO named SELECT s.seq, m.id FROM statement s, member m`)
  },
  'content in a log line': async ({ said, world }) => {
    const [canary] = said.keys()
    world.members.get('d.example')?.app.log.info({ record: canary }, 'a careless line')
  },
}

for (const [name, plant] of Object.entries(FAULTS))
  test(`it is found out: ${name}`, async () => {
    let leaks = 0
    for (let i = 0; i < 5 && leaks === 0; i += 1)
      leaks = (await live(`planted ${name} ${i}`, { histories: 20, inFiles: false, plant })).leaks.length
    assert.ok(leaks > 0)
  })

async function live(
  seed: string,
  options: {
    readonly histories: number
    readonly inFiles: boolean
    readonly plant?: (histories: Histories) => Promise<void>
  },
): Promise<Verdict> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-leak-'))
  const histories = new Histories(seed, options.inFiles ? folder.path : undefined)
  await using world = histories.world
  await histories.begin()
  for (let i = 0; i < options.histories; i += 1) {
    if (i === Math.floor(options.histories / 2)) await options.plant?.(histories)
    await histories.play()
  }
  await world.quiesce()
  await histories.check.everything()
  for (const name of NAMES) await ask(histories, histories.member(name))
  for (const name of NAMES) await carryAway(histories, histories.member(name))
  return await judge(histories, options.inFiles ? folder.path : undefined)
}

/** Every way to ask: a machine client for each principal, a person, a stranger, and questions that are wrong. */
async function ask(histories: Histories, member: WorldMember): Promise<void> {
  const { world } = histories
  for (const actsFor of ['self', 'public', ...NAMES.filter((name) => name !== member.name)]) {
    const reader: Reader =
      actsFor === 'public' ? 'public' : { member: actsFor === 'self' ? member.name : actsFor, machine: true }
    const grants = histories.collections
      .filter((each) => each.owner === member.name)
      .map((each) => ({ collection: each.alias, read: true, write: false }))
    const { secret } = await world.api<{ secret: string }>(member, 'POST', '/clients', {
      name: `reader-${actsFor}`,
      actsFor,
      grants,
    })
    for (const { collection } of grants) {
      const base = `/taxii2/api/collections/${collection}`
      for (const path of ['/objects/', '/objects/?match[version]=all', '/manifest/', '/objects/?next=wrong']) {
        const text = await get(member, `${base}${path}`, `Bearer ${secret}`)
        for (const canary of histories.disclosed(text, reader, `TAXII ${path}`))
          if (actsFor !== 'self' && histories.said.get(canary)?.owner !== member.name)
            histories.leaks.push(`${member.name} passes on to ${actsFor} what another member said`)
      }
      histories.disclosed(await get(member, `${base}/objects/`), 'public', 'TAXII without a name')
    }
  }
  for (const path of ['/metrics', '/healthz', '/.well-known/comity', '/api/search?q=canary', '/api/export', '/taxii2/'])
    histories.disclosed(await get(member, path), 'public', path)
  for (const path of [
    '/api/search?q=canary&limit=200',
    '/api/export',
    '/api/audit?limit=200',
    '/api/warnings?limit=200',
  ])
    histories.disclosed(
      await get(member, path, `Bearer ${member.token}`),
      { member: member.name, machine: false },
      path,
    )
}

/** A bundle from the first item on for each peer: what is in it is that peer's to have, and what is around it says nothing. */
async function carryAway(histories: Histories, member: WorldMember): Promise<void> {
  for (const peer of await listPeers(member.store)) {
    if (peer.state !== 'approved') continue
    const reader = histories.member(peer.name)
    const file = await write(member, peer.name, { all: true })
    histories.disclosed(file, 'public', 'a bundle as it is carried')
    const inside = Buffer.concat(await Array.fromAsync(openFile([bech32Identity(reader.seeds.recipient)], once(file))))
    histories.disclosed(inside, { member: peer.name, machine: false }, 'a bundle')
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function get(member: WorldMember, url: string, authorization?: string): Promise<string> {
  const headers = {
    accept: 'application/taxii+json;version=2.1, application/json, */*',
    ...(authorization === undefined ? {} : { authorization }),
  }
  return (await member.app.inject({ method: 'GET', url, headers })).body
}

async function judge(histories: Histories, folder: string | undefined): Promise<Verdict> {
  const losses: string[] = []
  let [allowed, pairs] = [0, 0]
  for (const name of NAMES) {
    const member = histories.member(name)
    const held = histories.disclosed(await tablesOf(member), { member: name, machine: false }, 'a table')
    for (const canary of canariesIn(member.logLines.join('\n')))
      histories.leaks.push(`a log line at ${name} holds content of ${histories.said.get(canary)?.owner}`)
    if (folder !== undefined)
      for (const file of readdirSync(join(folder, name), { recursive: true, withFileTypes: true }))
        if (file.isFile())
          histories.disclosed(
            readFileSync(join(file.parentPath, file.name)),
            { member: name, machine: false },
            `the file ${file.name}`,
          )
    for (const said of histories.said.values()) {
      if (said.erased && (said.owner === name || histories.peers.has(`${said.owner} ${name}`)) && held.has(said.canary))
        histories.leaks.push(`${name} still holds what ${said.owner} erased`)
      if (said.owner === name) continue
      pairs += 1
      if (!histories.may(said, { member: name, machine: false })) continue
      allowed += 1
      if (!said.withdrawn && !held.has(said.canary)) losses.push(`${name} lacks a ${said.tlp} record of ${said.owner}`)
    }
    losses.push(...(await stillFound(histories, member)))
  }
  return { leaks: histories.leaks, losses, allowed, pairs }
}

/** Every cell of every table, as one text. */
async function tablesOf(member: WorldMember): Promise<string> {
  const tables = await member.store.all<{ name: string }>(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'record_text%'`,
  )
  const parts: string[] = []
  for (const { name } of tables)
    for (const row of await member.store.all(`SELECT * FROM "${name}"`))
      for (const value of Object.values(row))
        if (value !== null)
          parts.push(typeof value === 'object' ? Buffer.from(value).toString('latin1') : String(value))
  return parts.join('\n')
}

/** What was withdrawn is found by nobody any more. */
async function stillFound({ said, world }: Histories, member: WorldMember): Promise<string[]> {
  const losses: string[] = []
  for (const { canary, owner, withdrawn } of said.values())
    if (withdrawn && (await world.api<{ items: unknown[] }>(member, 'GET', `/search?q=${canary}`)).items.length > 0)
      losses.push(`${member.name} still finds a withdrawn record of ${owner}`)
  return losses
}

// Nobody has what it may not have, and everybody who may has it, over random histories of members, markings, audiences,
// collections and withdrawals: not in a table, a file, an answer, a line of the log or an error.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fastFolder } from '#test/folder.ts'
import { rounds, seedsOf } from '#test/rounds.ts'
import { listPeers } from '#federation/peers.ts'
import { bech32Identity } from '#kernel/recipient.ts'
import { openFile } from '#kernel/sealed-file.ts'
import { write } from './stick.ts'
import { canariesIn, Histories, NAMES } from './history.ts'
import type { Reader, Said } from './may.ts'
import { tamper, type WorldMember } from './world.ts'

/** Histories of one world, whose members live through all of them. */
const PER_WORLD = 100

type Verdict = {
  readonly leaks: readonly string[]
  readonly losses: readonly string[]
  /** Pairs of something said and a member, and how many of them were due: by its author's hand, or another's. */
  readonly pairs: number
  readonly given: number
  readonly passedOn: number
}

test('over random histories everyone who may has it, and nobody else has it anywhere', async (t) => {
  const worlds = rounds({ test: 8, soak: 500 })
  const sum = { pairs: 0, given: 0, passedOn: 0 }
  const seeds = seedsOf('leak', worlds)
  for (const seed of seeds) {
    const verdict = await live(seed, { histories: PER_WORLD, inFiles: seed.endsWith('0') })
    assert.deepEqual(verdict.leaks, [], `COMITY_SEED="${seed}"`)
    assert.deepEqual(verdict.losses, [], `COMITY_SEED="${seed}"`)
    for (const each of ['pairs', 'given', 'passedOn'] as const) sum[each] += verdict[each]
  }
  const percent = (n: number): string => `${Math.round((100 * n) / sum.pairs)} %`
  t.diagnostic(
    `${seeds.length * PER_WORLD} histories, ${sum.pairs} pairs of something said and a member: ${percent(sum.given)} to be given, ${sum.passedOn} passed on`,
  )
  // Half of all collections are shared with nobody or with those named, and half of all markings are RED or AMBER+STRICT:
  // about a quarter of the pairs is due, and the others are what must not leak.
  // The rules of one world alone may forbid nearly all.
  if (seeds.length === 1) return
  assert.ok(sum.given >= sum.pairs * 0.15, 'too little was to be given for this to mean much')
  assert.ok(sum.passedOn > 0, 'nothing was to be passed on')
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
  'passed on though nobody chose to': async ({ world }) => {
    for (const member of world.members.values())
      await member.store.write(tamper, `UPDATE collection_share SET share = 'community' WHERE own = 0`)
  },
  'not decided again when it is given': async ({ world }) => {
    const allowed = { allow: true, rule: 'planted', reason: '', rules: ['planted'] }
    for (const { federation } of world.members.values())
      Object.assign(federation.deps.egress, { explain: () => Promise.resolve(allowed) })
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
  using folder = fastFolder('leak')
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
      actsFor === 'public'
        ? 'public'
        : { member: actsFor === 'self' ? member.name : actsFor, machine: true, at: member.name }
    const { items } = await world.api<{ items: { alias: string }[] }>(member, 'GET', '/collections')
    const grants = items.map(({ alias }) => ({ collection: alias, read: true, write: false }))
    const { secret } = await world.api<{ secret: string }>(member, 'POST', '/clients', {
      name: `reader-${actsFor}`,
      actsFor,
      grants,
    })
    for (const { collection } of grants) {
      const base = `/taxii2/api/collections/${collection}`
      for (const path of ['/objects/', '/objects/?match[version]=all', '/manifest/', '/objects/?next=wrong'])
        histories.disclosed(await get(member, `${base}${path}`, `Bearer ${secret}`), reader, `TAXII ${path}`)
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
  const held = new Map<string, ReadonlySet<string>>()
  await keepPlaces(histories)
  for (const name of NAMES) {
    const [member, reader] = [histories.member(name), { member: name, machine: false } as const]
    held.set(name, histories.disclosed(Buffer.from(await tablesOf(member), 'latin1'), reader, 'a table'))
    for (const canary of canariesIn(member.logLines.join('\n')))
      histories.leaks.push(`a log line at ${name} holds content of ${histories.said.get(canary)?.owner}`)
    if (folder !== undefined)
      for (const file of readdirSync(join(folder, name), { recursive: true, withFileTypes: true }))
        if (file.isFile())
          histories.disclosed(readFileSync(join(file.parentPath, file.name)), reader, `the file ${file.name}`)
  }
  const losses: string[] = []
  const counts = { pairs: 0, given: 0, passedOn: 0 }
  for (const name of NAMES) {
    for (const said of histories.said.values()) {
      const has = held.get(name)?.has(said.canary) === true
      if (said.erased && has) histories.leaks.push(`${name} still holds what ${said.owner} erased`)
      if (said.owner === name) continue
      counts.pairs += 1
      const due = dueTo(histories, { said, name, held })
      if (due === undefined) continue
      counts[due] += 1
      const what = said.of === undefined ? 'record' : 'context'
      if (!said.withdrawn && !has) losses.push(`${name} lacks a ${said.tlp} ${what} of ${said.owner}, to be ${due}`)
    }
    losses.push(...(await stillFound(histories, histories.member(name))))
  }
  return { leaks: histories.leaks, losses, ...counts }
}

/** Where a member stands among those who are given something is told to that member alone, and how many they are to nobody. */
async function keepPlaces({ secrets, world }: Histories): Promise<void> {
  for (const name of NAMES) {
    const { store } = world.members.get(name) as WorldMember
    const peers = (await listPeers(store)).length
    for (const { salt, path, reader } of await store.all<{ salt: Uint8Array; path: Uint8Array; reader: string }>(
      'SELECT h.salt, h.path, m.name AS reader FROM head_place h JOIN member m ON m.id = h.peer',
    )) {
      secrets.add(salt, { what: `the place of ${reader} at ${name}`, may: (each) => each === name || each === reader })
      assert.ok(2 ** (path.length / 32) >= Math.max(16, 2 * peers), 'there is room for twice the peers')
    }
    for (const { bytes } of await store.all<{ bytes: Uint8Array }>(
      "SELECT i.bytes FROM statement s JOIN item i ON i.seq = s.seq WHERE s.log = 1 AND s.kind = 'heads'",
    ))
      assert.equal(bytes.length, 34, 'all heads look alike, however many they are of')
  }
}

type Pair = {
  readonly said: Said
  readonly name: string
  readonly held: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * By which way a member must have something now, if by any. What is passed on is believed by those who know its author,
 * and only from when they do, so it is due where they knew each other before.
 */
function dueTo({ model, acquaintedFirst }: Histories, { said, name, held }: Pair): 'given' | 'passedOn' | undefined {
  if (model.mayDirectly(said, name)) return 'given'
  if (!acquaintedFirst.has(`${said.owner} ${name}`)) return undefined
  const brings = (from: string): boolean =>
    from !== said.owner && held.get(from)?.has(said.canary) === true && model.mayPassOn(said, from, name)
  return NAMES.some(brings) ? 'passedOn' : undefined
}

/** Every cell of every table, as one text. */
async function tablesOf(member: WorldMember): Promise<string> {
  const tables = await member.store.all<{ name: string }>(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'record_text%' AND name NOT LIKE 'context_text%'`,
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

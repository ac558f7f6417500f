// What policy costs: a decision that was made before against asking Cedar each time, and a change of rules on a node with a
// million records in five hundred label classes and fifty peers, no two of them alike.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Member } from '#cli/demo/member.ts'
import { addPeer } from '#federation/meet.ts'
import { approvePeer } from '#federation/peers.ts'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { createDataFolder, noPassphrase, openDataFolder } from '#kernel/data-folder.ts'
import { logKeys, newSeeds } from '#kernel/key-file.ts'
import type { Marking } from '#kernel/marking.ts'
import { PolicyCaller } from '#kernel/policy/caller.ts'
import { askOf, toDecision } from '#kernel/policy/judge.ts'
import { DecisionMemory } from '#kernel/policy/memory.ts'
import { NO_OWN_RULES } from '#kernel/policy/rules.ts'
import type { Question } from '#kernel/policy/types.ts'
import type { PolicyView, PreviewEvent } from '#kernel/policy/wire.ts'
import { internLabel } from '#kernel/standing.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { command, type AnyCommand } from '#kernel/store/types.ts'
import { addCollection } from '#sharing/collection.ts'
import { appendOwn } from '#kernel/log/say.ts'
import { STIX_MEDIA_TYPE } from '#sharing/put-command.ts'
import { insertRecord, internType } from '#sharing/record-store.ts'
import { writerProgram } from '#src/writer.ts'
import { introduce } from './peers.ts'
import { demand, digestOfText, ms, perSecond, type Report } from './report.ts'
import { startMember } from './subject.ts'

const RECORDS = 1_000_000
const STATEMENT = 800
const CLASSES = 500
const PEERS = 50
const GIVEN = 'bench.example'
const RULE = `@id("bench.green")
permit (principal in Community::"${GIVEN}", action == Action::"deliver", resource)
when { resource.tlp == "GREEN" };`
const DRAFT = `${RULE}
@id("bench.amber")
forbid (principal is Member, action == Action::"deliver", resource)
when { resource.communities.contains(Community::"p7.example") };`

export async function measurePolicy(report: Report, { folder }: { readonly folder: string }): Promise<void> {
  measureCached(report)
  const data = join(folder, 'policy.example')
  await fill(data)
  await using author = await Member.start('policy.example', data)
  await using reader = await startMember(folder, 'policy-reader.example')
  await introduce(author, reader)
  await author.client.post(`/peers/${reader.name}/approve`, { communities: [GIVEN] })
  await settled(data)
  await measureChange(report, author, reader)
  await measurePreview(report, author)
}

/** No two alike to a rule: each falls under another law. */
function markingOf(i: number): Marking {
  return {
    tlp: i % 2 === 0 ? 'GREEN' : 'AMBER',
    audience: { named: false, communities: [`p${i % PEERS}.example`, `class${i}.example`] },
    personal: 'none',
    jurisdiction: lettersOf(i),
  }
}

function lettersOf(i: number): string {
  return String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26))
}

/** Every question of fifty peers about five hundred classes, over and over, against asking Cedar for each. */
function measureCached(report: Report): void {
  const markings = Array.from({ length: CLASSES }, (_, i) => markingOf(i))
  const questions = Array.from({ length: PEERS }, (_, i) => ({
    kind: 'member' as const,
    member: `p${i}.example`,
    approved: true,
    via: 'peer' as const,
    communities: [`p${i}.example`],
    country: lettersOf(i),
  })).flatMap((principal) =>
    markings.map((marking): Question => {
      return { principal, subject: { marking, named: false, own: true, share: 'peers', public: false } }
    }),
  )
  using caller = new PolicyCaller()
  const some = questions.filter((_, i) => i % 25 === 0)
  const asks = some.map((question) => askOf(NO_OWN_RULES, question))
  caller.decideSync([], asks.slice(0, 10))
  const startedCedar = performance.now()
  const verdicts = caller.decideSync([], asks)
  const cedar = some.length / ((performance.now() - startedCedar) / 1000)
  const memory = new DecisionMemory()
  memory.begin(NO_OWN_RULES)
  for (const [i, question] of questions.entries()) {
    const verdict = verdicts[Math.floor(i / 25)]
    if (verdict?.ok === true) memory.keep(NO_OWN_RULES, question, toDecision(NO_OWN_RULES, question, verdict))
  }
  const started = performance.now()
  let found = 0
  for (let round = 0; round < 80; round += 1)
    for (const question of questions) if (memory.find(NO_OWN_RULES, question) !== undefined) found += 1
  const rate = found / ((performance.now() - started) / 1000)
  report.add({
    what: 'policy: decision for a class and a peer that was made before, and its ratio to asking Cedar each time',
    figure: `${perSecond(rate, 1)} a second, ${Math.round(rate / cedar).toLocaleString('en')} x`,
    limit: 'at least 1,000,000',
    readBack: demand(found, 80 * PEERS * CLASSES, 'decisions found'),
    digest: '-',
  })
}

/** Statements of eight hundred small records each, two or three of every class. */
const fillStatements = command('bench.fill', (tx, input: { readonly from: number; readonly to: number }): void => {
  const type = internType(tx, 'indicator')
  for (let n = input.from; n < input.to; n += 1) {
    const marking = markingOf(n % CLASSES)
    const labelClass = internLabel(tx, marking)
    const items = Array.from({ length: STATEMENT }, (_, i) => Buffer.from(indicator(n * STATEMENT + i)))
    const logged = appendOwn(tx, {
      kind: 'records.put',
      marking,
      labelClass,
      named: [],
      collection: 1,
      mediaType: STIX_MEDIA_TYPE,
      items,
    })
    for (const [i] of items.entries()) {
      const oid = Buffer.alloc(16)
      oid.writeUInt32BE(n * STATEMENT + i, 12)
      const record = { id: '', type: 'indicator', oid, version: 1, spec: 21 as const, label: 0, text: '', values: [] }
      insertRecord(tx, {
        seq: logged.seq + i,
        type,
        collection: 1,
        labelClass,
        record: { ...record, start: 0, end: 0 },
        siblings: [],
      })
    }
  }
})

function indicator(n: number): string {
  const id = n.toString(16).padStart(12, '0')
  const time = '2026-01-01T00:00:00.000Z'
  return JSON.stringify({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--00000000-0000-4000-8000-${id}`,
    created: time,
    modified: time,
    pattern: `[domain-name:value = 'host${n}.example']`,
    pattern_type: 'stix',
    valid_from: time,
  })
}

async function fill(data: string): Promise<void> {
  mkdirSync(data, { recursive: true })
  createDataFolder(data, { member: 'policy.example', names: { en: 'Policy' }, kind: 'technical' }, systemRandom)
  const { identity, seeds } = await openDataFolder(data, noPassphrase)
  await using store = openInlineStore({
    place: { kind: 'folder', path: data },
    identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
    program: { ...writerProgram, commands: [...writerProgram.commands, fillStatements as unknown as AnyCommand] },
    clock: systemClock,
    random: systemRandom,
  })
  await store.write(addCollection, { actor: 'bench', change: { title: 'Bench', alias: 'bench', share: 'named' } })
  for (let from = 0; from < RECORDS / STATEMENT; from += 20)
    await store.write(fillStatements, { from, to: Math.min(from + 20, RECORDS / STATEMENT) })
  for (let i = 0; i < PEERS; i += 1) {
    const name = `p${i}.example`
    await store.write(addPeer, { actor: 'bench', document: documentOf(name, lettersOf(i)), words: [] })
    const communities = [name, ...(i % 2 === 0 ? [GIVEN] : [])]
    await store.write(approvePeer, { actor: 'bench', name, communities })
  }
}

/** A peer that is never reached: only what policy sees of it matters here. */
function documentOf(member: string, country: string): Uint8Array {
  const origin = `${member}/log`
  const url = 'http://127.0.0.1:9'
  return Buffer.from(
    JSON.stringify({
      member,
      names: { en: member },
      kind: 'technical',
      country,
      protocol: [1],
      recipients: [],
      tls: [],
      endpoint: url,
      log: {
        origin,
        vkeys: logKeys(origin, newSeeds(systemRandom).log).vkeys,
        prefix: `${url}/log`,
        earlier: [],
      },
      http: [
        {
          kid: 'http-1',
          kty: 'OKP',
          crv: 'Ed25519',
          x: 'A'.repeat(43),
          nbf: 0,
          exp: 4e9,
        },
      ],
      limits: {
        pageBytes: 1 << 20,
        requests: 4,
      },
      version: 1,
      time: '2026-01-01T00:00:00.000Z',
    }),
  )
}

/** Waits until the walk over the log is done for every peer. */
async function settled(data: string): Promise<void> {
  using database = new DatabaseSync(join(data, 'comity.db'), { readOnly: true })
  const sql = `SELECT count(*) AS n FROM peer, meta WHERE state = 'approved' AND widened_epoch < policy_epoch`
  for (const started = performance.now(); (database.prepare(sql).get() as { n: number }).n > 0;) {
    if (performance.now() - started > 300_000) throw new Error('the walk did not end in five minutes')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function measureChange(report: Report, author: Member, reader: Member): Promise<void> {
  const before = performance.now()
  const { version } = await author.client.put<PolicyView>('/policy', { files: [{ name: 'bench.cedar', text: RULE }] })
  const set = performance.now()
  const pulling = reader.client.post(`/peers/${author.name}/pull`).catch(() => undefined)
  let received = 0
  while (received === 0) {
    received = (await reader.client.get<{ received: number }>(`/peers/${author.name}`)).received
    if (performance.now() - set > 60_000) throw new Error('nothing came in a minute')
  }
  const first = performance.now() - set
  report.add({
    what: 'policy change with 1,000,000 records, 50 peers, 500 classes: checked, stored, every decision before it void',
    figure: `${ms(set - before)} ms`,
    limit: 'at once',
    readBack: version,
    digest: digestOfText(RULE),
  })
  report.add({
    what: 'the same, from there to the first page at a peer that asks: decided, walked, given, verified and stored',
    figure: `${ms(first)} ms`,
    limit: '500 ms',
    readBack: demand(received, 1, 'items received'),
    digest: digestOfText(RULE),
  })
  await pulling
}

async function measurePreview(report: Report, author: Member): Promise<void> {
  const started = performance.now()
  let progress = 0
  for await (const event of author.client.lines<PreviewEvent>('/policy/preview', {
    files: [{ name: 'bench.cedar', text: DRAFT }],
  })) {
    if (event.kind === 'progress') progress += 1
    if (event.kind !== 'result') continue
    report.add({
      what: `the same: full preview, ${event.decisions.toLocaleString('en')} decisions of both sides, with progress`,
      figure: `${((performance.now() - started) / 1000).toFixed(1)} s`,
      limit: 'at most 15 s',
      readBack: demand(event.records, RECORDS, 'records looked at'),
      digest: digestOfText(DRAFT),
    })
  }
  demand(progress, 2, 'progress events')
}

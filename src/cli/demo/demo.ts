// The main job on one machine: three members share, verify and warn, as real processes over real HTTP. Every step
// asserts what it shows; one that does not hold ends the demo with a failure.
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempDisposableSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '#kernel/fault.ts'
import type { PeerView } from '#federation/wire.ts'
import type { EvidenceView, TrustView } from '#federation/witness/wire.ts'
import type { RecordDetail, RecordView } from '#sharing/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { stringOption, type CliContext, type Command } from '../args.ts'
import { safeText, type Output } from '../output.ts'
import { Member, runCommand } from './member.ts'
import { startRelay, type Relay } from './relay.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))
const COMMUNITY = 'energy.example'
const CERT = 'cert.aurora.example'
const GRID = 'grid.cascade.example'
const LAB = 'lab.borealis.example'
/** How long news may take to arrive on a busy machine. */
const ARRIVE_MS_MAX = 30_000

export const command: Command = {
  name: 'demo',
  summary: 'Three members on this machine share, verify and warn. Needs no network; shows and checks every step.',
  usage: ['demo [--once] [--keep DIR] [--data FILE]'],
  options: {
    once: { type: 'boolean', description: 'End after the last step instead of leaving the nodes running.' },
    keep: { type: 'string', placeholder: 'DIR', description: 'Leave the members’ data folders in this folder.' },
    data: { type: 'string', placeholder: 'FILE', description: 'Import this STIX bundle besides the invented one.' },
  },
  run: async (context) => {
    const kept = stringOption(context, 'keep')
    const root = kept === undefined ? mkdtempSync(join(tmpdir(), 'comity-demo-')) : resolve(context.cwd, kept)
    mkdirSync(root, { recursive: true, mode: 0o700 })
    try {
      return await play(context, root)
    } finally {
      if (kept === undefined) rmSync(root, { recursive: true, force: true })
    }
  },
}

type Stage = {
  readonly out: Output
  readonly root: string
  readonly cert: Member
  readonly grid: Member
  readonly lab: Member
  readonly relay: Relay
}

async function play(context: CliContext, root: string): Promise<number> {
  const { out } = context
  await using stack = new AsyncDisposableStack()
  const step = stepper(out)

  step('Three members, three nodes, three data folders')
  const relay = stack.use(await startRelay())
  await Promise.all([
    makeFolder(root, CERT, 'CERT Aurora', 'government'),
    makeFolder(root, GRID, 'Cascade Grid', 'private'),
    makeFolder(root, LAB, 'Borealis University, security lab', 'academia'),
  ])
  const [cert, grid, lab] = await Promise.all([
    Member.start(CERT, join(root, CERT), relay.url),
    Member.start(GRID, join(root, GRID)),
    Member.start(LAB, join(root, LAB)),
  ])
  for (const member of [cert, grid, lab]) {
    stack.use(member)
    out.line(`  ${member.name.padEnd(22)} ${member.url}`)
  }
  relay.target = cert.url
  const stage: Stage = { out, root, cert, grid, lab, relay }

  step('They meet by invitation, and people compare eight words')
  await meet(stage, cert, grid, [COMMUNITY])
  await meet(stage, cert, lab, [])
  await meet(stage, grid, lab, [])

  const stolen = join(root, `${CERT}.stolen`)
  cpSync(cert.folder, stolen, { recursive: true, filter: (path) => !path.endsWith('run.json') })
  stack.defer(() => rmSync(stolen, { recursive: true, force: true }))

  step('Cascade Grid says what it protects; that never leaves its node')
  await grid.client.post('/watch', { value: 'cascade-grid.example', asset: 'Company domain' })
  const watching = await commandAt(grid, ['watch', 'import', join(EXAMPLES, 'watch-list.csv')])
  out.line(indent(watching))

  step('CERT Aurora imports what it knows')
  await publish(stage, stringOption(context, 'data'))

  step('Who received what, under which rule, and who did not')
  await showReach(stage)

  step('Cascade Grid verifies a received object back to the author’s signature')
  await showProof(stage)
  await showWitnesses(stage)

  step('A warning at Cascade Grid')
  const warning = await showWarning(stage)

  step('A forged object is refused')
  await forgeObject(stage)

  step('A rewritten history is refused')
  await rewriteHistory(stage, stolen)

  step('A false positive is withdrawn, and its warning retracted')
  await withdraw(stage, warning)

  step('All logs verify')
  await verifyAll(stage)

  out.line()
  out.line('Everything above was checked, not only shown.')
  out.data({ ok: true, members: [cert, grid, lab].map(({ name, url, folder }) => ({ name, url, folder })) })
  if (context.values['once'] === true) return 0
  out.line()
  for (const member of [cert, grid, lab])
    out.line(`  ${member.name.padEnd(22)} ${member.url}   comity search lantern --data-dir ${member.folder}`)
  out.line('The nodes go on running. Ctrl-C ends them.')
  if (!context.signal.aborted) await once(context.signal, 'abort')
  return 0
}

function stepper(out: Output): (title: string) => void {
  let number = 0
  return (title) => {
    number += 1
    out.line()
    out.line(`${number}. ${title}`)
  }
}

function check(holds: boolean, claim: string): void {
  if (!holds)
    throw new Fault('internal', `the demo expected that ${claim}, and it is not so`, {
      remedy: 'Run it again with --keep DIR and look at the node.log files there.',
    })
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const started = performance.now()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() - started > ARRIVE_MS_MAX) throw new Fault('internal', `${what} did not come to pass in time`)
    await new Promise((wake) => setTimeout(wake, 50))
  }
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

async function makeFolder(root: string, member: string, name: string, kind: string): Promise<void> {
  const { code, stderr } = await runCommand([
    'init',
    '--member',
    member,
    '--name',
    name,
    '--kind',
    kind,
    '--data-dir',
    join(root, member),
  ])
  check(code === 0, `a data folder can be made (${stderr.trim()})`)
}

/** Runs a command of this program on a member's data folder and returns what it printed. */
async function commandAt(member: Member, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand([...args, '--data-dir', member.folder])
  check(code === 0, `“comity ${args[0]}” works at ${member.name} (${stderr.trim()})`)
  return stdout
}

async function meet({ out }: Stage, inviter: Member, accepter: Member, communities: readonly string[]): Promise<void> {
  const { invitation } = await inviter.client.post<{ invitation: string }>('/peers/invitations')
  const met = await accepter.client.post<{ words: string[] }>('/peers/accept', { invitation })
  const seen = await inviter.client.get<PeerView>(`/peers/${accepter.name}`)
  check(seen.words.join(' ') === met.words.join(' '), 'both sides show the same words')
  check(seen.state === 'pending', 'nobody is a peer before people have approved')
  await inviter.client.post(`/peers/${accepter.name}/approve`, { communities })
  await accepter.client.post(`/peers/${inviter.name}/approve`, { communities })
  out.line(`  ${inviter.name} and ${accepter.name}: ${met.words.join(' ')}`)
}

async function publish({ out, cert }: Stage, own: string | undefined): Promise<void> {
  await commandAt(cert, [
    'collection',
    'add',
    'Advisories',
    '--alias',
    'advisories',
    '--tlp',
    'GREEN',
    '--community',
    COMMUNITY,
    '--share',
    'peers',
  ])
  await commandAt(cert, [
    'collection',
    'add',
    'For Cascade Grid',
    '--alias',
    'for-cascade',
    '--to',
    GRID,
    '--share',
    'named',
  ])
  out.line(indent(await commandAt(cert, ['import', join(EXAMPLES, 'northern-lantern.json'), '-c', 'advisories'])))
  out.line(indent(await commandAt(cert, ['import', join(EXAMPLES, 'for-the-operator.json'), '-c', 'for-cascade'])))
  if (own !== undefined) {
    const { stdout } = await runCommand(['import', resolve(own), '-c', 'advisories', '--data-dir', cert.folder])
    out.line(indent(stdout))
  }
}

/** The five records that show each label, by the word that finds them. */
const SAMPLES: readonly { readonly tlp: string; readonly words: string; readonly at: readonly string[] }[] = [
  { tlp: 'CLEAR', words: 'phishing page', at: [GRID, LAB] },
  { tlp: 'GREEN', words: 'LampOil command server', at: [GRID, LAB] },
  { tlp: 'AMBER', words: 'Address inside operator network', at: [GRID] },
  { tlp: 'AMBER+STRICT', words: 'control centre offered for sale', at: [GRID] },
  { tlp: 'RED', words: 'Relay used against a ministry', at: [] },
]

async function find(member: Member, words: string): Promise<RecordView | undefined> {
  const { items } = await member.client.get<{ items: RecordView[] }>('/search', { q: words, type: 'indicator' })
  return items[0]
}

async function showReach({ out, cert, grid, lab }: Stage): Promise<void> {
  const rows: string[][] = []
  for (const { tlp, words, at } of SAMPLES) {
    const record = await find(cert, words)
    check(record?.tlp === tlp, `the record found by “${words}” is TLP:${tlp}`)
    for (const member of [grid, lab])
      if (at.includes(member.name))
        await until(`the arrival of “${words}” at ${member.name}`, () => find(member, words))
    const { versions } = await cert.client.get<RecordDetail>(`/records/${record?.id}`)
    const [version] = versions
    for (const each of version?.recipients ?? [])
      rows.push([tlp, record?.name ?? '', each.member, 'received', `${each.reason} [${each.rule}]`])
    for (const each of version?.refused ?? [])
      rows.push([tlp, '', each.member, 'did not', `${each.reason} [${each.rule}]`])
    const receivers = version?.recipients.map((each) => each.member).toSorted() ?? []
    check(receivers.join() === [...at].toSorted().join(), `exactly ${at.join(' and ') || 'nobody'} received TLP:${tlp}`)
  }
  // Whatever was given has arrived by now, so what is absent was not given.
  for (const { tlp, words, at } of SAMPLES)
    for (const member of [grid, lab])
      if (!at.includes(member.name))
        check((await find(member, words)) === undefined, `${member.name} does not hold the TLP:${tlp} record`)
  out.table(
    ['  TLP', 'RECORD', 'MEMBER', '', 'WHY'],
    rows.map(([tlp = '', ...rest]) => [`  ${tlp}`, ...rest]),
  )
}

async function showProof({ out, cert, grid }: Stage): Promise<void> {
  const record = await find(grid, 'LampOil command server')
  const [there] = (await cert.client.get<RecordDetail>(`/records/${record?.id}`)).versions
  const [here] = (await grid.client.get<RecordDetail>(`/records/${record?.id}`)).versions
  check(here?.author === CERT && here.proof.verified, 'the received record verifies under the author’s keys')
  check(JSON.stringify(here?.object) === JSON.stringify(there?.object), 'it is what the author said')
  out.line(`  ${safeText(here?.name ?? '')}, said by ${here?.author}`)
  out.line(`  its bytes → item and part commitments → leaf ${here?.proof.index} of ${here?.proof.origin}`)
  out.line(
    `  → inclusion in the tree of ${here?.proof.size} statements → checkpoint, signed with Ed25519 and ML-DSA-44: verified here`,
  )
}

async function showWarning({ out, grid }: Stage): Promise<WarningView> {
  const find = async (): Promise<WarningView | undefined> => {
    const { items } = await grid.client.get<{ items: WarningView[] }>('/warnings')
    return items.find((each) => each.what === 'Possible second command server')
  }
  const warning = await until('a warning', find)
  const { items } = await grid.client.get<{ items: WarningView[] }>('/warnings')
  out.table(
    ['  ASSET', 'WHAT', 'WHO SAID IT', 'TLP', 'STATE'],
    items.map((each) => [`  ${each.asset}`, each.what, each.author, each.tlp, each.state]),
  )
  check(
    warning.state === 'new' && warning.asset === 'Control centre network' && warning.author === CERT,
    'the warning names asset and author',
  )
  return warning
}

async function forgeObject({ out, cert, lab, relay }: Stage): Promise<void> {
  const before = await lab.client.get<PeerView>(`/peers/${CERT}`)
  relay.forge = (path, body) =>
    path.startsWith('/peer/deliveries') ? swap(body, '203.0.113.99', '203.0.113.66') : body
  await post(cert, 'Forged on the way', '203.0.113.99')
  const failure = await failureOf(() => lab.client.post(`/peers/${CERT}/pull`))
  out.line(`  on the way, 203.0.113.99 becomes 203.0.113.66; ${LAB} says:`)
  out.line(`  “${safeText(failure)}”`)
  check(failure.includes('not what its leaf commits to'), 'a forged object is refused by its commitment')
  const after = await lab.client.get<PeerView>(`/peers/${CERT}`)
  check(
    after.received === before.received && (await find(lab, 'Forged on the way')) === undefined,
    'nothing of it was stored',
  )
  relay.forge = (_path, body) => body
  await lab.client.post(`/peers/${CERT}/pull`)
  check((await find(lab, 'Forged on the way')) !== undefined, 'the true object arrives when nobody forges')
  out.line('  passed on untouched, the same object is accepted')
}

function swap(body: Buffer, from: string, to: string): Buffer {
  return Buffer.from(body.toString('latin1').replaceAll(from, to), 'latin1')
}

async function post(member: Member, name: string, address: string): Promise<void> {
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

async function failureOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return ''
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

/** A second node on a stolen copy, with the author's keys, says something else at the same places of the log. */
/** A head is witnessed by those who fetched it and found that the log only grew. */
async function showWitnesses({ out, cert }: Stage): Promise<void> {
  const trust = await until('the witnesses’ lines', async () => {
    const each = await cert.client.get<TrustView>('/trust')
    return each.enough ? each : undefined
  })
  out.line(
    `  the head of ${cert.name}, ${trust.size} statements, is witnessed ${trust.k} of ${trust.n}: ${trust.by.join(', ')}`,
  )
}

/** What was found convinces whoever reads the file, with no node and no network. */
async function showEvidence({ out, lab }: Pick<Stage, 'out' | 'lab'>): Promise<void> {
  const { items } = await lab.client.get<{ items: EvidenceView[] }>('/evidence')
  const [found] = items
  check(found?.member === CERT, 'there is evidence of the fork')
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-evidence-'))
  const file = join(folder.path, 'fork.json')
  writeFileSync(file, found?.file ?? '')
  const { code, stdout } = await runCommand(['log', 'verify-evidence', file])
  check(code === 0, 'the evidence holds')
  out.line(`  what it keeps of it convinces anybody, offline:`)
  out.line(indent(stdout.split('\n').slice(0, 2).join('\n')))
}

async function rewriteHistory({ out, cert, grid, lab, relay }: Stage, stolen: string): Promise<void> {
  {
    await using twin = await Member.start(CERT, stolen, relay.url)
    await commandAt(twin, [
      'collection',
      'add',
      'Advisories',
      '--alias',
      'advisories',
      '--tlp',
      'GREEN',
      '--share',
      'peers',
    ])
    const { logSize } = await lab.client.get<PeerView>(`/peers/${CERT}`)
    relay.target = twin.url
    for (let i = 0; i <= logSize; i += 1) await post(twin, `Another history ${i}`, '203.0.113.1')
    const failure = await failureOf(() => lab.client.post(`/peers/${CERT}/pull`))
    out.line(`  somebody with the author’s keys signs another history; ${LAB} says:`)
    out.line(`  “${safeText(failure)}”`)
    check(/history|does not contain|another root/.test(failure), 'a rewritten history is refused')
  }
  relay.target = cert.url
  await showEvidence({ out, lab })
  const peer = await lab.client.get<PeerView>(`/peers/${CERT}`)
  check(peer.stopped !== undefined, 'replication stands still until a person looks')
  for (const member of [lab, grid]) {
    await member.client.post(`/peers/${CERT}/approve`, {})
    await member.client.post(`/peers/${CERT}/pull`)
  }
  out.line('  replication stands still until people have telephoned; then it goes on from what was verified')
}

async function withdraw({ out, cert, grid }: Stage, warning: WarningView): Promise<void> {
  out.line(indent(await commandAt(cert, ['withdraw', warning.object, '--reason', 'false-positive'])))
  const retracted = await until('the retraction', async () => {
    const each = await grid.client.get<WarningView>(`/warnings/${warning.id}`)
    return each.state === 'retracted' ? each : undefined
  })
  out.line(`  ${GRID}: warning ${retracted.id} is ${retracted.state} (${safeText(retracted.reason)})`)
  check(
    (await find(grid, 'Possible second command server')) === undefined,
    'the withdrawn record is not found any more',
  )
}

async function verifyAll({ out, cert, grid, lab }: Stage): Promise<void> {
  for (const member of [cert, grid, lab]) {
    const { code, stdout, stderr } = await runCommand(['log', 'verify', '--data-dir', member.folder])
    out.line(indent(stdout))
    check(code === 0, `the logs at ${member.name} verify (${stderr.trim()})`)
  }
}

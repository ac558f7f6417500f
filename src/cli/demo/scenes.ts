// The main job, scene by scene: each asserts what it shows.
import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PeerView } from '#federation/wire.ts'
import type { TrustView } from '#federation/witness/wire.ts'
import type { PreviewView } from '#kernel/policy/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { safeText } from '../output.ts'
import { runCommand, type Member } from './member.ts'
import { CERT, check, commandAt, COMMUNITY, find, GRID, indent, LAB, until, type Stage } from './stage.ts'

export const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))

export async function makeFolder(root: string, member: string, name: string, kind: string): Promise<void> {
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

export async function meet(
  { out }: Stage,
  inviter: Member,
  accepter: Member,
  communities: readonly string[],
): Promise<void> {
  const { invitation } = await inviter.client.post<{ invitation: string }>('/peers/invitations')
  const met = await accepter.client.post<{ words: string[] }>('/peers/accept', { invitation })
  const seen = await inviter.client.get<PeerView>(`/peers/${accepter.name}`)
  check(seen.words.join(' ') === met.words.join(' '), 'both sides show the same words')
  check(seen.state === 'pending', 'nobody is a peer before people have approved')
  await inviter.client.post(`/peers/${accepter.name}/approve`, { communities })
  await accepter.client.post(`/peers/${inviter.name}/approve`, { communities })
  out.line(`  ${inviter.name} and ${accepter.name}: ${met.words.join(' ')}`)
}

export async function publish({ out, cert }: Stage, own: string | undefined): Promise<void> {
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

export async function showReach({ out, cert, grid, lab }: Stage): Promise<void> {
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

/** Rules that are only being considered: a person sees what they would do, and that a floor stands above them. */
const DRAFT = `@id("academia.clear")
@reason("universities get TLP:CLEAR only")
forbid (principal is Member, action == Action::"deliver", resource)
when { principal has kind && principal.kind == "academia" && resource.tlp != "CLEAR" };

@id("red.for.the.lab")
permit (principal == Member::"${LAB}", action == Action::"deliver", resource)
when { resource.tlp == "RED" };
`

export async function showPreview({ out, root, cert, lab }: Stage): Promise<void> {
  const file = join(root, 'draft.cedar')
  writeFileSync(file, DRAFT)
  out.line(indent(await commandAt(cert, ['policy', 'preview', file])))
  const result = JSON.parse(await commandAt(cert, ['policy', 'preview', file, '--json'])) as PreviewView
  rmSync(file)
  check(result.newly.records === 0, 'no rule lets TLP:RED flow to who is not named')
  check(result.idle.join() === 'red.for.the.lab', 'the rule that a floor overrules is shown to do nothing')
  check(result.stops.records > 0, 'the preview finds what would stop')
  check(
    result.stops.flows.every(({ to }) => to === `member:${LAB}`),
    'only the university would get less',
  )
  check((await find(lab, 'LampOil command server')) !== undefined, 'nothing changed by looking at it')
}

export async function showProof({ out, cert, grid }: Stage): Promise<void> {
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

/** A second node on a stolen copy, with the author's keys, says something else at the same places of the log. */
/** A head is witnessed by those who fetched it and found that the log only grew. */
export async function showWitnesses({ out, cert }: Stage): Promise<void> {
  const trust = await until('the witnesses’ lines', async () => {
    const each = await cert.client.get<TrustView>('/trust')
    return each.enough ? each : undefined
  })
  out.line(
    `  the head of ${cert.name}, ${trust.size} statements, is witnessed ${trust.k} of ${trust.n}: ${trust.by.join(', ')}`,
  )
}

export async function showWarning({ out, grid }: Stage): Promise<WarningView> {
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

export async function withdraw({ out, cert, grid }: Stage, warning: WarningView): Promise<void> {
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

export async function verifyAll({ out, cert, grid, lab }: Stage): Promise<void> {
  for (const member of [cert, grid, lab]) {
    const { code, stdout, stderr } = await runCommand(['log', 'verify', '--data-dir', member.folder])
    out.line(indent(stdout))
    check(code === 0, `the logs at ${member.name} verify (${stderr.trim()})`)
  }
}

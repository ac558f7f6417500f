// The trials: somebody forges, somebody rewrites, a disk is lost.
import { mkdirSync, mkdtempDisposableSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeDocument, PeerView } from '#federation/wire.ts'
import type { EvidenceView } from '#federation/witness/wire.ts'
import { safeText } from '../output.ts'
import { Member, runCommand } from './member.ts'
import { CERT, check, commandAt, failureOf, find, GRID, indent, LAB, post, until, type Stage } from './stage.ts'

export async function forgeObject({ out, cert, lab, relay }: Stage): Promise<void> {
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

/** What its author committed to and does not come is noticed, and the commitment can be shown to anybody. */
export async function withholdItem({ out, cert, lab, relay }: Stage): Promise<void> {
  relay.forge = (path, body) => (path.startsWith('/peer/deliveries') ? commitmentsOf(body) : body)
  await post(cert, 'Held back on the way', '203.0.113.88')
  const doubt = await until('what is held back is noticed', async () => {
    await lab.client.post(`/peers/${CERT}/pull`)
    return (await lab.client.get<PeerView>(`/peers/${CERT}`)).doubt
  })
  out.line(`  on the way, an item disappears; ${LAB} says:`)
  out.line(`  “${safeText(doubt.reason)}”`)
  check(doubt.kind === 'withheld', 'what is held back is called withheld')
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-withheld-'))
  const file = join(folder.path, 'told.json')
  await commandAt(lab, ['deliveries', '--from', CERT, '--proof', file])
  const keys = (await documentOf(cert)).log.vkeys.flatMap((vkey) => ['--key', vkey])
  const { code, stdout } = await runCommand(['log', 'verify-delivery', file, ...keys])
  check(code === 0, 'what it was told can be shown')
  out.line(`  what it was told convinces anybody, offline:`)
  out.line(indent(stdout))
  relay.forge = (_path, body) => body
  await lab.client.post(`/peers/${CERT}/pull`)
  const after = await lab.client.get<PeerView>(`/peers/${CERT}`)
  check(after.doubt === undefined && (await find(lab, 'Held back on the way')) !== undefined, 'it comes in the end')
  out.line('  passed on whole, it arrives, and the doubt ends')
}

/** Of an answer of deliveries, what commits to the stream and nothing of the stream itself (frames of kind 3). */
function commitmentsOf(body: Buffer): Buffer {
  const kept: Buffer[] = []
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32BE(at)
    if (body[at + 4] === 3) kept.push(body.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

async function documentOf(member: Member): Promise<NodeDocument> {
  return (await (await fetch(`${member.url}/.well-known/comity`)).json()) as NodeDocument
}

export async function rewriteHistory({ out, cert, grid, lab, relay }: Stage, stolen: string): Promise<void> {
  {
    await using twin = await Member.start(CERT, stolen, { publicUrl: relay.url, cutOff: true })
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
    out.line('  a copy of the author’s machine would notice the other at its first contact and stop;')
    out.line(`  somebody who keeps it from asking signs another history with it, and ${LAB} says:`)
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
  const [proven = '', sizes = ''] = stdout.split('\n')
  out.line(indent(`${proven}\n${sizes.replace(', with these keys:', '')}`))
}

export type Saved = {
  readonly folder: string
  readonly backup: string
  readonly keys: string
  readonly passphrase: string
}

/** A backup without keys, and the keys under a passphrase, as an operator keeps them. */
export async function backUp({ root, cert }: Stage): Promise<Saved> {
  const folder = join(root, `${CERT}.saved`)
  const [backup, keys, passphrase] = ['backup', 'keys.age', 'passphrase'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(folder)
  writeFileSync(passphrase, 'six random words on a card\n', { mode: 0o600 })
  await commandAt(cert, ['backup', backup])
  await commandAt(cert, ['keys', 'export', keys, '--passphrase-file', passphrase])
  return { folder, backup, keys, passphrase }
}

/** What was said after the backup comes back from the peers; the log goes on as one history. */
export async function loseDisk({ out, cert, grid, relay }: Stage, saved: Saved): Promise<Member> {
  await cert[Symbol.asyncDispose]()
  rmSync(cert.folder, { recursive: true, force: true })
  await commandAt(cert, ['restore', saved.backup, '--keys', saved.keys, '--passphrase-file', saved.passphrase])
  const again = await Member.start(CERT, cert.folder, { publicUrl: relay.url })
  relay.target = again.url
  await post(again, 'Written while it waits', '203.0.113.77')
  check((await find(again, 'Written while it waits')) === undefined, 'restored data signs nothing by itself')
  out.line('  restored from the backup of step 4, it signs nothing; what is written meanwhile is kept:')
  out.line(indent(await commandAt(again, ['kept', 'list'])))
  out.line('  then: comity log resume')
  out.line(indent(await commandAt(again, ['log', 'resume'])))
  check(
    (await find(again, 'Possible second command server')) === undefined,
    'a withdrawal made after the backup holds again',
  )
  await until('what was kept', () => find(grid, 'Written while it waits'))
  out.line(`  what was kept is said now and continues the same log, and ${GRID} has it`)
  return again
}

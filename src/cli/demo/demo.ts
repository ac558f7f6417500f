// The main job on one machine: three members share, verify and warn, as real processes over real HTTP. Every step
// asserts what it shows; one that does not hold ends the demo with a failure.
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ensureFolder } from '#kernel/ensure-folder.ts'
import { stringOption, type CliContext, type Command } from '../args.ts'
import type { Output } from '../output.ts'
import { Member } from './member.ts'
import { startRelay } from './relay.ts'
import {
  EXAMPLES,
  makeFolder,
  meet,
  publish,
  showPreview,
  showProof,
  showReach,
  showWarning,
  showWitnesses,
  verifyAll,
  withdraw,
} from './scenes.ts'
import { CERT, commandAt, COMMUNITY, GRID, indent, LAB, type Stage } from './stage.ts'
import { backUp, forgeObject, loseDisk, rewriteHistory, withholdItem } from './trials.ts'

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
    ensureFolder(root, 0o700)
    try {
      return await play(context, root)
    } finally {
      if (kept === undefined) rmSync(root, { recursive: true, force: true })
    }
  },
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
    Member.start(CERT, join(root, CERT), { publicUrl: relay.url }),
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
  const saved = await backUp(stage)
  stack.defer(() => rmSync(saved.folder, { recursive: true, force: true }))

  step('Who received what, under which rule, and who did not')
  await showReach(stage)

  step('CERT Aurora considers other rules, and sees what they would do')
  await showPreview(stage)

  step('Cascade Grid verifies a received object back to the author’s signature')
  await showProof(stage)
  await showWitnesses(stage)

  step('A warning at Cascade Grid')
  const warning = await showWarning(stage)

  step('A forged object is refused')
  await forgeObject(stage)

  step('An item that is held back is noticed')
  await withholdItem(stage)

  step('A rewritten history is refused')
  await rewriteHistory(stage, stolen)

  step('A false positive is withdrawn, and its warning retracted')
  await withdraw(stage, warning)

  step('CERT Aurora loses its disk and gets its own history back from its equals')
  const again = stack.use(await loseDisk(stage, saved))

  step('All logs verify')
  await verifyAll({ ...stage, cert: again })

  out.line()
  out.line('Everything above was checked, not only shown.')
  out.data({ ok: true, members: [again, grid, lab].map(({ name, url, folder }) => ({ name, url, folder })) })
  if (context.values['once'] === true) return 0
  out.line()
  for (const member of [again, grid, lab])
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

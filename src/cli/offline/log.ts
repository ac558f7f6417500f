import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { HealedView } from '#federation/heal/wire.ts'
import type { EvidenceView } from '#federation/witness/wire.ts'
import { readIdentity } from '#kernel/data-folder.ts'
import { judgeDeliveryProof, parseDeliveryProof } from '#kernel/delivery-proof.ts'
import { ensureFolder } from '#kernel/ensure-folder.ts'
import { judgeEvidence, parseEvidence } from '#kernel/evidence.ts'
import { Fault } from '#kernel/fault.ts'
import { lockFolder } from '#kernel/folder-lock.ts'
import { LIMITS } from '#kernel/limits.ts'
import { knownVerifiers, noteVerifier } from '#kernel/note-verifier.ts'
import { listOption, requirePositional, stringOption, type CliContext, type Command } from '../args.ts'
import { readNamed } from '../file.ts'
import { readRunning } from '../node-access.ts'
import { safeText } from '../output.ts'
import { exportLog } from './export-log.ts'
import { verifyFolder } from './verify.ts'

export const command: Command = {
  name: 'log',
  summary:
    'The logs in a data folder: verify them from the stored bytes up, or export one as static C2SP tiles, check evidence of a fork.',
  usage: [
    'log verify',
    'log export DIR [--origin ORIGIN]',
    'log resume [--alone]',
    'log evidence [DIR]',
    'log verify-evidence FILE',
    'log verify-delivery FILE [--key VKEY]…',
  ],
  options: {
    alone: { type: 'boolean', description: 'With resume: sign again on restored data without asking peers.' },
    key: {
      type: 'string',
      multiple: true,
      placeholder: 'VKEY',
      description: 'With verify-delivery: a key of the author’s log that you know, in place of the ones in the file.',
    },
    origin: { type: 'string', placeholder: 'ORIGIN', description: 'Which log to export (default: this member’s own).' },
  },
  examples: ['comity log verify --data-dir /var/lib/comity', 'comity log export /srv/www/log'],
  run: async (context) => {
    const [verb] = context.positionals
    if (verb === 'verify') return verify(context)
    if (verb === 'export') {
      const answer = exportLog(
        context.dataDir,
        resolve(context.cwd, requirePositional(context, 1, 'the folder to write to')),
        stringOption(context, 'origin'),
      )
      context.out.data(answer)
      context.out.line(
        `${answer.origin}: ${answer.size} entries, ${answer.written} files written, ${answer.kept} there already`,
      )
      return 0
    }
    if (verb === 'resume') return context.values['alone'] === true ? resumeAlone(context) : resume(context)
    if (verb === 'evidence') return listEvidence(context)
    if (verb === 'verify-evidence') return verifyEvidence(context)
    if (verb === 'verify-delivery') return verifyDelivery(context)
    throw new Fault('input.invalid', 'say what to do with the log', {
      place: 'the command line',
      remedy: 'comity log verify, or comity log export DIR',
    })
  },
}

function verify({ dataDir, out }: CliContext): number {
  const reports = verifyFolder(dataDir, (origin, done, size) => out.progress(`${origin}: ${done} of ${size}`))
  out.data({ ok: reports.every((report) => report.problems.length === 0), logs: reports })
  for (const { origin, size, statements, problems } of reports) {
    if (problems.length === 0)
      out.line(`${origin}: ${size} entries, head signed, ${statements} statements: all verified`)
    else {
      out.line(`${origin === '' ? 'database' : origin}: NOT VERIFIED`)
      for (const problem of problems) out.line(`  ${safeText(problem)}`)
    }
  }
  return reports.every((report) => report.problems.length === 0) ? 0 : 1
}

/** Asks the peers what they hold of this member's log, takes back what is missing, and goes on in the same history. */
async function resume(context: CliContext): Promise<number> {
  const { out } = context
  const client = await context.node()
  const healed = await client.post<HealedView>('/log/resume')
  out.data(healed)
  out.line(`confirmed by ${healed.confirmedBy.join(', ')}`)
  out.line(
    healed.size === healed.sizeBefore
      ? `nothing was said after the backup: ${healed.size} statements, as before`
      : `${healed.size - healed.sizeBefore} statements came back, ${healed.returned} of them with their content${healed.lost === 0 ? '' : `; of ${healed.lost} the content did not come back (what nobody had, and commitments to streams), their leaves stay`}`,
  )
  if (healed.returned > 0) out.line('what came back is in the collection “returned”, which is shared with nobody yet')
  for (const { member, reason } of healed.unheard)
    out.line(`${member} gave back what cannot be taken, and is asked again by itself: ${safeText(reason)}`)
  out.line('the log may be signed again; it is in the audit log')
  return 0
}

/** A person decides to sign again on restored data, without having asked the peers what they hold. */
function resumeAlone({ dataDir, out, clock }: CliContext): number {
  if (readRunning(dataDir) !== undefined)
    throw new Fault('conflict', 'the node runs', { place: dataDir, remedy: 'Stop it first.' })
  readIdentity(dataDir)
  using _ = lockFolder(dataDir)
  using database = new DatabaseSync(join(dataDir, 'comity.db'))
  const { changes } = database
    .prepare(
      'UPDATE meta SET restored_ms = NULL, conflict = NULL WHERE restored_ms IS NOT NULL OR conflict IS NOT NULL',
    )
    .run()
  if (Number(changes) === 0) {
    out.line('nothing holds this log back; nothing to do')
    out.data({ resumed: false })
    return 0
  }
  database.prepare('UPDATE peer SET unasked_ms = ?').run(clock.nowMs())
  database
    .prepare(
      `INSERT INTO audit (time_ms, actor, action, subject, detail) VALUES (?, 'admin', 'log.resume-alone', '', '{}')`,
    )
    .run(clock.nowMs())
  out.line('the log may be signed again; it is in the audit log. What was kept is said when the node starts.')
  out.data({ resumed: true })
  return 0
}

/** The forks this node knows of; with a folder, the evidence as files that anyone can check. */
async function listEvidence(context: CliContext): Promise<number> {
  const { out, cwd } = context
  const client = await context.node()
  const { items } = await client.get<{ items: EvidenceView[] }>('/evidence')
  out.data({ items })
  if (items.length === 0) out.line('No fork is known.')
  else
    out.table(
      ['FOUND', 'WHOSE LOG', 'BY WHOM'],
      items.map((each) => [each.at, each.member, each.source]),
    )
  const [, folder] = context.positionals
  if (folder === undefined) return 0
  ensureFolder(resolve(cwd, folder))
  for (const { id, member, file } of items)
    writeFileSync(join(resolve(cwd, folder), `${member}-${id}.evidence.json`), file, { flag: 'w' })
  out.line(`${items.length} files are in ${resolve(cwd, folder)}; check one with: comity log verify-evidence FILE`)
  return 0
}

/** Needs no node, no data folder and no network. */
function verifyEvidence(context: CliContext): number {
  const { out, cwd } = context
  const what = 'the file with the evidence'
  const name = requirePositional(context, 1, what)
  const evidence = parseEvidence(readNamed({ cwd, name, what, bytesMax: LIMITS.evidenceBytesMax }))
  const verdict = judgeEvidence(evidence)
  out.data({ ...verdict, vkeys: evidence.vkeys })
  if (!verdict.ok) {
    out.line(`This proves nothing: ${safeText(verdict.reason)}`)
    return 1
  }
  out.line(`PROVEN: ${safeText(verdict.origin)} signed two heads that cannot both be true,`)
  out.line(`  one of ${verdict.olderSize} statements and one of ${verdict.newerSize}, with these keys:`)
  for (const vkey of evidence.vkeys) out.line(`  ${safeText(vkey.slice(0, 100))}${vkey.length > 100 ? '…' : ''}`)
  out.line('Whether they are that member’s keys you must know otherwise: from its node document, or by telephone.')
  return 0
}

/** Needs no node, no data folder and no network. */
function verifyDelivery(context: CliContext): number {
  const { out, cwd } = context
  const what = 'the file with the proof'
  const name = requirePositional(context, 1, what)
  const proof = parseDeliveryProof(readNamed({ cwd, name, what, bytesMax: LIMITS.deliveryProofBytesMax }))
  const given = listOption(context, 'key')
  const vkeys = given.length > 0 ? given : proof.vkeys
  const verifiers = given.length > 0 ? given.map((vkey) => noteVerifier(vkey)) : knownVerifiers(proof.vkeys)
  const verdict = judgeDeliveryProof(proof, verifiers)
  out.data({ ...verdict, vkeys })
  if (!verdict.ok) {
    out.line(`This proves nothing: ${safeText(verdict.reason)}`)
    return 1
  }
  const { finding, member, recipient, committed, shown, index, origin, time } = verdict
  out.line(
    `${finding === 'rewritten' ? 'REWRITTEN' : 'COMMITTED'}: ${safeText(member)} to ${safeText(recipient)}, ${committed} items,`,
  )
  out.line(`  by leaf ${index} of ${safeText(origin)}, said at ${time}`)
  if (finding === 'complete') out.line(`  the items shown, up to ${shown}, are those it committed to`)
  if (finding === 'open')
    out.line(`  items up to ${shown} are shown; whether the others were given only their bytes can answer`)
  if (finding === 'rewritten') out.line('  and it committed to another stream before: both cannot be true')
  if (given.length === 0)
    out.line('Whether the keys in the file are that member’s you must know otherwise: give them with --key.')
  return 0
}

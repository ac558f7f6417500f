// A member's own rules: set by a person, checked again where they are stored, kept with everything that came before.
import { hash } from 'node:crypto'
import { audit, recordDeed } from '../audit.ts'
import { formatTime } from '../clock.ts'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { raiseEpoch } from '../standing.ts'
import { command, type Reader, type Writer } from '../store/types.ts'
import type { Finding } from './bounds.ts'
import { fromRow, VERSION_COLUMNS, type Rules, type VersionRow } from './rules.ts'
import type { RuleFile } from './types.ts'
import type { RulesVersion } from './wire.ts'

export type NewRules = {
  readonly actor: string
  /** No files: no rules of one's own. */
  readonly files: readonly RuleFile[]
  /** The version that the person looked at; where another came to be since, nothing is set. */
  readonly after?: number
  /** Why, for whoever reads the history. */
  readonly reason?: string
}

/** Puts rules in force. Every decision made by others is void in the same transaction. */
export const setRules = command('kernel.set-rules', (tx, { actor, files, after, reason = '' }: NewRules): number => {
  const { version } = tx.judge.rules(tx)
  if (after !== undefined && after !== version)
    throw new Fault('conflict', `version ${version} of the rules came to be since version ${after} was looked at`, {
      remedy: 'Look at the rules as they are now: comity policy show.',
    })
  const { findings, rules, names } = tx.judge.caller.checkSync(files)
  const wrong = findings.find(({ severity }) => severity === 'error')
  if (wrong !== undefined) throw findingFault(wrong)
  tx.run(
    `INSERT INTO policy_version (version, time_ms, actor, digest, files, rules, members, communities, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    version + 1,
    tx.nowMs,
    actor,
    hash('sha256', JSON.stringify(files)),
    JSON.stringify(files),
    JSON.stringify(rules),
    JSON.stringify(names.members),
    JSON.stringify(names.communities),
    reason,
  )
  tx.run('DELETE FROM policy_version WHERE version <= ?', version + 1 - LIMITS.policyVersionsMax)
  tx.run('DELETE FROM decision')
  raiseEpoch(tx)
  const detail = {
    version: version + 1,
    files: files.map(({ name }) => name),
    rules: rules.map(({ id }) => id),
    reason,
  }
  audit(tx, { actor, action: 'policy.set', subject: String(version + 1), detail })
  tx.afterCommit(() => tx.judge.caller.prepare(files))
  return version + 1
})

/** Puts rules in force; where they cannot be, who wanted it, and where and why they are wrong, is in the audit log. */
export async function putInForce(store: Writer, rules: NewRules): Promise<void> {
  try {
    await store.write(setRules, rules)
  } catch (error) {
    if (error instanceof Fault && error.code === 'input.invalid') {
      const detail = { reason: error.message.slice(0, LIMITS.policyReasonCharsMax) }
      const deed = { actor: rules.actor, action: 'policy.refused', subject: error.place ?? '', detail }
      await store.write(recordDeed, deed).catch(() => {})
    }
    throw error
  }
}

/** A finding as the failure that keeps rules from being set. */
export function findingFault({ file, line, column, message, remedy }: Finding): Fault {
  return new Fault('input.invalid', `these rules cannot be set: ${message}`, {
    place: `${file}:${line}:${column}`,
    remedy,
  })
}

/** Every version that is kept, newest first. */
export async function listVersions(reader: Reader): Promise<RulesVersion[]> {
  const rows = await reader.all<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM policy_version ORDER BY version DESC LIMIT ?`,
    LIMITS.pageMax,
  )
  return rows.map(({ version, timeMs, actor, reason, files, rules }) => ({
    version,
    at: formatTime(timeMs),
    actor,
    reason,
    files: (JSON.parse(files) as RuleFile[]).map(({ name }) => name),
    rules: (JSON.parse(rules) as { id: string }[]).map(({ id }) => id),
  }))
}

/** Rules as they were in a version; the newest where none is named. Undefined before there were any. */
export async function loadVersion(
  reader: Reader,
  version?: number,
): Promise<(Rules & { readonly at: string; readonly actor: string }) | undefined> {
  const row = await reader.get<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM policy_version WHERE version = ? OR ? IS NULL ORDER BY version DESC LIMIT 1`,
    version ?? null,
    version ?? null,
  )
  return row === undefined ? undefined : { ...fromRow(row), at: formatTime(row.timeMs), actor: row.actor }
}

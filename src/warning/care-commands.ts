// What people do about a warning besides answering it: somebody takes it on, or it is kept quiet for a while, with a
// reason. Each is a deed; a warning's deeds are its history.
import { audit } from '#kernel/audit.ts'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'

type About = { readonly actor: string; readonly id: number }

/** Whose it is from now on; an empty name gives it back to everybody. */
export const assignWarning = command('warning.assign', (tx, input: About & { readonly to: string }): void => {
  requireStanding(tx, input.id)
  tx.run('UPDATE warning SET assigned = ? WHERE id = ?', input.to, input.id)
  done(tx, input, 'warning.assign', { to: input.to })
})

/** Quiet until a time, and as it was afterwards. */
export const muteWarning = command(
  'warning.mute',
  (tx, input: About & { readonly untilMs: number; readonly reason: string }): void => {
    requireStanding(tx, input.id)
    const aheadMs = input.untilMs - tx.nowMs
    if (aheadMs <= 0 || aheadMs > LIMITS.muteMsMax)
      throw new Fault('input.invalid', 'a warning is muted until a time that comes, within ninety days', {
        place: 'until',
      })
    tx.run(
      'UPDATE warning SET muted_until_ms = ?, muted_reason = ? WHERE id = ?',
      input.untilMs,
      input.reason,
      input.id,
    )
    done(tx, input, 'warning.mute', { until: formatTime(input.untilMs), note: input.reason })
  },
)

export const unmuteWarning = command('warning.unmute', (tx, input: About): void => {
  requireStanding(tx, input.id)
  tx.run("UPDATE warning SET muted_until_ms = NULL, muted_reason = '' WHERE id = ?", input.id)
  done(tx, input, 'warning.unmute', {})
})

/** Those whose quiet time is over speak again. */
export const endMutes = command('warning.end-mutes', (tx, _input: null): number => {
  const over = tx.all<{ id: number }>(
    "UPDATE warning SET muted_until_ms = NULL, muted_reason = '' WHERE muted_until_ms <= ? RETURNING id",
    tx.nowMs,
  )
  for (const { id } of over) tx.emit({ name: 'warning.changed', data: { id } })
  return over.length
})

function requireStanding(tx: Tx, id: number): void {
  const row = tx.get<{ state: string }>('SELECT state FROM warning WHERE id = ?', id)
  if (row === undefined) throw new Fault('not-found', `there is no warning ${id}`, { remedy: 'See “comity warnings”.' })
  if (row.state === 'retracted') throw new Fault('conflict', 'this warning was retracted; nothing is left to do')
}

function done(tx: Tx, { actor, id }: About, action: string, detail: Readonly<Record<string, unknown>>): void {
  tx.run('UPDATE warning SET changed_ms = ? WHERE id = ?', tx.nowMs, id)
  audit(tx, { actor, action, subject: String(id), detail })
  tx.emit({ name: 'warning.changed', data: { id } })
}

export type WarningDeed = {
  readonly at: string
  readonly actor: string
  readonly what: string
  readonly detail: unknown
}

/** What was done about a warning, oldest first. */
export async function deedsAbout(reader: Reader, id: number): Promise<WarningDeed[]> {
  const rows = await reader.all<{ timeMs: number; actor: string; action: string; detail: string }>(
    `SELECT time_ms AS timeMs, actor, action, detail FROM audit
     WHERE subject = ? AND substr(action, 1, 8) = 'warning.' ORDER BY id DESC LIMIT ?`,
    String(id),
    LIMITS.pageMax,
  )
  return rows.toReversed().map(({ timeMs, actor, action, detail }) => ({
    at: formatTime(timeMs),
    actor,
    what: action.slice('warning.'.length),
    detail: JSON.parse(detail) as unknown,
  }))
}

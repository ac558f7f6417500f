// What waits for a person, from every part of the node, most urgent first. Whoever may not know of a part is not told.
import { formatTime } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import type { Caller } from '#kernel/http/access.ts'
import { keptInSight } from '#kernel/log/kept.ts'
import { RULE_FAILED } from '#kernel/policy/system.ts'
import { loadSight, type Sight } from '#kernel/sight.ts'
import type { Reader, Value } from '#kernel/store/types.ts'
import { membersAsking, type Neighbour } from '#federation/api.ts'
import { quarantinedByMember } from '#sharing/api.ts'
import type { Warning } from '#warning/api.ts'
import { NEED_KINDS, type NeedView } from './wire.ts'

const WARNINGS_MAX = 100
const ASKING_MAX = 100
const QUARANTINED_MAX = 100
/** A peer that was not heard for this long is silent. */
const SILENT_MS = 6 * 3600_000
/** That somebody else may sign under this member's name is told of for so long. */
const ALARM_MS = 7 * 24 * 3600_000
const ALARMS_MAX = 20
const RULES_MAX = 20
/** What ends within this time is told of. */
const SOON_MS = 14 * 24 * 3600_000

export type NeedSources = {
  readonly store: Reader
  readonly egress: Pick<Egress, 'reach'>
  readonly warning: Pick<Warning, 'list'>
  readonly frozen: string | undefined
  readonly peers: readonly Neighbour[]
  /** When the node's certificate ends. */
  readonly certificateEndsMs: number | undefined
  /** Whether everybody on the machine may look into the data folder. */
  readonly folderOpen: boolean
  readonly nowMs: number
}

export async function needsOf(sources: NeedSources, caller: Caller): Promise<NeedView[]> {
  const [sight, unseen] = await whereDecided(loadSight(sources, caller.principal), NOTHING)
  const [warned, undecided] = await whereDecided(warnings(sources, caller), [])
  const needs = [
    ...(sources.frozen === undefined ? [] : [{ kind: 'frozen' as const, count: 1, reason: sources.frozen }]),
    ...(await alarms(sources)),
    ...(await kept(sources, sight)),
    ...(await failingRules(sources.store)),
    ...(unseen.length > 0 ? unseen : undecided),
    ...warned,
    ...sources.peers.flatMap((peer) => ofPeer(peer, sources.nowMs)),
    ...(await counted(sources.store, 'fork', 'SELECT count(*) AS n, min(time_ms) AS sinceMs FROM fork_evidence')),
    ...(await asked(sources, sight)),
    ...(await quarantined(sources, sight)),
    ...(caller.rights.includes('audit') ? await ofOperators(sources) : []),
  ]
  return needs.toSorted((a, b) => NEED_KINDS.indexOf(a.kind) - NEED_KINDS.indexOf(b.kind))
}

const NOTHING: Sight = []

/** Where nothing can be decided now, that is what waits; the rest is told all the same. */
async function whereDecided<T>(asked: Promise<T>, otherwise: T): Promise<readonly [T, readonly NeedView[]]> {
  try {
    return [await asked, []]
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'busy') throw error
    return [otherwise, [{ kind: 'rules', count: 1, reason: error.message }]]
  }
}

async function kept({ store }: NeedSources, sight: Sight): Promise<NeedView[]> {
  const seen = keptInSight(sight)
  const sql = `SELECT count(*) AS n, min(time_ms) AS sinceMs FROM kept_write k WHERE ${seen.sql}`
  return counted(store, 'kept', sql, ...seen.values)
}

/** By who raised them, in the last week: the newest of each. */
async function alarms({ store, nowMs }: NeedSources): Promise<NeedView[]> {
  const rows = await store.all<{ actor: string; n: number; timeMs: number; detail: string }>(
    `SELECT actor, count(*) AS n, max(time_ms) AS timeMs, detail FROM audit
     WHERE action = 'log.alarm' AND time_ms >= ? GROUP BY actor ORDER BY timeMs DESC LIMIT ?`,
    nowMs - ALARM_MS,
    ALARMS_MAX,
  )
  return rows.map(({ actor, n, timeMs, detail }) => ({
    kind: 'alarm',
    count: n,
    about: actor.slice(actor.indexOf(':') + 1),
    since: formatTime(timeMs),
    reason: (JSON.parse(detail) as { reason?: string }).reason ?? '',
  }))
}

/** Rules that failed since they were set. */
async function failingRules(store: Reader): Promise<NeedView[]> {
  const rows = await store.all<{ rule: string }>(
    `SELECT DISTINCT json_extract(rules, '$[1]') AS rule FROM decision
     WHERE json_extract(rules, '$[0]') = '${RULE_FAILED}' ORDER BY rule LIMIT ?`,
    RULES_MAX,
  )
  if (rows.length === 0) return []
  return [{ kind: 'rules', count: rows.length, reason: `fails: ${rows.map(({ rule }) => rule).join(', ')}` }]
}

async function warnings({ warning }: NeedSources, { principal }: Caller): Promise<NeedView[]> {
  const { items } = await warning.list({ state: 'new', muted: false, limit: WARNINGS_MAX }, principal)
  const oldest = items.map(({ firstSeen }) => firstSeen).toSorted()[0]
  return oldest === undefined ? [] : [{ kind: 'warnings', count: items.length, since: oldest }]
}

/** Where this node answers for itself, whoever asks to erase waits for a person. */
async function asked({ store }: NeedSources, sight: Sight): Promise<NeedView[]> {
  const members = await membersAsking(store, sight, ASKING_MAX)
  return members.map(({ member, n, sinceMs }) => ({
    kind: 'asked',
    count: n,
    about: member,
    since: formatTime(sinceMs),
  }))
}

async function quarantined({ store }: NeedSources, sight: Sight): Promise<NeedView[]> {
  const members = await quarantinedByMember(store, sight, QUARANTINED_MAX)
  return members.map(({ member, n, sinceMs, reason }) => ({
    kind: 'quarantine',
    count: n,
    about: member,
    since: formatTime(sinceMs),
    reason,
  }))
}

function ofPeer(peer: Neighbour, nowMs: number): NeedView[] {
  const about = peer.name
  const heard = peer.lastContactMs === null ? {} : { since: formatTime(peer.lastContactMs) }
  if (peer.state === 'pending') return [{ kind: 'pending', count: 1, about }]
  if (peer.state !== 'approved') return []
  const { doubt, withdrawals } = peer
  return [
    ...(peer.stopped === null ? [] : [{ kind: 'stopped' as const, count: 1, about, reason: peer.stopped }]),
    ...(doubt === undefined
      ? []
      : [{ kind: 'doubt' as const, count: 1, about, reason: doubt.reason, since: formatTime(doubt.sinceMs) }]),
    ...(withdrawals.count === 0
      ? []
      : [
          {
            kind: 'withdrawals' as const,
            count: withdrawals.count,
            about,
            ...(withdrawals.sinceMs === undefined ? {} : { since: formatTime(withdrawals.sinceMs) }),
          },
        ]),
    ...(peer.stopped !== null || (peer.lastContactMs !== null && nowMs - peer.lastContactMs <= SILENT_MS)
      ? []
      : [
          {
            kind: 'silent' as const,
            count: 1,
            about,
            ...heard,
            ...(peer.lastError === null ? {} : { reason: peer.lastError }),
          },
        ]),
  ]
}

async function ofOperators({ store, certificateEndsMs, folderOpen, nowMs }: NeedSources): Promise<NeedView[]> {
  const ends = certificateEndsMs !== undefined && certificateEndsMs - nowMs < SOON_MS ? certificateEndsMs : undefined
  return [
    ...(await counted(
      store,
      'jobs',
      'SELECT count(*) AS n, min(failed_ms) AS sinceMs FROM job WHERE failed_ms IS NOT NULL',
    )),
    ...(await counted(
      store,
      'feeds',
      'SELECT count(*) AS n, min(coalesce(read_ms, tried_ms)) AS sinceMs FROM feed WHERE failures >= 3 AND paused = 0',
    )),
    ...(folderOpen ? [{ kind: 'folder' as const, count: 1, reason: 'run: chmod 700 on the data folder' }] : []),
    ...(ends === undefined ? [] : [{ kind: 'certificate' as const, count: 1, since: formatTime(ends) }]),
    ...(await counted(
      store,
      'tokens',
      `SELECT count(*) AS n, min(expires_ms) AS sinceMs FROM api_token
       WHERE revoked_ms IS NULL AND expires_ms >= ? AND expires_ms < ?`,
      nowMs,
      nowMs + SOON_MS,
    )),
  ]
}

async function counted(reader: Reader, kind: NeedView['kind'], sql: string, ...values: Value[]): Promise<NeedView[]> {
  const { n = 0, sinceMs = null } = (await reader.get<{ n: number; sinceMs: number | null }>(sql, ...values)) ?? {}
  return n === 0 ? [] : [{ kind, count: n, ...(sinceMs === null ? {} : { since: formatTime(sinceMs) }) }]
}

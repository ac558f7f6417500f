// Which techniques a record uses: those at the other ends of its own lines, and, once removed, those that its software and
// its campaigns use (STIX 2.1 section 7.2: `uses`, and `attributed-to` from a campaign).
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Sight } from '#kernel/sight.ts'
import { linesSql } from '#kernel/store/dialect.ts'
import { lookAs, outwardEdges, requireId, type GraphDeps } from '../graph.ts'
import { objectKey } from '../stix-id.ts'
import { recordInSight } from '../visible.ts'

export type Used = {
  /** Everything at the other end of a line of the record. */
  readonly ids: ReadonlySet<string>
  /** What its software and campaigns use. */
  readonly through: ReadonlySet<string>
  readonly whole: boolean
}

/** A relationship. */
type Line = { readonly word: string; readonly from: string; readonly to: string }
type Lines = { readonly lines: readonly Line[]; readonly whole: boolean }

/** What these use, whoever uses them or stands behind them uses too. */
const BETWEEN = /^(?:malware|tool|campaign)--/

export async function usedBy(deps: GraphDeps, principal: Principal, id: string): Promise<Used> {
  requireId(id)
  const look = await lookAs(deps, principal, 'attack')
  const named = await outwardEdges(deps, look, [id])
  const own = await linesAt(deps.store, look.sight, [id])
  const between = own.lines.flatMap(({ word, from, to }) => {
    const other = word === 'uses' && from === id ? to : word === 'attributed-to' && to === id ? from : ''
    return BETWEEN.test(other) ? [other] : []
  })
  const theirs = await linesAt(deps.store, look.sight, [...new Set(between)])
  const users = new Set(between)
  return {
    ids: new Set([...named.map(({ to }) => to), ...own.lines.map(({ from, to }) => (from === id ? to : from))]),
    through: new Set(theirs.lines.filter(({ word, from }) => word === 'uses' && users.has(from)).map(({ to }) => to)),
    whole: own.whole && theirs.whole,
  }
}

/** The relationships in sight at some records. */
async function linesAt(store: Reader, sight: Sight, ids: readonly string[]): Promise<Lines> {
  const seen = recordInSight(sight)
  const oids = ids.map((id) => Buffer.from(objectKey(id)?.oid ?? []).toString('hex'))
  const rows = await store.all<{ readonly ends: string }>(
    linesSql(seen.sql),
    JSON.stringify(oids),
    ...seen.values,
    LIMITS.graphRecordsMax,
  )
  const lines: Line[] = []
  for (const { ends } of rows) {
    const [word, from, to] = JSON.parse(ends) as unknown[]
    if (typeof word === 'string' && typeof from === 'string' && typeof to === 'string') lines.push({ word, from, to })
  }
  return { lines, whole: rows.length < LIMITS.graphRecordsMax }
}

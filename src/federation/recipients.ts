// Who has a statement that this node gave, by which rule and since when; and which approved peers do not, and why.
import { formatTime } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import type { Decision } from '#kernel/policy/types.ts'
import { loadPrincipal } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { listPeers } from './peers.ts'

export type Recipient = {
  readonly member: string
  readonly rule: string
  readonly reason: string
  readonly at?: string
  /** Whether what belongs to the records went along. */
  readonly context?: boolean
  /** Whether the member has asked for what comes behind it, and so has it. */
  readonly confirmed?: boolean
  /** Why the member would not get it today. The copy it has stays with it. */
  readonly ended?: string
}
export type Recipients = {
  readonly recipients: Recipient[]
  readonly refused: Pick<Recipient, 'member' | 'rule' | 'reason'>[]
}

/** A peer that gave something back, or said that it holds it, has it. Which item gave it, and when, is lost. */
const RETURNED = `i.rule = 'follows.returned'`

type Facts = { log: number; idx: number; kind: string; labelClass: number; collection: number | null }
type Row = {
  name: string
  rule: string
  context: number
  /** Not known of what was given by what a restore lost. */
  timeMs: number | null
  confirmed: number
  given: number
  narrowed: number
}

export async function recipientsOf(
  { store, egress }: { readonly store: Reader; readonly egress: Egress },
  statement: number,
): Promise<Recipients> {
  const facts = await store.get<Facts>(
    'SELECT log, idx, kind, label_class AS labelClass, collection FROM statement WHERE seq = ?',
    statement,
  )
  if (facts === undefined) return { recipients: [], refused: [] }
  const decide = async (member: string): Promise<Decision> =>
    egress.explain(await loadPrincipal(store, member, 'peer'), facts.collection ?? 0, {
      seq: statement,
      labelClass: facts.labelClass,
    })
  const rows = await store.all<Row>(
    `SELECT p.name, i.rule, i.context, i.narrowed, ${RETURNED} OR p.confirmed_seq >= i.seq AS confirmed,
       ${RETURNED} OR p.given_seq >= i.seq AS given, CASE WHEN NOT (${RETURNED}) THEN
         (SELECT time_ms FROM delivery d WHERE d.peer = p.id AND d.seq = i.seq) END AS timeMs
     FROM peer p JOIN delivery_index i ON i.peer = p.id AND i.log = ? AND i.idx = ? ORDER BY p.name`,
    facts.log,
    facts.idx,
  )
  const recipients: Recipient[] = []
  const had = new Set<string>()
  for (const row of rows) {
    const now = facts.kind === 'records.put' ? await decide(row.name) : undefined
    const ended = now?.allow === false
    if (row.narrowed === 1 || (ended && row.given === 0)) continue
    had.add(row.name)
    recipients.push({
      member: row.name,
      rule: row.rule,
      reason: FOLLOWING[row.rule] ?? (await egress.sentence(row.rule)),
      ...(row.timeMs === null ? {} : { at: formatTime(row.timeMs) }),
      confirmed: row.confirmed === 1,
      ...(row.context === 0 ? {} : { context: true }),
      ...(ended ? { ended: now.reason } : {}),
    })
  }
  const refused = []
  for (const { name, state } of await listPeers(store)) {
    if (state !== 'approved' || had.has(name)) continue
    const { allow, rule, reason } = await decide(name)
    if (!allow) refused.push({ member: name, rule, reason })
  }
  return { recipients, refused }
}

const FOLLOWING: Readonly<Record<string, string>> = {
  'follows.returned': 'it gave this back when this node was restored',
  'follows.delivery': 'it received what this takes back',
  'evidence.to-peers': 'evidence of a fork goes to every peer',
  'log-end.to-peers': 'that the log has ended goes to every peer',
}

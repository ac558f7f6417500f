// The one door out. Whatever leaves for a peer, a client, a file or a person asks here, for a named principal, and
// leaves a record of the answer. Two ways through, one decision: `release` for answers to requests, and
// `mayDeliver` inside the writer for the streams of peers, where the delivery item itself is the record.
import { hash } from 'node:crypto'
import type { Marking } from './marking.ts'
import { decide, type Decision, type Principal } from './policy.ts'
import { loadLabel, loadShare, readLabel, readShare, type CollectionShare } from './standing.ts'
import { command, type LoggedStatement, type Reader, type Tx, type Writer } from './store/types.ts'

/** Something that might leave: its sequence number and label class decide. */
export type Candidate = { readonly seq: number; readonly labelClass: number }

/** What may be fetched for a principal from one collection, so that a query reads little that `release` would drop. */
export type Reach = {
  /** Classes allowed to the principal whoever is named. */
  readonly always: readonly number[]
  /** Classes allowed only where the principal is named on the statement. */
  readonly ifNamed: readonly number[]
}

export type ReleaseRequest<T extends Candidate> = {
  readonly principal: Principal
  /** Which way out, e.g. `taxii/objects`, `export`. */
  readonly route: string
  readonly collection: number
  /** What the principal asked after: a cursor, an id. Stands in the record, so no secrets. */
  readonly cursor: string
  readonly candidates: readonly T[]
}

export type Egress = {
  readonly reach: (principal: Principal, collection: number) => Promise<Reach>
  /** The candidates that may leave, in order. When this resolves, the record of the answer is durable. */
  readonly release: <T extends Candidate>(request: ReleaseRequest<T>) => Promise<T[]>
  /** The same, for who needs time to fetch what leaves: both happen at once, and nothing is handed out before both are done. */
  readonly releaseWith: <T extends Candidate, R>(
    request: ReleaseRequest<T>,
    fetch: (released: readonly T[]) => Promise<R>,
  ) => Promise<{ readonly released: T[]; readonly fetched: R }>
  /** The decision for one candidate, for people who ask why. Nothing leaves by it. */
  readonly explain: (principal: Principal, collection: number, candidate: Candidate) => Promise<Decision>
}

export function makeEgress(store: Reader & Writer): Egress {
  const labels = new Map<number, Marking | undefined>()
  const label = async (id: number): Promise<Marking | undefined> => {
    if (!labels.has(id)) labels.set(id, await loadLabel(store, id))
    return labels.get(id)
  }

  const judge = async (
    principal: Principal,
    share: CollectionShare | undefined,
    id: number,
    named: boolean,
  ): Promise<Decision> => {
    const marking = await label(id)
    return judgeLabel(principal, marking, share, named)
  }

  const named = async (principal: Principal, candidate: Candidate): Promise<boolean> => {
    if (principal.kind !== 'member' || (await label(candidate.labelClass))?.audience.named !== true) return false
    return (await store.get(NAMED_SQL, candidate.seq, principal.member)) !== undefined
  }

  const choose = async <T extends Candidate>({
    principal,
    collection,
    candidates,
  }: ReleaseRequest<T>): Promise<T[]> => {
    const share = await loadShare(store, collection)
    const unnamed = new Map<number, Decision>()
    const released = []
    for (const candidate of candidates) {
      const id = candidate.labelClass
      let decision = unnamed.get(id)
      if (decision === undefined) unnamed.set(id, (decision = await judge(principal, share, id, false)))
      if (!decision.allow && (await named(principal, candidate))) decision = await judge(principal, share, id, true)
      if (decision.allow) released.push(candidate)
    }
    return released
  }

  const record = async (
    { principal, route, cursor }: ReleaseRequest<Candidate>,
    released: readonly Candidate[],
  ): Promise<void> => {
    if (principal.kind === 'self' && principal.via === 'person') return
    await store.write(recordAnswer, {
      principal: principalName(principal),
      route,
      classes: [...new Set(released.map((each) => each.labelClass))],
      cursor,
      count: released.length,
      digest: digestOf(released),
    })
  }

  return {
    reach: async (principal, collection) => {
      const share = await loadShare(store, collection)
      const always: number[] = []
      const ifNamed: number[] = []
      for (const { id } of await store.all<{ id: number }>('SELECT id FROM label_class')) {
        if ((await judge(principal, share, id, false)).allow) always.push(id)
        else if (principal.kind === 'member' && (await judge(principal, share, id, true)).allow) ifNamed.push(id)
      }
      return { always, ifNamed }
    },

    release: async (request) => {
      const released = await choose(request)
      await record(request, released)
      return released
    },

    releaseWith: async (request, fetch) => {
      const released = await choose(request)
      const [fetched] = await Promise.all([fetch(released), record(request, released)])
      return { released, fetched }
    },

    explain: async (principal, collection, candidate) =>
      judge(principal, await loadShare(store, collection), candidate.labelClass, await named(principal, candidate)),
  }
}

/** May this statement of ours go into a peer's stream? Runs inside the writer, so no change can come between. */
export function mayDeliver(
  tx: Pick<Tx, 'get'>,
  principal: Principal,
  statement: Pick<LoggedStatement, 'labelClass' | 'collection'> & { readonly named: boolean },
): Decision {
  const share = statement.collection === null ? undefined : readShare(tx, statement.collection)
  return judgeLabel(principal, readLabel(tx, statement.labelClass), share, statement.named)
}

/** Where the label or the collection is not known, nobody outside gets it. */
function judgeLabel(
  principal: Principal,
  marking: Marking | undefined,
  share: CollectionShare | undefined,
  named: boolean,
): Decision {
  if (marking === undefined) return { allow: false, rule: 'floor.unknown', reason: 'the marking cannot be read' }
  const setting = share ?? { own: false, share: 'none' as const, public: false }
  return decide(principal, { marking, named, ...setting })
}

/** How a principal stands in records: `self`, `self/machine`, `member:cert.example`, `public`. */
export function principalName(principal: Principal): string {
  if (principal.kind === 'public') return 'public'
  if (principal.kind === 'self') return principal.via === 'machine' ? 'self/machine' : 'self'
  return `member:${principal.member}`
}

function digestOf(released: readonly Candidate[]): Uint8Array {
  return hash('sha256', new Uint8Array(new BigUint64Array(released.map((each) => BigInt(each.seq))).buffer), 'buffer')
}

type AnswerInput = {
  readonly principal: string
  readonly route: string
  readonly classes: readonly number[]
  readonly cursor: string
  readonly count: number
  readonly digest: Uint8Array
}

export const recordAnswer = command('kernel.record-answer', (tx, answer: AnswerInput): void => {
  tx.run(
    `INSERT INTO answer (time_ms, principal, route, policy_epoch, classes, cursor, count, digest)
     VALUES (?, ?, ?, (SELECT policy_epoch FROM meta), ?, ?, ?, ?)`,
    tx.nowMs,
    answer.principal,
    answer.route,
    JSON.stringify(answer.classes),
    answer.cursor,
    answer.count,
    answer.digest,
  )
})

const NAMED_SQL = `SELECT 1 FROM named n JOIN member m ON m.id = n.member
  WHERE n.statement = (SELECT seq FROM statement WHERE seq <= ? ORDER BY seq DESC LIMIT 1) AND m.name = ?`

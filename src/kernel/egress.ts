// The one door out. Whatever leaves for a peer, a client, a file or a person asks here, for a named principal, and
// leaves a record of the answer. Two ways through, one decision: `release` for answers to requests, and
// `deliveryDesk` inside the writer for the streams of peers, where the delivery item itself is the record.
import { hash } from 'node:crypto'
import { Fault } from './fault.ts'
import type { Marking } from './marking.ts'
import { ReaderJudge, UNDECIDED } from './policy/judge.ts'
import type { CollectionShare, Decision, Principal, Question } from './policy/types.ts'
import { loadEpoch, loadLabel, loadPrincipal, loadShare, readEpoch, readLabel, readShare } from './standing.ts'
import { command, type LoggedStatement, type Reader, type Tx, type Writer } from './store/types.ts'

/** Something that might leave: its sequence number and label class decide. */
export type Candidate = { readonly seq: number; readonly labelClass: number }

/** What may be fetched for a principal from one collection, so that a query reads little that `release` would drop. */
export type Reach = {
  /** Classes allowed to the principal whoever is named. */
  readonly always: readonly number[]
  /** Classes allowed only where the principal is named on the statement. */
  readonly ifNamed: readonly number[]
  /** Classes allowed only where it is not: a rule of the member's own may keep something from just those who are named. */
  readonly unlessNamed: readonly number[]
}

export type ReleaseRequest<T extends Candidate> = {
  readonly principal: Principal
  /** Who takes it along where it is not the principal itself: what leaves must be for both, and is recorded for both. */
  readonly bearer?: Principal
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
  /** The question that stands behind a candidate; undefined where its marking cannot be read. */
  readonly question: (principal: Principal, collection: number, candidate: Candidate) => Promise<Question | undefined>
  readonly judge: ReaderJudge
  /** What a rule says, for people; the rule's name itself where it is none of those in force. */
  readonly sentence: (rule: string) => Promise<string>
}

export function makeEgress(store: Reader & Writer): Egress {
  const judge = new ReaderJudge(store)
  const labels = new Map<number, Marking | undefined>()
  const label = async (id: number): Promise<Marking | undefined> => {
    if (!labels.has(id)) labels.set(id, await loadLabel(store, id))
    return labels.get(id)
  }

  /** The decisions for classes of one collection, named or not, in one round. */
  const judgeClasses = async (
    principal: Principal,
    collection: number,
    asked: readonly { readonly id: number; readonly named: boolean }[],
  ): Promise<Decision[]> => {
    const share = await loadShare(store, collection)
    const questions: (Question | undefined)[] = []
    for (const { id, named } of asked) questions.push(toQuestion(principal, await label(id), share, named))
    const decided = await judge.decide(questions.filter((each) => each !== undefined))
    let next = 0
    return questions.map((each) => (each === undefined ? UNREADABLE : (decided[next++] as Decision)))
  }

  const isNamed = async (principal: Principal, candidate: Candidate): Promise<boolean> => {
    if (principal.kind !== 'member' || (await label(candidate.labelClass))?.audience.named !== true) return false
    return (await store.get(NAMED_SQL, candidate.seq, principal.member)) !== undefined
  }

  const reach = async (principal: Principal, collection: number, ids: readonly number[]): Promise<Reach> => {
    const ask = async (asked: readonly number[], named: boolean): Promise<Set<number>> => {
      const questions = asked.map((id) => ({ id, named }))
      const decided = answered(await judgeClasses(principal, collection, questions))
      return new Set(asked.filter((_, i) => decided[i]?.allow === true))
    }
    const naming = new Set<number>()
    if (principal.kind === 'member')
      for (const id of ids) if ((await label(id))?.audience.named === true) naming.add(id)
    // A rule may open something to who is named, and may as well keep it from just them.
    const [unnamed, named] = [await ask(ids, false), await ask([...naming], true)]
    return {
      always: ids.filter((id) => unnamed.has(id) && (!naming.has(id) || named.has(id))),
      ifNamed: ids.filter((id) => !unnamed.has(id) && named.has(id)),
      unlessNamed: ids.filter((id) => unnamed.has(id) && naming.has(id) && !named.has(id)),
    }
  }

  const choose = async <T extends Candidate>(
    principal: Principal,
    collection: number,
    candidates: readonly T[],
  ): Promise<readonly T[]> => {
    const classes = [...new Set(candidates.map(({ labelClass }) => labelClass))]
    const { always, ifNamed, unlessNamed } = await reach(principal, collection, classes)
    const [open, toNamed, toOthers] = [new Set(always), new Set(ifNamed), new Set(unlessNamed)]
    const released = []
    for (const candidate of candidates) {
      const { labelClass } = candidate
      if (open.has(labelClass)) released.push(candidate)
      else if (toNamed.has(labelClass) || toOthers.has(labelClass)) {
        const named = await isNamed(principal, candidate)
        if ((named ? toNamed : toOthers).has(labelClass)) released.push(candidate)
      }
    }
    return released
  }

  /** What is for everybody who receives it, as they stand now: their standing may have changed since the request came in. */
  const chooseForAll = async <T extends Candidate>(request: ReleaseRequest<T>): Promise<T[]> => {
    let left = request.candidates
    for (const each of receiversOf(request)) left = await choose(await renewed(each), request.collection, left)
    return [...left]
  }

  /** Writes down what leaves. False where policy changed since it was chosen: then nothing leaves by that choice. */
  const record = async (
    request: ReleaseRequest<Candidate>,
    released: readonly Candidate[],
    epoch: number,
  ): Promise<boolean> => {
    const principals = receiversOf(request).filter((each) => each.kind !== 'self' || each.via === 'machine')
    if (principals.length === 0) return true
    return store.write(recordAnswer, {
      principals: principals.map(principalName),
      route: request.route,
      epoch,
      classes: [...new Set(released.map((each) => each.labelClass))],
      cursor: request.cursor,
      count: released.length,
      digest: digestOf(released),
    })
  }

  const releaseWith: Egress['releaseWith'] = async (request, fetch) => {
    for (let round = 0; round < RELEASE_ROUNDS; round += 1) {
      const epoch = await loadEpoch(store)
      const released = await chooseForAll(request)
      const [fetched, recorded] = await Promise.all([fetch(released), record(request, released, epoch)])
      if (recorded) return { released, fetched }
    }
    throw new Fault('busy', 'policy changes faster than this can be answered', { remedy: 'Ask again in a moment.' })
  }

  const renewed = async (principal: Principal): Promise<Principal> =>
    principal.kind === 'member' ? loadPrincipal(store, principal.member, principal.via) : principal

  return {
    reach: async (principal, collection) => {
      const rows = await store.all<{ id: number }>('SELECT id FROM label_class')
      return reach(
        principal,
        collection,
        rows.map(({ id }) => id),
      )
    },
    release: async (request) => (await releaseWith(request, async () => undefined)).released,
    releaseWith,
    explain: async (principal, collection, candidate) => {
      const named = await isNamed(principal, candidate)
      const decided = await judgeClasses(principal, collection, [{ id: candidate.labelClass, named }])
      const [decision] = principal.kind === 'self' ? answered(decided) : decided
      return decision as Decision
    },
    question: async (principal, collection, candidate) =>
      toQuestion(
        principal,
        await label(candidate.labelClass),
        await loadShare(store, collection),
        await isNamed(principal, candidate),
      ),
    judge,
    sentence: async (rule) => (await judge.rules()).reasons.get(rule) ?? rule,
  }
}

/** What cannot be decided now is no answer: a list without it would look whole, and who reads on would have passed over it. */
function answered(decisions: readonly Decision[]): readonly Decision[] {
  const open = decisions.find(({ rule }) => rule === UNDECIDED)
  if (open === undefined) return decisions
  throw new Fault('busy', open.reason, { remedy: 'Ask again in a moment.' })
}

function receiversOf({ principal, bearer }: ReleaseRequest<Candidate>): readonly Principal[] {
  return bearer === undefined ? [principal] : [principal, bearer]
}

/** How often a choice is made again when policy changed under it. */
const RELEASE_ROUNDS = 5

export type Offered = Pick<LoggedStatement, 'labelClass' | 'collection'> & { readonly named: boolean }
export type DeliveryDesk = (principal: Principal, statement: Offered) => Decision

/**
 * May these statements of ours go into the streams of these peers? Runs inside the writer, so no change can come between.
 * What was never decided is decided for all of them at once; each class is read once.
 */
export function deliveryDesk(
  tx: Pick<Tx, 'get' | 'run' | 'nowMs' | 'judge'>,
  offers: readonly { readonly principal: Principal; readonly statement: Offered }[],
): DeliveryDesk {
  const question = questions(tx)
  const open = new Map<string, Question>()
  const seen = new Map<Principal, number>()
  for (const { principal, statement } of offers) {
    if (!seen.has(principal)) seen.set(principal, seen.size)
    const key = `${seen.get(principal)} ${statement.labelClass} ${statement.collection} ${statement.named}`
    if (open.has(key)) continue
    const asked = question(principal, statement)
    if (asked !== undefined) open.set(key, asked)
  }
  tx.judge.decide(tx, [...open.values()])
  return (principal, statement) => {
    const asked = question(principal, statement)
    return asked === undefined ? UNREADABLE : (tx.judge.decide(tx, [asked])[0] as Decision)
  }
}

/**
 * The same for one principal, in bounded steps: at most so many questions are decided anew, those of the first offers
 * first. Undefined where one is still open.
 */
export function decideSome(
  tx: Pick<Tx, 'get' | 'run' | 'nowMs' | 'judge'>,
  principal: Principal,
  { offers, most }: { readonly offers: readonly Offered[]; readonly most: number },
): (Decision | undefined)[] {
  const question = questions(tx)
  const asked = offers.map((offer) => question(principal, offer))
  const decided = tx.judge.decideSome(
    tx,
    asked.filter((each) => each !== undefined),
    most,
  )
  let next = 0
  return asked.map((each) => (each === undefined ? UNREADABLE : decided[next++]))
}

/** What decides about a row that somebody looks at. */
export type Looked = Pick<Offered, 'labelClass' | 'collection'>

/**
 * Those of some rows that somebody may look at, inside the writer: nothing comes between looking and what is done with them.
 * Fails where one cannot be decided now: passed over, it would be as if it were not there.
 */
export function lookedAt<T extends Looked>(
  tx: Pick<Tx, 'get' | 'run' | 'nowMs' | 'judge'>,
  principal: Principal,
  rows: readonly T[],
): T[] {
  const offers = rows.map(({ labelClass, collection }) => ({
    principal,
    statement: { labelClass, collection, named: false },
  }))
  const desk = deliveryDesk(tx, offers)
  const decided = answered(offers.map(({ statement }) => desk(principal, statement)))
  return rows.filter((_, at) => decided[at]?.allow === true)
}

/** Makes questions of offers; each class and each collection is read once. */
function questions(tx: Pick<Tx, 'get'>): (principal: Principal, offer: Offered) => Question | undefined {
  const labels = new Map<number, Marking | undefined>()
  const shares = new Map<number, CollectionShare | undefined>()
  return (principal, { labelClass, collection, named }) => {
    if (!labels.has(labelClass)) labels.set(labelClass, readLabel(tx, labelClass))
    if (collection !== null && !shares.has(collection)) shares.set(collection, readShare(tx, collection))
    return toQuestion(principal, labels.get(labelClass), shares.get(collection ?? -1), named)
  }
}

/** Where the label is not known, nobody gets it; where the collection is not, it is shared with nobody. */
function toQuestion(
  principal: Principal,
  marking: Marking | undefined,
  share: CollectionShare | undefined,
  named: boolean,
): Question | undefined {
  if (marking === undefined) return undefined
  return { principal, subject: { marking, named, ...(share ?? NOT_SHARED) } }
}

const NOT_SHARED: CollectionShare = { own: false, share: 'none', public: false }
const UNREADABLE: Decision = {
  allow: false,
  rule: 'floor.unknown',
  reason: 'the marking cannot be read',
  rules: ['floor.unknown'],
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
  /** Each gets a line of its own. */
  readonly principals: readonly string[]
  readonly route: string
  /** The policy epoch it was decided in. */
  readonly epoch: number
  readonly classes: readonly number[]
  readonly cursor: string
  readonly count: number
  readonly digest: Uint8Array
}

export const recordAnswer = command('kernel.record-answer', (tx, answer: AnswerInput): boolean => {
  if (readEpoch(tx) !== answer.epoch) return false
  for (const principal of answer.principals)
    tx.run(
      `INSERT INTO answer (time_ms, principal, route, policy_epoch, classes, cursor, count, digest)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      tx.nowMs,
      principal,
      answer.route,
      answer.epoch,
      JSON.stringify(answer.classes),
      answer.cursor,
      answer.count,
      answer.digest,
    )
  return true
})

const NAMED_SQL = `SELECT 1 FROM named n JOIN member m ON m.id = n.member
  WHERE n.statement = (SELECT seq FROM statement WHERE seq <= ? ORDER BY seq DESC LIMIT 1) AND m.name = ?`

// Finds decisions where they were made before, and has the rest made. A decision is kept by the two texts it is a function
// of and by the rules it was made with: so it is void the moment any of these changes, however that came about, and one
// that was found is never another's.
import { hash } from 'node:crypto'
import { auditAtTimes } from '../audit.ts'
import { LIMITS } from '../limits.ts'
import { command, type Reader, type Tx, type Writer } from '../store/types.ts'
import type { PolicyCaller } from './caller.ts'
import type { Verdict } from './engine.ts'
import { DecisionMemory } from './memory.ts'
import { principalKey, subjectKey, unnamed, type Ask } from './request.ts'
import { RuleBook, type Rules } from './rules.ts'
import { inReadingOrder, RULE_FAILED } from './system.ts'
import type { Decision, Question } from './types.ts'

type Sql = Pick<Tx, 'get' | 'run' | 'nowMs'>
/** Questions that are one to the rules. */
type Alike = { readonly key: string; readonly ask: Ask; readonly questions: Question[] }

/** What the writer asks of the policy thread. */
type WritersCaller = Pick<PolicyCaller, 'decideSync' | 'checkSync' | 'prepare'>

/** The rule that an answer names where there was no clean one. Such an answer is kept nowhere. */
export const UNDECIDED = 'undecided'

/** The writer's side: decides inside the transaction, so no change can come between a decision and what follows from it. */
export class Judge {
  readonly caller: WritersCaller
  readonly #memory = new DecisionMemory()
  readonly #book = new RuleBook()
  /** Until when the thread is not asked, for it failed. */
  #pausedUntil = 0
  /** Questions that the thread could not answer, though it answered others; they are not asked again so soon. */
  readonly #unanswered = new Map<string, { readonly untilMs: number; readonly reason: string }>()

  constructor(caller: WritersCaller) {
    this.caller = caller
  }

  /** The rules in force in this transaction. */
  rules(tx: Pick<Tx, 'get'>): Rules {
    return this.#book.read(tx)
  }

  /** Answers in the order of the questions; what was never decided goes to the policy thread in one call. */
  decide(tx: Sql, questions: readonly Question[]): Decision[] {
    return this.decideSome(tx, questions, Number.POSITIVE_INFINITY) as Decision[]
  }

  /** The same, but at most so many are decided anew, the first of them first; undefined where a question is still open. */
  decideSome(tx: Sql, questions: readonly Question[], most: number): (Decision | undefined)[] {
    const rules = this.rules(tx)
    this.#memory.begin(rules)
    const unknown = new Map<string, Alike>()
    for (const question of questions) {
      if (this.#memory.find(rules, question) !== undefined) continue
      const ask = askOf(rules, question)
      const key = `${rules.id}${ask.principal}${ask.subject}`
      const alike = unknown.get(key)
      if (alike === undefined) unknown.set(key, { key, ask, questions: [question] })
      else alike.questions.push(question)
    }
    const open = [...unknown.values()].filter((alike) => !this.#findStored(tx, rules, alike))
    const later = new Set(open.slice(most).flatMap((alike) => alike.questions))
    const reasons = this.#make(tx, rules, open.slice(0, most))
    return questions.map(
      (question) =>
        this.#memory.find(rules, question) ?? (later.has(question) ? undefined : undecided(reasons.get(question))),
    )
  }

  #findStored(tx: Sql, rules: Rules, { ask, questions }: Alike): boolean {
    const stored = tx.get<StoredRow>(STORED_SQL, storedKey(rules, ask))
    if (stored === undefined) return false
    for (const question of questions) this.#memory.keep(rules, question, fromStored(rules, question, stored))
    return true
  }

  /** Has decisions made and keeps the clean ones. Returns why others are missing. */
  #make(tx: Sql, rules: Rules, open: readonly Alike[]): ReadonlyMap<Question, string> {
    const reasons = new Map<Question, string>()
    const asked = open.filter((alike) => {
      const reason = this.#whyNotNow(alike)
      if (reason !== undefined) for (const question of alike.questions) reasons.set(question, reason)
      return reason === undefined
    })
    if (asked.length === 0) return reasons
    const verdicts = this.caller.decideSync(
      rules.files,
      asked.map(({ ask }) => ask),
    )
    for (const [i, { key, ask, questions }] of asked.entries()) {
      const verdict = verdicts[i] ?? { ok: false, reason: 'there is no answer', unheard: true }
      if (verdict.ok) {
        tx.run(STORE_SQL, storedKey(rules, ask), verdict.allow ? 1 : 0, JSON.stringify(verdict.rules))
        for (const question of questions) this.#memory.keep(rules, question, toDecision(rules, question, verdict))
        const [first, failed] = verdict.rules
        if (first === RULE_FAILED && failed !== undefined) nameFailure(tx, failed, whyFailed(failed))
        continue
      }
      nameFailure(tx, '', verdict.reason)
      for (const question of questions) reasons.set(question, verdict.reason)
      this.#pause(key, verdict)
    }
    return reasons
  }

  #whyNotNow({ key }: Alike): string | undefined {
    if (performance.now() < this.#pausedUntil) return 'the policy thread failed a moment ago'
    const unanswered = this.#unanswered.get(key)
    return unanswered !== undefined && performance.now() < unanswered.untilMs ? unanswered.reason : undefined
  }

  /** A thread that does not answer is left alone for a while; one that cannot answer this question goes on with others. */
  #pause(key: string, { reason, unheard }: Extract<Verdict, { ok: false }>): void {
    const untilMs = performance.now() + LIMITS.policyPauseMs
    if (unheard === true) {
      this.#pausedUntil = untilMs
      return
    }
    if (this.#unanswered.size >= LIMITS.policyAsksMax) this.#unanswered.clear()
    this.#unanswered.set(key, { untilMs, reason })
  }
}

/** Says in the audit log that a rule failed, or that there was no answer; of each rule only at times. */
function nameFailure(tx: Sql, rule: string, reason: string): void {
  const detail = { reason: reason.slice(0, LIMITS.policyReasonCharsMax) }
  auditAtTimes(tx, { actor: 'node', action: 'policy.failed', subject: rule, detail })
}

type Decided = { readonly rules: string; readonly decisions: readonly Decision[] }

/** Decides for readers, who may not write what is new. */
export const decideForReader = command(
  'kernel.decide',
  (tx, { questions }: { readonly questions: readonly Question[] }): Decided => ({
    rules: tx.judge.rules(tx).id,
    decisions: tx.judge.decide(tx, questions),
  }),
)

/** The readers' side: looks where decisions are kept, and asks the writer for the rest. */
export class ReaderJudge {
  readonly #store: Reader & Writer
  readonly #memory = new DecisionMemory()
  readonly #book = new RuleBook()

  constructor(store: Reader & Writer) {
    this.#store = store
  }

  rules(): Promise<Rules> {
    return this.#book.load(this.#store)
  }

  async decide(questions: readonly Question[]): Promise<Decision[]> {
    const rules = await this.rules()
    this.#memory.begin(rules)
    const answers: (Decision | undefined)[] = []
    for (const question of questions) answers.push(await this.#find(rules, question))
    const open = questions.filter((_, i) => answers[i] === undefined)
    if (open.length === 0) return answers as Decision[]
    const decided: Decision[] = []
    for (let from = 0; from < open.length; from += LIMITS.policyReaderAsksMax)
      decided.push(...(await this.#ask(rules, open.slice(from, from + LIMITS.policyReaderAsksMax))))
    let next = 0
    return answers.map((answer) => answer ?? (decided[next++] as Decision))
  }

  /** Has the writer decide. Few at once, for it lets nobody else in meanwhile. */
  async #ask(rules: Rules, questions: readonly Question[]): Promise<readonly Decision[]> {
    const { rules: by, decisions } = await this.#store.write(decideForReader, { questions })
    if (by === rules.id)
      for (const [i, decision] of decisions.entries())
        if (decision.rule !== UNDECIDED) this.#memory.keep(rules, questions[i] as Question, decision)
    return decisions
  }

  /** What is known already of these questions under the rules in force; nothing is decided. */
  async known(questions: readonly Question[]): Promise<(Decision | undefined)[]> {
    const rules = await this.rules()
    this.#memory.begin(rules)
    const answers = []
    for (const question of questions) answers.push(await this.#find(rules, question))
    return answers
  }

  async #find(rules: Rules, question: Question): Promise<Decision | undefined> {
    const known = this.#memory.find(rules, question)
    if (known !== undefined) return known
    const stored = await this.#store.get<StoredRow>(STORED_SQL, storedKey(rules, askOf(rules, question)))
    if (stored === undefined) return undefined
    const decision = fromStored(rules, question, stored)
    this.#memory.keep(rules, question, decision)
    return decision
  }
}

type StoredRow = { allow: number; rules: string }

const STORED_SQL = 'SELECT allow, rules FROM decision WHERE key = ?'
const STORE_SQL = 'INSERT OR IGNORE INTO decision (key, allow, rules) VALUES (?, ?, ?)'

export function askOf(rules: Rules, question: Question): Ask {
  const { principal, subject } = rules.communities === undefined ? question : unnamed(question, rules.communities)
  return { principal: principalKey(principal, rules.members), subject: subjectKey(subject) }
}

function storedKey(rules: Rules, { principal, subject }: Ask): Uint8Array {
  return hash('sha256', `${rules.id}\n${principal}\n${subject}`, 'buffer').subarray(0, 16)
}

function fromStored(rules: Rules, question: Question, row: StoredRow): Decision {
  return toDecision(rules, question, { ok: true, allow: row.allow === 1, rules: JSON.parse(row.rules) as string[] })
}

/** Where nothing forbids and nothing permits, the setting of the collection is what people would have to widen. */
export function toDecision(
  rules: Rules,
  { principal, subject }: Question,
  { allow, rules: deciding }: Extract<Verdict, { ok: true }>,
): Decision {
  const silent = principal.kind === 'self' ? 'none.permits' : `share.${subject.share}`
  const names = deciding.length === 0 ? [silent] : inReadingOrder(deciding)
  const [rule = silent, failed] = names
  const reason = rule === RULE_FAILED && failed !== undefined ? whyFailed(failed) : (rules.reasons.get(rule) ?? rule)
  return { allow, rule, reason, rules: names }
}

function whyFailed(rule: string): string {
  return `the rule “${rule}” fails when it is asked, so the answer is no`
}

export function undecided(reason = 'there is no answer'): Decision {
  return { allow: false, rule: UNDECIDED, reason: `the rules gave no clean answer: ${reason}`, rules: [UNDECIDED] }
}

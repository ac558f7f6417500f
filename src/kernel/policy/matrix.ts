// Who may have what: each class of records that is here against everybody who may ask, as the rules stand. A class is
// answered for all recipients at once, a page of classes at a time, and nothing is decided that was decided before.
import type { Egress } from '../egress.ts'
import { describeMarking, type Holding, type Recipient } from './preview.ts'
import type { Decision, Principal, Question } from './types.ts'
import type { MatrixRow, MatrixView } from './wire.ts'

export type MatrixRequest = {
  readonly egress: Pick<Egress, 'judge' | 'sentence'>
  /** Who looks: classes that this one may not read are left out. */
  readonly reader: Principal
  readonly recipients: readonly Recipient[]
  readonly holdings: readonly Holding[]
  readonly from: number
  readonly limit: number
}

export async function matrix(request: MatrixRequest): Promise<MatrixView> {
  const { egress, recipients, from, limit } = request
  const holdings = (await readable(egress, request.reader, request.holdings)).toSorted(bySize)
  const shown = holdings.slice(from, from + limit)
  const cells = shown.flatMap((holding) => recipients.flatMap((recipient) => questionsOf(recipient, holding)))
  const decisions = (await egress.judge.decide(cells)).values()
  const items = shown.map((holding) => rowOf(holding, recipients, decisions))
  const reasons: Record<string, string> = {}
  // With the first page those of all rules, so that whoever reads on has them.
  const known = from === 0 ? [...(await egress.judge.rules()).reasons.keys()] : []
  for (const rule of new Set([...known, ...items.flatMap(({ rules }) => rules)]))
    reasons[rule] = await egress.sentence(rule)
  return {
    recipients: recipients.map(({ name }) => name),
    items,
    reasons,
    ...(from + limit < holdings.length ? { next: String(from + limit) } : {}),
  }
}

/** The classes that somebody may read; of the others not even their number is told. */
export async function readable(
  egress: Pick<Egress, 'judge'>,
  reader: Principal,
  holdings: readonly Holding[],
): Promise<Holding[]> {
  const questions = holdings.map((holding) => questionOf(reader, holding, false))
  const decisions = await egress.judge.decide(questions)
  return holdings.filter((_, at) => decisions[at]?.allow === true)
}

const nameOf = ({ title, marking }: Holding): string => `${title} ${describeMarking(marking)}`

const bySize = (a: Holding, b: Holding): number => b.records - a.records || nameOf(a).localeCompare(nameOf(b))

const questionOf = (principal: Principal, holding: Holding, named: boolean): Question => {
  const { marking, own, share, public: open } = holding
  return { principal, subject: { marking, named, own, share, public: open } }
}

/** One question, or two where some of the records name this recipient. */
function questionsOf({ principal }: Recipient, holding: Holding): Question[] {
  const open = questionOf(principal, holding, false)
  return isNamed(principal, holding) ? [open, questionOf(principal, holding, true)] : [open]
}

const isNamed = (principal: Principal, { named }: Holding): boolean =>
  principal.kind === 'member' && (named.get(principal.member) ?? 0) > 0

function rowOf(holding: Holding, recipients: readonly Recipient[], decisions: Iterator<Decision>): MatrixRow {
  const answers: MatrixRow['answers'] = []
  const rules: string[] = []
  for (const { principal } of recipients) {
    const open = decisions.next().value as Decision
    const named = isNamed(principal, holding) ? (decisions.next().value as Decision) : undefined
    const some = !open.allow && named?.allow === true
    answers.push(open.allow ? 'yes' : some ? 'some' : 'no')
    rules.push(some ? named.rule : open.rule)
  }
  const { title: collection, marking, records } = holding
  return { collection, marking: describeMarking(marking), tlp: marking.tlp, records, answers, rules }
}

// What would happen if these rules were in force: every class of records that is here against everybody who may ask, by the
// rules as they are and by the rules as they would be. It runs beside the rules in force, in threads of its own, and
// changes nothing.
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Marking } from '../marking.ts'
import type { PolicyCaller } from './caller.ts'
import type { Verdict } from './engine.ts'
import { askOf, toDecision, undecided } from './judge.ts'
import { NO_OWN_RULES, type Rules } from './rules.ts'
import { inReadingOrder, RULE_FAILED } from './system.ts'
import type { CollectionShare, Decision, Principal, Question } from './types.ts'
import type { Flow, PreviewEvent, PreviewView } from './wire.ts'

export type Recipient = { readonly name: string; readonly principal: Principal }

/** Records of one label in one collection. */
export type Holding = CollectionShare & {
  readonly collection: number
  readonly title: string
  readonly labelClass: number
  readonly marking: Marking
  readonly records: number
  /** How many of them name a member as recipient. */
  readonly named: ReadonlyMap<string, number>
}

/** One side of a comparison: rules, who decides by them, and what of it is known already. */
export type Side = {
  readonly rules: Rules
  readonly caller: Pick<PolicyCaller, 'decide'>
  readonly known?: (questions: readonly Question[]) => Promise<(Decision | undefined)[]>
}

export type PreviewRequest = {
  readonly inForce: Side
  readonly draft: Side
  readonly recipients: readonly Recipient[]
  /** Who of this member reads here; nothing leaves by that. */
  readonly own: readonly Recipient[]
  readonly holdings: readonly Holding[]
  /** Ids of a few of the records, for people to look at. */
  readonly examples: (holding: Holding) => Promise<string[]>
}

const FLOWS_SHOWN = 200
const FLOWS_WITH_EXAMPLES = 20

type Cell = {
  readonly recipient: Recipient
  /** Reading here, not leaving. */
  readonly own: boolean
  readonly holding: Holding
  readonly named: boolean
  readonly records: number
}

/** This member's people, as named for TLP:RED as whoever looks, and its programs. */
export function ownPeople(reader: Principal): Recipient[] {
  const red = reader.kind === 'self' && reader.via === 'person' && reader.red
  return [
    { name: 'self', principal: { kind: 'self', via: 'person', red } },
    { name: 'self/machine', principal: { kind: 'self', via: 'machine' } },
  ]
}

/**
 * The classes that somebody may read by the program's own rules alone. What this member's rules hide from them is counted
 * too: else who tries rules would not see what they let out again.
 */
export async function readableByFloors(
  caller: Side['caller'],
  reader: Principal,
  holdings: readonly Holding[],
): Promise<Holding[]> {
  const recipient = { name: 'self', principal: reader }
  const cells = holdings.map((holding) => ({ recipient, own: true, holding, named: false, records: holding.records }))
  const decisions = await decideAll({ rules: NO_OWN_RULES, caller }, cells, { done: 0, of: 0 })
  return holdings.filter((_, at) => decisions[at]?.allow === true)
}

export async function* preview(request: PreviewRequest): AsyncGenerator<PreviewEvent> {
  const { inForce, draft, recipients, own, holdings } = request
  const outside = new Set(recipients.map(({ name }) => name))
  const cells = [
    ...recipients.flatMap((recipient) => holdings.flatMap((holding) => cellsOf(recipient, holding, false))),
    ...own
      .filter(({ name }) => !outside.has(name))
      .flatMap((recipient) => holdings.flatMap((holding) => cellsOf(recipient, holding, true))),
  ]
  const progress = { done: 0, of: 0 }
  const deciding = Promise.all([decideAll(inForce, cells, progress), decideAll(draft, cells, progress)])
  let settled = false
  deciding.then(
    () => (settled = true),
    () => (settled = true),
  )
  while (!settled) {
    yield { kind: 'progress', ...progress }
    await Promise.race([deciding.catch(() => undefined), later(PROGRESS_MS)])
  }
  const [before, after] = await deciding
  yield await summary(request, { cells, before, after, decisions: progress.of })
}

const PROGRESS_MS = 250

async function later(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, ms).unref()
  await promise
}

/** A class is one cell, or two where some of its records name this recipient. */
function cellsOf(recipient: Recipient, holding: Holding, own: boolean): Cell[] {
  const { principal } = recipient
  const naming = principal.kind === 'member' ? (holding.named.get(principal.member) ?? 0) : 0
  const rest = holding.records - naming
  return [
    ...(rest > 0 ? [{ recipient, own, holding, named: false, records: rest }] : []),
    ...(naming > 0 ? [{ recipient, own, holding, named: true, records: naming }] : []),
  ]
}

/** The decision for each cell. What is the same question is asked once. */
async function decideAll(
  { rules, caller, known }: Side,
  cells: readonly Cell[],
  progress: { done: number; of: number },
): Promise<Decision[]> {
  const asks = new Map<string, { readonly question: Question; decision?: Decision | undefined }>()
  const keys = cells.map(({ recipient: { principal }, holding, named }) => {
    const { marking, own, share, public: open } = holding
    const question: Question = { principal, subject: { marking, named, own, share, public: open } }
    const { principal: who, subject } = askOf(rules, question)
    const key = `${who}${subject}`
    if (!asks.has(key)) asks.set(key, { question })
    return key
  })
  progress.of += asks.size
  const waiting = [...asks.values()]
  const found = (await known?.(waiting.map(({ question }) => question))) ?? []
  for (const [i, each] of waiting.entries()) each.decision = found[i]
  const open = waiting.filter(({ decision }) => decision === undefined)
  progress.done += asks.size - open.length
  for (let from = 0; from < open.length; from += LIMITS.policyAsksMax) {
    const batch = open.slice(from, from + LIMITS.policyAsksMax)
    const verdicts = await caller.decide(
      rules.files,
      batch.map(({ question }) => askOf(rules, question)),
    )
    for (const [i, each] of batch.entries()) each.decision = decisionOf(rules, each.question, verdicts[i])
    progress.done += batch.length
  }
  return keys.map((key) => asks.get(key)?.decision ?? undecided())
}

function decisionOf(rules: Rules, question: Question, verdict: Verdict | undefined): Decision {
  if (verdict?.ok === false && verdict.unheard === true)
    throw new Fault('busy', `these rules cannot be tried now: ${verdict.reason}`, { remedy: 'Try again in a moment.' })
  return verdict?.ok === true ? toDecision(rules, question, verdict) : undecided(verdict?.reason)
}

type Decided = {
  readonly cells: readonly Cell[]
  readonly before: readonly Decision[]
  readonly after: readonly Decision[]
  readonly decisions: number
}

async function summary(request: PreviewRequest, { cells, before, after, decisions }: Decided): Promise<PreviewView> {
  const { inForce, draft, recipients, holdings } = request
  const flips = (allow: boolean, own = false): number[] =>
    cells.flatMap((cell, i) =>
      cell.own === own && after[i]?.allow === allow && before[i]?.allow === !allow ? [i] : [],
    )
  const side = async (indexes: readonly number[]): Promise<PreviewView['newly']> => {
    const sorted = indexes.toSorted((a, b) => (cells[b] as Cell).records - (cells[a] as Cell).records)
    const flows: Flow[] = []
    for (const i of sorted.slice(0, FLOWS_SHOWN))
      flows.push(await flowOf(request, cells[i] as Cell, after[i] as Decision, flows.length < FLOWS_WITH_EXAMPLES))
    return {
      records: indexes.reduce((sum, i) => sum + (cells[i] as Cell).records, 0),
      to: new Set(indexes.map((i) => (cells[i] as Cell).recipient.name)).size,
      flows,
    }
  }
  const deciding = new Set(after.flatMap(({ rules }) => rules))
  return {
    kind: 'result',
    version: inForce.rules.version,
    recipients: recipients.length,
    classes: holdings.length,
    records: holdings.reduce((sum, { records }) => sum + records, 0),
    decisions,
    newly: await side(flips(true)),
    stops: await side(flips(false)),
    unread: await side(flips(false, true)),
    failing: [...new Set(after.flatMap(failedOf))],
    idle: inReadingOrder(draft.rules.own.map(({ id }) => id).filter((id) => !deciding.has(id))),
  }
}

/** The rule that failed, where one did. */
function failedOf({ rules: [first, failed] }: Decision): string[] {
  return first === RULE_FAILED && failed !== undefined ? [failed] : []
}

async function flowOf(
  { examples }: PreviewRequest,
  { recipient, holding, records }: Cell,
  { rule }: Decision,
  withExamples: boolean,
): Promise<Flow> {
  return {
    to: recipient.name,
    collection: holding.title,
    marking: describeMarking(holding.marking),
    records,
    rule,
    examples: withExamples ? await examples(holding) : [],
  }
}

/** A marking in a few words: `TLP:AMBER, energy.example, personal data under DE`. */
export function describeMarking({ tlp, pap, audience, personal, jurisdiction, exercise }: Marking): string {
  return [
    `TLP:${tlp}`,
    ...(pap === undefined ? [] : [`PAP:${pap}`]),
    ...(audience.named ? ['named members'] : []),
    ...audience.communities,
    ...(personal === 'none' ? [] : [`personal data${jurisdiction === undefined ? '' : ` under ${jurisdiction}`}`]),
    ...(exercise === undefined ? [] : ['EXERCISE']),
  ].join(', ')
}

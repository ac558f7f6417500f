// Why somebody has something or has not, and what would have to change. The changes are not guessed: each is tried by
// asking again with it.
import type { ReaderJudge } from './judge.ts'
import { SHARES, type Decision, type Principal, type Question, type Subject } from './types.ts'

type Change = { readonly words: string; readonly apply: (question: Question) => Question }

/** How many ways are shown. */
const SHOWN_MAX = 6

export type Explanation = { readonly decision: Decision; readonly changes: readonly (readonly string[])[] }

export async function explain(judge: ReaderJudge, question: Question): Promise<Explanation> {
  const [decision] = (await judge.decide([question])) as [Decision]
  if (decision.allow) return { decision, changes: [] }
  const changes = changesTo(question)
  const singles = changes.map((change) => [change])
  const enough = await sufficient(judge, question, singles)
  if (enough.length > 0) return { decision, changes: enough }
  const pairs = changes.flatMap((a, i) => changes.slice(i + 1).map((b) => [a, b]))
  return { decision, changes: await sufficient(judge, question, pairs) }
}

async function sufficient(
  judge: ReaderJudge,
  question: Question,
  sets: readonly (readonly Change[])[],
): Promise<string[][]> {
  const changed = sets.map((set) => set.reduce((now, { apply }) => apply(now), question))
  const decisions = await judge.decide(changed)
  return sets
    .filter((_, i) => decisions[i]?.allow === true)
    .map((set) => set.map(({ words }) => words))
    .slice(0, SHOWN_MAX)
}

/** Single changes that people of this member can make, the smallest first. */
function changesTo({ principal, subject }: Question): Change[] {
  if (principal.kind === 'self') return []
  const about = (words: string, part: Partial<Subject>): Change => ({
    words,
    apply: (now) => ({ ...now, subject: { ...now.subject, ...part } }),
  })
  const wider = SHARES.slice(SHARES.indexOf(subject.share) + 1)
  const changes = wider.map((share) => about(`share its collection with ${SHARED[share]}`, { share }))
  if (principal.kind === 'public')
    return [
      ...changes,
      ...(subject.public ? [] : [about('declare its collection public', { public: true, share: 'peers' })]),
    ]
  return [...memberChanges(principal, subject, about), ...changes]
}

const SHARED: Readonly<Record<Subject['share'], string>> = {
  none: 'nobody',
  named: 'the members named',
  community: 'its communities',
  peers: 'approved peers',
}

function memberChanges(
  principal: Extract<Principal, { kind: 'member' }>,
  subject: Subject,
  about: (words: string, part: Partial<Subject>) => Change,
): Change[] {
  const { member } = principal
  const whom = (words: string, part: Partial<typeof principal>): Change => ({
    words,
    apply: (now) => (now.principal.kind === 'member' ? { ...now, principal: { ...now.principal, ...part } } : now),
  })
  const { audience, jurisdiction, personal } = subject.marking
  const changes: Change[] = []
  if (subject.own && !subject.named) changes.push(about(`name ${member} as a recipient`, { named: true }))
  for (const name of audience.communities)
    if (!principal.communities.includes(name))
      changes.push(whom(`count ${member} into ${name}`, { communities: [...principal.communities, name] }))
  if (!principal.approved) changes.push(whom(`approve ${member} as a peer`, { approved: true }))
  if (personal === 'present' && jurisdiction !== undefined && principal.adequate?.includes(jurisdiction) !== true) {
    const adequate = [...(principal.adequate ?? []), jurisdiction]
    changes.push(whom(`record that ${member} is adequate for, or bound for, data under ${jurisdiction}`, { adequate }))
  }
  return changes
}

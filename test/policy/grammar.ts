// Random rules of a member's own, each made twice: as Cedar text, and as a plain function that says what the text means.
// So a test that holds one against the other asks Cedar nothing about Cedar.
import { TLP } from '#kernel/marking.ts'
import { SHARES, type Principal, type Subject } from '#kernel/policy/types.ts'
import type { Chance } from './random.ts'
import { COMMUNITIES, COUNTRIES, KINDS } from './random.ts'

type Meaning = (principal: Principal, subject: Subject) => boolean
type Term = { readonly text: string; readonly means: Meaning }

export type RandomRule = { readonly effect: 'permit' | 'forbid'; readonly text: string; readonly applies: Meaning }

export type Names = { readonly members: readonly string[]; readonly communities: readonly string[] }

export function randomRules(chance: Chance, count: number, names: Names): RandomRule[] {
  return Array.from({ length: count }, (_, i) => randomRule(chance, i, names))
}

export function textOf(rules: readonly RandomRule[]): string {
  return rules.map(({ text }) => text).join('\n\n')
}

function randomRule(chance: Chance, i: number, names: Names): RandomRule {
  const effect = chance.one(['permit', 'permit', 'permit', 'permit', 'forbid'] as const)
  const [principal, action] = [chance.one(principals(chance, names)), chance.one(ACTIONS)]
  const clauses = Array.from({ length: chance.pick(3) }, () => {
    const body = expression(chance, 2)
    const when = chance.pick(3) > 0
    return {
      text: `${when ? 'when' : 'unless'} { ${body.text} }`,
      means: ((who, what) => body.means(who, what) === when) as Meaning,
    }
  })
  return {
    effect,
    text: `@id("own.${i}")\n${effect} (${principal.text}, ${action.text}, resource)\n${clauses.map(({ text }) => text).join('\n')};`,
    applies: (who, what) => [principal, action, ...clauses].every(({ means }) => means(who, what)),
  }
}

function principals(chance: Chance, { members, communities }: Names): Term[] {
  const [member, community] = [chance.one(members), chance.one(communities)]
  return [
    { text: 'principal', means: () => true },
    { text: 'principal is Member', means: (who) => who.kind === 'member' },
    { text: 'principal is Public', means: (who) => who.kind === 'public' },
    { text: `principal == Member::"${member}"`, means: (who) => who.kind === 'member' && who.member === member },
    { text: `principal in Community::"${community}"`, means: (who) => isIn(who, [community]) },
  ]
}

/** Reading by people of the member is left alone, so that they can see what happens. */
const ACTIONS: readonly Term[] = [
  { text: 'action == Action::"deliver"', means: (who, { own }) => who.kind !== 'self' && own },
  { text: 'action in [Action::"deliver", Action::"relay"]', means: (who) => who.kind !== 'self' },
]

function isIn(who: Principal, communities: readonly string[]): boolean {
  return who.kind === 'member' && who.communities.some((name) => communities.includes(name))
}

function expression(chance: Chance, depth: number): Term {
  if (depth === 0 || chance.pick(3) === 0) return atom(chance)
  const [a, b] = [expression(chance, depth - 1), expression(chance, depth - 1)]
  return chance.one<Term>([
    { text: `(${a.text} && ${b.text})`, means: (who, what) => a.means(who, what) && b.means(who, what) },
    { text: `(${a.text} || ${b.text})`, means: (who, what) => a.means(who, what) || b.means(who, what) },
    { text: `!(${a.text})`, means: (who, what) => !a.means(who, what) },
  ])
}

function atom(chance: Chance): Term {
  const [tlp, share, country, kind] = [chance.one(TLP), chance.one(SHARES), chance.one(COUNTRIES), chance.one(KINDS)]
  const [some, community] = [chance.some(TLP), chance.one(COMMUNITIES)]
  return chance.one<Term>([
    { text: `resource.tlp == "${tlp}"`, means: (_, { marking }) => marking.tlp === tlp },
    {
      text: `[${['"none"', ...some.map((each) => `"${each}"`)].join(', ')}].contains(resource.tlp)`,
      means: (_, { marking }) => some.includes(marking.tlp),
    },
    { text: `resource.share == "${share}"`, means: (_, what) => what.share === share },
    { text: 'resource.public', means: (_, what) => what.public },
    { text: 'resource.personal == "present"', means: (_, { marking }) => marking.personal === 'present' },
    {
      text: `(resource has jurisdiction && resource.jurisdiction == "${country}")`,
      means: (_, { marking }) => marking.jurisdiction === country,
    },
    {
      text: `resource.communities.contains(Community::"${community}")`,
      means: (_, { marking }) => marking.audience.communities.includes(community),
    },
    {
      text: 'principal in resource.communities',
      means: (who, { marking }) => isIn(who, marking.audience.communities),
    },
    { text: 'context.named', means: (_, { named }) => named },
    {
      text: 'principal.approved',
      means: (who) => who.kind === 'self' || (who.kind === 'member' && who.approved),
    },
    {
      text: 'principal.via == "machine"',
      means: (who) => who.kind === 'public' || who.via === 'machine',
    },
    {
      text: `(principal has country && principal.country == "${country}")`,
      means: (who) => who.kind === 'member' && who.country === country,
    },
    {
      text: `(principal has kind && principal.kind == "${kind}")`,
      means: (who) => who.kind === 'member' && who.memberKind === kind,
    },
  ])
}

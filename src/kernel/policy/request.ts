// A decision is a function of two texts: who asks, and for what. They are what is cached by, so a decision can only ever
// be found again for exactly what it was made for.
import type { EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { Marking } from '../marking.ts'
import type { CollectionShare, Principal, Question, Subject } from './types.ts'

/** One question to Cedar. */
export type Ask = { readonly principal: string; readonly subject: string }

/**
 * Who asks, as text. `named` are the members that some rule speaks of by name: to the rules all others are alike where
 * their attributes are, so they share one text and one decision.
 */
export function principalKey(principal: Principal, named: ReadonlySet<string>): string {
  if (principal.kind === 'public') return JSON.stringify(['Public', '', 'machine', false])
  if (principal.kind === 'self')
    return JSON.stringify(
      principal.via === 'person'
        ? ['Own', '', 'person', true, [], null, null, [], [], principal.red]
        : ['Own', '', 'machine', true],
    )
  const { member, via, approved, communities, memberKind, country, adequate = [], agreements = [] } = principal
  return JSON.stringify([
    'Member',
    named.has(member) ? member : '',
    via,
    approved,
    sorted(communities),
    memberKind ?? null,
    country ?? null,
    sorted(adequate),
    sorted(agreements),
  ])
}

/**
 * The same question about communities without names. A rule reaches a community by its name, or as one of those that the
 * records are meant for, and can do no more with it than to see whether it is the same as another. So of those that no
 * rule names it matters only how many the records are meant for, and how many of these the principal is in; which they
 * are makes no other decision, and classes that differ in nothing else share theirs.
 */
export function unnamed(question: Question, named: ReadonlySet<string>): Question {
  if ([...named].some((name) => name.startsWith(NAMELESS))) return question
  const { principal, subject } = question
  const { marking } = subject
  const joined = new Set(principal.kind === 'member' ? principal.communities : [])
  const meant = sorted(marking.audience.communities)
  const rest = meant.filter((name) => !named.has(name))
  const shared = rest.filter((name) => joined.has(name)).map((_, i) => `${NAMELESS}in${i}`)
  const others = rest.filter((name) => !joined.has(name)).map((_, i) => `${NAMELESS}out${i}`)
  const communities = [...meant.filter((name) => named.has(name)), ...shared, ...others]
  const audience = { ...marking.audience, communities }
  return {
    principal:
      principal.kind === 'member'
        ? { ...principal, communities: [...[...joined].filter((name) => named.has(name)), ...shared] }
        : principal,
    subject: { ...subject, marking: { ...marking, audience } },
  }
}

/** No community's name begins like this; where a rule names one that does, all keep their names. */
const NAMELESS = '~'

/** The marking's part of what is asked for. Whether recipients are named at all is no rule's business, so it is not in it. */
export function labelKey({ tlp, pap, audience, personal, jurisdiction, exercise }: Marking): string {
  return JSON.stringify([
    tlp,
    pap ?? null,
    sorted(audience.communities),
    personal,
    jurisdiction ?? null,
    exercise ?? null,
  ])
}

export function subjectKey(subject: Subject): string {
  return joinSubject(labelKey(subject.marking), subject, subject.named)
}

export function joinSubject(label: string, { own, share, public: open }: CollectionShare, named: boolean): string {
  return `${label}${JSON.stringify([own, share, open, named])}`
}

type PrincipalParts = [
  string,
  string,
  string,
  boolean,
  string[]?,
  (string | null)?,
  (string | null)?,
  string[]?,
  string[]?,
  boolean?,
]
type LabelParts = [string, string | null, string[], string, string | null, string | null]
type SettingParts = [boolean, string, boolean, boolean]

const RECORDS_ID = 'class'

/** The question in Cedar's own form. Every entity is complete, so that nothing a rule reads is missing. */
export function toCall({
  principal,
  subject,
}: Ask): Pick<StatefulAuthorizationCall, 'principal' | 'action' | 'resource' | 'context' | 'entities'> {
  const [type, id, via, approved, communities = [], kind, country, adequate = [], agreements = [], red] = JSON.parse(
    principal,
  ) as PrincipalParts
  const cut = subject.lastIndexOf('[')
  const [tlp, pap, audience, personal, jurisdiction, exercise] = JSON.parse(subject.slice(0, cut)) as LabelParts
  const [own, share, open, named] = JSON.parse(subject.slice(cut)) as SettingParts
  const asker: EntityJson = {
    uid: { type, id },
    attrs: {
      via,
      approved,
      adequate,
      agreements,
      ...present({ kind, country }),
      ...(red === undefined ? {} : { red }),
    },
    parents: communities.map((name) => ({ type: 'Community', id: name })),
  }
  const records: EntityJson = {
    uid: { type: 'Records', id: RECORDS_ID },
    attrs: {
      tlp,
      communities: audience.map((name) => ({ __entity: { type: 'Community', id: name } })),
      personal,
      own,
      share,
      public: open,
      ...present({ pap, jurisdiction, exercise }),
    },
    parents: [],
  }
  return {
    principal: { type, id },
    action: { type: 'Action', id: type === 'Own' ? 'read' : own ? 'deliver' : 'relay' },
    resource: { type: 'Records', id: RECORDS_ID },
    context: { named },
    entities: [asker, records],
  }
}

function present(values: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] != null))
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}

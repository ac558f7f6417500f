// Who may have what: a pure function from a principal and a label to an answer with the rule that decided.
// Floors only forbid, never grant; leaving the node needs every floor *and* the `share` setting of the collection.
// What is missing, unknown or in doubt is denied (principle 3). TLP per FIRST TLP 2.0, section "TLP definitions".
import type { Marking } from './marking.ts'
import { TLP } from './marking.ts'

/** Whom a decision is for. `machine` is a program that stores what it gets (a TAXII client), `peer` a member's node. */
export type Principal =
  | { readonly kind: 'self'; readonly via: 'person' | 'machine' }
  | {
      readonly kind: 'member'
      readonly member: string
      /** An approved peer of this node. */
      readonly approved: boolean
      readonly communities: readonly string[]
      readonly via: 'peer' | 'machine'
    }
  | { readonly kind: 'public' }

/** How far the owner of a collection lets it go, within the floors. */
export const SHARES = ['none', 'named', 'community', 'peers'] as const
export type Share = (typeof SHARES)[number]

/** What a decision is about: never a record, always a class of records with one label. */
export type Subject = {
  readonly marking: Marking
  /** Is the principal among the recipients named for this statement? */
  readonly named: boolean
  /** Did this member author it? What others authored is not passed on. */
  readonly own: boolean
  readonly share: Share
  /** Was the collection declared public? */
  readonly public: boolean
}

export type Decision = { readonly allow: boolean; readonly rule: Rule; readonly reason: string }

/** Every rule that can decide, with the sentence people read. The names are stable: they stand in records of what left. */
export const RULES = {
  'self.person': 'people of this member see what the node holds',
  'self.machine': 'an internal client of this member',
  'floor.unknown': 'the marking is missing or unknown, so it is for nobody',
  'floor.red.machine': 'TLP:RED goes to no machine client',
  'floor.red': 'TLP:RED is for the members named, and this one is not',
  'floor.amber-strict': 'TLP:AMBER+STRICT is for the members named, and this one is not',
  'floor.amber': 'TLP:AMBER is for the members named and the communities listed, and this one is neither',
  'floor.green': 'TLP:GREEN is for approved peers, and this one is not',
  'floor.public': 'only TLP:CLEAR may be public',
  'floor.onward': 'another member said it; this node does not pass it on',
  'floor.exercise': 'it belongs to an exercise',
  'share.none': 'the collection is not shared',
  'share.named': 'the collection is shared with the members named, and this one is not',
  'share.community': 'the collection is shared with its communities and the members named, and this one is neither',
  'share.peers': 'the collection is shared with approved peers, and this one is not',
  'share.not-public': 'the collection is not declared public',
  'allow.named': 'named as a recipient',
  'allow.community': 'in a community it is meant for',
  'allow.peer': 'an approved peer, and the collection is shared with peers',
  'allow.public': 'TLP:CLEAR in a collection declared public',
} as const

export type Rule = keyof typeof RULES

export function decide(principal: Principal, subject: Subject): Decision {
  const { marking } = subject
  if (!(TLP as readonly string[]).includes(marking.tlp)) return deny('floor.unknown')
  if (principal.kind === 'self') return decideSelf(principal.via, marking)
  if (!subject.own) return deny('floor.onward')
  if (marking.exercise !== undefined) return deny('floor.exercise')
  if (principal.kind === 'public') return decidePublic(subject)
  if (marking.tlp === 'RED' && principal.via === 'machine') return deny('floor.red.machine')
  const inCommunity = principal.communities.some((name) => marking.audience.communities.includes(name))
  const facts: Facts = { named: subject.named, inCommunity, approved: principal.approved }
  const floor = belowFloor(marking, facts)
  if (floor !== undefined) return deny(floor)
  return decideShare(subject.share, facts)
}

type Facts = { readonly named: boolean; readonly inCommunity: boolean; readonly approved: boolean }

function decideSelf(via: 'person' | 'machine', marking: Marking): Decision {
  if (via === 'person') return allow('self.person')
  return marking.tlp === 'RED' ? deny('floor.red.machine') : allow('self.machine')
}

function decidePublic(subject: Subject): Decision {
  if (subject.marking.tlp !== 'CLEAR') return deny('floor.public')
  if (!subject.public) return deny('share.not-public')
  if (subject.share !== 'peers') return deny('share.none')
  return allow('allow.public')
}

/** The TLP 2.0 floor: the rule that forbids, or undefined where none does. */
function belowFloor({ tlp }: Marking, { named, inCommunity, approved }: Facts): Rule | undefined {
  switch (tlp) {
    case 'RED':
      return named ? undefined : 'floor.red'
    case 'AMBER+STRICT':
      return named ? undefined : 'floor.amber-strict'
    case 'AMBER':
      return named || inCommunity ? undefined : 'floor.amber'
    case 'GREEN':
      return approved ? undefined : 'floor.green'
    case 'CLEAR':
      return undefined
  }
}

/** The owner's choice, from narrow to wide; each wider one contains the narrower ones. */
function decideShare(share: Share, { named, inCommunity, approved }: Facts): Decision {
  if (share === 'none') return deny('share.none')
  if (named) return allow('allow.named')
  if (share === 'named') return deny('share.named')
  if (inCommunity) return allow('allow.community')
  if (share === 'community') return deny('share.community')
  return approved ? allow('allow.peer') : deny('share.peers')
}

function allow(rule: Rule): Decision {
  return { allow: true, rule, reason: RULES[rule] }
}

function deny(rule: Rule): Decision {
  return { allow: false, rule, reason: RULES[rule] }
}

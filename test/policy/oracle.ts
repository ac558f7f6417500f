// What policy decides where a member has no rules of its own, as a plain function: the same rules said a second time, in
// another language, for tests to hold Cedar's answers against.
import { TLP, type Marking } from '#kernel/marking.ts'
import type { Principal, Share, Subject } from '#kernel/policy/types.ts'

export type Expected = { readonly allow: boolean; readonly rule: string }

/** What the rules of a member's own come to: does one permit, does one forbid? */
export type Own = { readonly permit: boolean; readonly forbid: boolean }

/** Own rules widen what no floor and no setting forbids, and narrow everything. */
export function decideWith(principal: Principal, subject: Subject, { permit, forbid }: Own): boolean {
  const { allow, rule } = decide(principal, subject)
  if (allow) return !forbid
  return permit && !forbid && /^share\.(named|community|peers)$/.test(rule)
}

export function decide(principal: Principal, subject: Subject): Expected {
  const { marking } = subject
  if (!(TLP as readonly string[]).includes(marking.tlp)) return deny('floor.unknown')
  if (principal.kind === 'self') return decideSelf(principal, marking)
  if (!subject.own && !mayPassOn(principal, marking)) return deny('floor.onward')
  if (marking.exercise !== undefined) return deny('floor.exercise')
  if (principal.kind === 'public') return decidePublic(subject)
  if (marking.tlp === 'RED' && principal.via === 'machine') return deny('floor.red.machine')
  const inCommunity = principal.communities.some((name) => marking.audience.communities.includes(name))
  const facts: Facts = { named: subject.named, inCommunity, approved: principal.approved }
  const floor = belowFloor(marking, facts)
  if (floor !== undefined) return deny(floor)
  if (!mayCross(principal, marking)) return deny('floor.personal')
  return decideShare(subject.share, subject.own ? facts : { ...facts, named: false, approved: false })
}

/** What another member said goes on only to approved members of a community it is meant for, and never where it is strict. */
function mayPassOn(principal: Exclude<Principal, { kind: 'self' }>, { tlp, audience }: Marking): boolean {
  if (principal.kind === 'public' || !principal.approved || tlp === 'RED' || tlp === 'AMBER+STRICT') return false
  return principal.communities.some((name) => audience.communities.includes(name))
}

/** Personal data under a law goes to who is under it, or who was found adequate, or who is bound. */
function mayCross(principal: Extract<Principal, { kind: 'member' }>, { personal, jurisdiction }: Marking): boolean {
  if (personal === 'none' || jurisdiction === undefined) return true
  const { country, adequate = [], agreements = [] } = principal
  return country === jurisdiction || adequate.includes(jurisdiction) || agreements.includes(jurisdiction)
}

type Facts = { readonly named: boolean; readonly inCommunity: boolean; readonly approved: boolean }

function decideSelf(principal: Extract<Principal, { kind: 'self' }>, marking: Marking): Expected {
  if (principal.via === 'person')
    return marking.tlp === 'RED' && !principal.red ? deny('floor.red.person') : allow('self.person')
  return marking.tlp === 'RED' ? deny('floor.red.machine') : allow('self.machine')
}

function decidePublic(subject: Subject): Expected {
  if (subject.marking.tlp !== 'CLEAR') return deny('floor.public')
  if (subject.marking.personal === 'present' && subject.marking.jurisdiction !== undefined)
    return deny('floor.personal')
  if (!subject.public) return deny('share.not-public')
  if (subject.share !== 'peers') return deny(`share.${subject.share}`)
  return allow('allow.public')
}

/** The TLP 2.0 floor: the rule that forbids, or undefined where none does. */
function belowFloor({ tlp }: Marking, { named, inCommunity, approved }: Facts): string | undefined {
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
function decideShare(share: Share, { named, inCommunity, approved }: Facts): Expected {
  if (share === 'none') return deny('share.none')
  if (named) return allow('allow.named')
  if (share === 'named') return deny('share.named')
  if (inCommunity) return allow('allow.community')
  if (share === 'community') return deny('share.community')
  return approved ? allow('allow.peer') : deny('share.peers')
}

function allow(rule: string): Expected {
  return { allow: true, rule }
}

function deny(rule: string): Expected {
  return { allow: false, rule }
}

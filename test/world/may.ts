// Who may have what, written down once more from the rules that people read, not from the code that decides: TLP 2.0, how
// far the owner shares, its own rules, and what others may pass on. Own rules are made from a grammar together with what
// they mean.
import type { Tlp } from '#kernel/marking.ts'
import type { Principal, Share, Subject } from '#kernel/policy/types.ts'
import type { RandomRule } from '#test/policy/grammar.ts'

export type Label = { readonly tlp: Tlp; readonly communities: readonly string[] }

export type Collection = {
  readonly owner: string
  readonly alias: string
  readonly communities: readonly string[]
  readonly named: readonly string[]
  public: boolean
  /** How what belongs to its records may be handled; without it that stays with the owner. */
  readonly context?: Label
  share: Share
}

export type Said = {
  readonly owner: string
  readonly id: string
  readonly canary: string
  readonly tlp: Tlp
  readonly collection: Collection
  /** The record that this is the context of. */
  readonly of?: Said
  /** Taken back, one way or the other. */
  withdrawn: boolean
  /** Whether not a byte of it may be left. */
  erased: boolean
}

/** Whom something is disclosed to: a member's node, a machine client acting for a member at some node, or anybody. */
export type Reader =
  | { readonly member: string; readonly machine: false }
  | { readonly member: string; readonly machine: true; readonly at: string }
  | 'public'

export class Entitlements {
  /** `owner peer`: the communities the owner counts the peer into; absent where they are no peers. */
  readonly peers = new Map<string, readonly string[]>()
  /** The rules of each member's own, as they are now. */
  readonly rules = new Map<string, readonly RandomRule[]>()
  /** `member author`: members that pass on what an author says. */
  readonly passing = new Set<string>()
  readonly #names: readonly string[]
  readonly #had: (said: Said, member: string) => boolean

  /** `had`: whether a member was allowed something at some time, and may hold it since. */
  constructor(names: readonly string[], had: (said: Said, member: string) => boolean) {
    this.#names = names
    this.#had = had
  }

  may(said: Said, reader: Reader): boolean {
    if (reader === 'public') return this.#mayAnybody(said)
    if (!reader.machine) return this.#mayNode(said, reader.member)
    if (said.tlp === 'RED') return false
    if (reader.member === reader.at) return this.#mayNode(said, reader.at)
    // Programs of others are not shown what belongs to a record.
    if (said.of !== undefined) return false
    if (reader.at === said.owner) return this.mayDirectly(said, reader.member, true)
    return this.#mayNode(said, reader.at) && this.mayPassOn(said, reader.at, reader.member, true)
  }

  #mayNode(said: Said, member: string): boolean {
    const early = member === said.owner || this.#had(said, member) || this.mayDirectly(said, member)
    return early || this.holders(said).has(member)
  }

  /** The members whose nodes may hold it: its owner, whom the owner gives it, and whom these pass it on to. */
  holders(said: Said): Set<string> {
    const found = new Set(
      this.#names.filter((name) => name === said.owner || this.mayDirectly(said, name) || this.#had(said, name)),
    )
    // What a set grows by while it is gone through is gone through as well.
    for (const from of found)
      if (this.passing.has(`${from} ${said.owner}`))
        for (const to of this.#names) if (!found.has(to) && this.mayPassOn(said, from, to)) found.add(to)
    return found
  }

  /** TLP 2.0, the owner's sharing and the owner's own rules, in the order people read them. */
  mayDirectly(said: Said, to: string, machine = false): boolean {
    const { owner, collection, of } = said
    const label = labelOf(said)
    if (label === undefined || (of !== undefined && !this.mayDirectly(of, to, machine))) return false
    if (to === owner) return true
    const standing = this.peers.get(`${owner} ${to}`)
    if (standing === undefined && !machine) return false
    const named = collection.named.includes(to)
    const inCommunity = standing?.some((name) => label.communities.includes(name)) === true
    const floor = {
      RED: named,
      'AMBER+STRICT': named,
      AMBER: named || inCommunity,
      GREEN: standing !== undefined,
      CLEAR: true,
    }[label.tlp]
    if (!floor || collection.share === 'none') return false
    const share = { named, community: named || inCommunity, peers: named || standing !== undefined }[collection.share]
    const subject = subjectOf(said, label, { named, own: true, share: collection.share, public: collection.public })
    const { permit, forbid } = this.#ownRules(owner, principalOf(to, standing, machine), subject)
    return (share || permit) && !forbid
  }

  /** What its marking and the one who passes it on allow: never beyond the communities it is meant for. */
  mayPassOn(said: Said, from: string, to: string, machine = false): boolean {
    const { owner, of } = said
    const label = labelOf(said)
    if (to === owner || label === undefined || !this.passing.has(`${from} ${owner}`)) return false
    if (of !== undefined && !this.mayPassOn(of, from, to, machine)) return false
    const standing = this.peers.get(`${from} ${to}`)
    if (standing?.some((name) => label.communities.includes(name)) !== true) return false
    if (label.tlp === 'RED' || label.tlp === 'AMBER+STRICT') return false
    const subject = subjectOf(said, label, { named: false, own: false, share: 'community', public: false })
    return !this.#ownRules(from, principalOf(to, standing, machine), subject).forbid
  }

  #mayAnybody(said: Said): boolean {
    const { owner, tlp, collection, of } = said
    if (of !== undefined || tlp !== 'CLEAR' || !collection.public) return false
    const setting = { named: false, own: true, share: collection.share, public: true }
    const subject = subjectOf(said, { tlp, communities: collection.communities }, setting)
    const { permit, forbid } = this.#ownRules(owner, { kind: 'public' }, subject)
    return !forbid && (collection.share === 'peers' || permit)
  }

  #ownRules(member: string, principal: Principal, subject: Subject): { permit: boolean; forbid: boolean } {
    const applied = (this.rules.get(member) ?? []).filter((rule) => rule.applies(principal, subject))
    return {
      permit: applied.some(({ effect }) => effect === 'permit'),
      forbid: applied.some(({ effect }) => effect === 'forbid'),
    }
  }
}

/** Undefined for a context that nobody but its owner may have. */
function labelOf({ tlp, collection, of }: Said): Label | undefined {
  return of === undefined ? { tlp, communities: collection.communities } : collection.context
}

function subjectOf({ collection }: Said, { tlp, communities }: Label, setting: Omit<Subject, 'marking'>): Subject {
  const audience = { named: collection.named.length > 0, communities }
  return { ...setting, marking: { tlp, audience, personal: 'present' } }
}

/** A member as the rules see it: members of these worlds are technical bodies that name no country. */
function principalOf(member: string, standing: readonly string[] | undefined, machine: boolean): Principal {
  return {
    kind: 'member',
    member,
    approved: standing !== undefined,
    communities: standing ?? [],
    via: machine ? 'machine' : 'peer',
    ...(standing === undefined ? {} : { memberKind: 'technical' }),
  }
}

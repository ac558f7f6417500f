// Decisions that were made, in memory: a million a second are found here. They hold for one set of rules; another set
// begins with nothing.
import { LIMITS } from '../limits.ts'
import type { Marking } from '../marking.ts'
import { labelKey, principalKey } from './request.ts'
import type { Rules } from './rules.ts'
import { SHARES, type Decision, type Principal, type Question, type Subject } from './types.ts'

/** What was decided for one principal: by label, then by setting. */
type Desk = Map<string, Decision[]>

export class DecisionMemory {
  #rules = ''
  #desks = new Map<string, Desk>()
  #deskOf = new WeakMap<Principal, Desk>()
  readonly #labelOf = new WeakMap<Marking, string>()
  #count = 0

  /** Forgets what was made by other rules, or everything where it grew too much. To be called before a round of questions. */
  begin(rules: Rules): void {
    if (rules.id === this.#rules && this.#count < LIMITS.policyDecisionsMax) return
    this.#rules = rules.id
    this.#desks = new Map()
    this.#deskOf = new WeakMap()
    this.#count = 0
  }

  find(rules: Rules, { principal, subject }: Question): Decision | undefined {
    if (rules.id !== this.#rules) return undefined
    return this.#desk(rules, principal).get(this.#label(subject.marking))?.[placeOf(subject)]
  }

  keep(rules: Rules, { principal, subject }: Question, decision: Decision): void {
    if (rules.id !== this.#rules) return
    const desk = this.#desk(rules, principal)
    const label = this.#label(subject.marking)
    const settings = desk.get(label) ?? []
    settings[placeOf(subject)] = decision
    desk.set(label, settings)
    this.#count += 1
  }

  #desk(rules: Rules, principal: Principal): Desk {
    const known = this.#deskOf.get(principal)
    if (known !== undefined) return known
    const key = principalKey(principal, rules.members)
    const desk = this.#desks.get(key) ?? new Map<string, Decision[]>()
    this.#desks.set(key, desk)
    this.#deskOf.set(principal, desk)
    return desk
  }

  #label(marking: Marking): string {
    const known = this.#labelOf.get(marking)
    if (known !== undefined) return known
    const label = labelKey(marking)
    this.#labelOf.set(marking, label)
    return label
  }
}

/** The setting as a small number. */
function placeOf({ own, share, public: open, named }: Subject): number {
  return SHARES.indexOf(share) * 8 + (own ? 4 : 0) + (open ? 2 : 0) + (named ? 1 : 0)
}

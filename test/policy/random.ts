// Random principals and subjects for tests of policy: everything a marking or a standing can say, in every combination.
import { PAP, TLP, type Marking, type Tlp } from '#kernel/marking.ts'
import { SHARES, type Principal, type Subject } from '#kernel/policy/types.ts'
import { seededRandom } from '#test/store.ts'

export const COMMUNITIES = ['energy.example', 'red-team.example', 'rail.example']
export const COUNTRIES = ['DE', 'FR', 'JP', 'ZA']
export const MEMBERS = ['b.example', 'c.example', 'd.example']
export const KINDS = ['technical', 'government', 'private', 'academia', 'civil']

export class Chance {
  readonly #random

  constructor(seed: string) {
    this.#random = seededRandom(seed)
  }

  pick(n: number): number {
    return Buffer.from(this.#random(4)).readUInt32BE() % n
  }

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)] as T
  }

  some<T>(list: readonly T[]): T[] {
    return list.filter(() => this.pick(2) === 0)
  }

  /** A value most of the time, nothing otherwise. */
  maybe<T>(value: T): T | undefined {
    return this.pick(3) === 0 ? undefined : value
  }
}

export function randomMarking(chance: Chance): Marking {
  const pap = chance.maybe(chance.one(PAP))
  const jurisdiction = chance.maybe(chance.one(COUNTRIES))
  return {
    tlp: chance.pick(20) === 0 ? ('ORANGE' as Tlp) : chance.one(TLP),
    ...(pap === undefined ? {} : { pap }),
    audience: { named: chance.pick(2) === 0, communities: chance.some(COMMUNITIES) },
    personal: chance.one(['none', 'none', 'present']),
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
    ...(chance.pick(12) === 0 ? { exercise: 'c0ffee00-0000-4000-8000-000000000000' } : {}),
  }
}

export function randomPrincipal(chance: Chance): Principal {
  const kind = chance.pick(8)
  if (kind === 0) return { kind: 'public' }
  if (kind === 1) {
    const via = chance.one(['person', 'machine'] as const)
    return via === 'machine' ? { kind: 'self', via } : { kind: 'self', via, red: chance.one([true, false]) }
  }
  const country = chance.maybe(chance.one(COUNTRIES))
  return {
    kind: 'member',
    member: chance.one(MEMBERS),
    approved: chance.pick(4) > 0,
    communities: chance.some(COMMUNITIES),
    via: chance.one(['peer', 'machine']),
    memberKind: chance.one(KINDS),
    ...(country === undefined ? {} : { country }),
    adequate: chance.some(COUNTRIES).slice(0, chance.pick(3)),
    agreements: chance.some(COUNTRIES).slice(0, chance.pick(3)),
  }
}

export function randomSubject(chance: Chance): Subject {
  return {
    marking: randomMarking(chance),
    named: chance.pick(2) === 0,
    own: chance.pick(5) > 0,
    share: chance.one(SHARES),
    public: chance.pick(3) === 0,
  }
}

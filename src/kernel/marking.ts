// How a statement may be handled: TLP 2.0, PAP, audience, personal data, jurisdiction, exercise.
// A marking travels in the header of its statement (protocol section 2). What policy may read of it is interned
// as a label class, so that decisions are made per class and recipient, never per record.
import { Fault } from './fault.ts'
import { isDomainLike } from './id.ts'
import { LIMITS } from './limits.ts'

/** TLP 2.0 labels from least to most restrictive. */
export const TLP = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const
export type Tlp = (typeof TLP)[number]

/** Permissible Actions Protocol labels from least to most restrictive. */
export const PAP = ['CLEAR', 'GREEN', 'AMBER', 'RED'] as const
export type Pap = (typeof PAP)[number]

export type Marking = {
  readonly tlp: Tlp
  readonly pap?: Pap
  readonly audience: {
    /** True where recipients are named one by one; who they are stays with the author. */
    readonly named: boolean
    /** Names of the communities it is for, sorted, without duplicates. */
    readonly communities: readonly string[]
  }
  readonly personal: 'none' | 'present'
  /** ISO 3166-1 alpha-2, where the data falls under one. */
  readonly jurisdiction?: string
  /** The exercise this belongs to (a UUID); absent for the real world. */
  readonly exercise?: string
}

/** What everything gets that says nothing: the strictest marking that can still be given to a named member. */
export const DEFAULT_MARKING: Marking = {
  tlp: 'AMBER+STRICT',
  audience: { named: false, communities: [] },
  personal: 'present',
}

export function isTlp(value: unknown): value is Tlp {
  return (TLP as readonly unknown[]).includes(value)
}

/** The stricter of two labels. */
export function stricterTlp(a: Tlp, b: Tlp): Tlp {
  return TLP.indexOf(a) >= TLP.indexOf(b) ? a : b
}

/**
 * What both of two markings allow: the stricter label, the communities that both are for, personal data and an exercise
 * where either has them. Whether members are named is the later one's, for who they are stands beside a marking.
 */
export function stricterMarking(earlier: Marking, later: Marking): Marking {
  const pap = stricterPap(earlier.pap, later.pap)
  const jurisdiction = earlier.jurisdiction ?? later.jurisdiction
  const exercise = earlier.exercise ?? later.exercise
  const shared = new Set(earlier.audience.communities)
  return {
    tlp: stricterTlp(earlier.tlp, later.tlp),
    ...(pap === undefined ? {} : { pap }),
    audience: { ...later.audience, communities: later.audience.communities.filter((name) => shared.has(name)) },
    personal: earlier.personal === 'present' ? 'present' : later.personal,
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
    ...(exercise === undefined ? {} : { exercise }),
  }
}

function stricterPap(a: Pap | undefined, b: Pap | undefined): Pap | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return PAP.indexOf(a) >= PAP.indexOf(b) ? a : b
}

/**
 * The one spelling of a marking: fixed order of keys, sorted communities. Two markings are the same label class
 * exactly where this text is the same. It is a key inside one node and is never signed.
 */
export function labelKey(marking: Marking): string {
  return JSON.stringify([
    marking.tlp,
    marking.pap ?? null,
    marking.audience.named,
    [...new Set(marking.audience.communities)].toSorted(),
    marking.personal,
    marking.jurisdiction ?? null,
    marking.exercise ?? null,
  ])
}

const KEYS = new Set(['tlp', 'pap', 'audience', 'personal', 'jurisdiction', 'exercise'])

/**
 * Reads a marking that came from outside (a header, a request, a configuration file). Returns undefined where any
 * part is missing, unknown or out of bounds: the caller treats that as "for nobody" (principle 3), never as a default.
 */
export function parseMarking(value: unknown): Marking | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { tlp, pap, audience, personal, jurisdiction, exercise } = value as Record<string, unknown>
  if (Object.keys(value).some((key) => !KEYS.has(key))) return undefined
  if (!isTlp(tlp)) return undefined
  if (pap !== undefined && !(PAP as readonly unknown[]).includes(pap)) return undefined
  if (personal !== 'none' && personal !== 'present') return undefined
  if (jurisdiction !== undefined && !(typeof jurisdiction === 'string' && /^[A-Z]{2}$/.test(jurisdiction)))
    return undefined
  if (exercise !== undefined && !(typeof exercise === 'string' && exercise.length <= 64)) return undefined
  const parsedAudience = parseAudience(audience)
  if (parsedAudience === undefined) return undefined
  return {
    tlp,
    ...(pap === undefined ? {} : { pap: pap as Pap }),
    audience: parsedAudience,
    personal,
    ...(jurisdiction === undefined ? {} : { jurisdiction: jurisdiction as string }),
    ...(exercise === undefined ? {} : { exercise: exercise as string }),
  }
}

/** Like parseMarking, for input a person gave: says what is wrong instead of answering undefined. */
export function requireMarking(value: unknown, place: string): Marking {
  const marking = parseMarking(value)
  if (marking !== undefined) return marking
  throw new Fault('input.invalid', 'this is not a complete marking', {
    place,
    remedy: `Give tlp (${TLP.join(', ')}), audience {named, communities} and personal (none or present).`,
  })
}

function parseAudience(value: unknown): Marking['audience'] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { named, communities, ...others } = value as Record<string, unknown>
  if (Object.keys(others).length > 0) return undefined
  if (typeof named !== 'boolean' || !Array.isArray(communities)) return undefined
  if (communities.length > LIMITS.audienceCommunitiesMax) return undefined
  if (!communities.every((name) => typeof name === 'string' && isDomainLike(name))) return undefined
  return { named, communities: communities as string[] }
}

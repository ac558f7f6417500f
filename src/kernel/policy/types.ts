// The words of policy: whom a decision is for, what it is about, and what an answer is. What is missing, unknown or in
// doubt is denied (principle 3).
import type { Marking } from '../marking.ts'

/** What this member knows and decided about another; what is not known is absent. */
export type Standing = {
  /** What the member says it is: government, private, academia … */
  readonly memberKind?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  /** Jurisdictions whose personal data is held to be protected well enough there. */
  readonly adequate?: readonly string[]
  /** Jurisdictions whose personal data may go there by an agreement. */
  readonly agreements?: readonly string[]
}

/** Whom a decision is for. `machine` is a program that stores what it gets (a TAXII client), `peer` a member's node. */
export type Principal =
  | { readonly kind: 'self'; readonly via: 'machine' }
  /** `red`: named on this node for TLP:RED. */
  | { readonly kind: 'self'; readonly via: 'person'; readonly red: boolean }
  | (Standing & {
      readonly kind: 'member'
      readonly member: string
      /** An approved peer of this node. */
      readonly approved: boolean
      readonly communities: readonly string[]
      readonly via: 'peer' | 'machine'
    })
  | { readonly kind: 'public' }

/** How far the owner of a collection lets it go, within the floors. */
export const SHARES = ['none', 'named', 'community', 'peers'] as const
export type Share = (typeof SHARES)[number]

/** How a collection is set. What others authored (`own` false) is passed on, not given. */
export type CollectionShare = { readonly own: boolean; readonly share: Share; readonly public: boolean }

/** What a decision is about: never a record, always a class of records with one label. */
export type Subject = CollectionShare & {
  readonly marking: Marking
  /** Is the principal among the recipients named for this statement? */
  readonly named: boolean
}

/** Whether this principal may have records of this label in a collection of this setting. */
export type Question = { readonly principal: Principal; readonly subject: Subject }

export type Decision = {
  readonly allow: boolean
  /** The first rule that decided; the name stands in records of what left. */
  readonly rule: string
  readonly reason: string
  /** Every rule that decided, the first included. */
  readonly rules: readonly string[]
}

/** A file of rules as people wrote it. */
export type RuleFile = { readonly name: string; readonly text: string }

// In which order warnings are read: by reasons that can be named, never by a score. What several members say comes first,
// then what is exactly what is watched, then what touches more of it, then what is newest.
import type { WarningView } from '#warning/wire.ts'

export type Reasons = {
  /** Who says something about the same watched value, the author among them. */
  readonly members: readonly string[]
  /** Whether a value is itself on the watch list, not merely inside something that is. */
  readonly exact: boolean
  readonly matches: number
}

/** Why a warning stands where it stands, among those that are read together. */
export function reasonsFor(warning: WarningView, all: readonly WarningView[]): Reasons {
  const watched = new Set(warning.matches.map((match) => match.watched))
  const others = all.filter(
    (each) => each.asset === warning.asset && each.matches.some((match) => watched.has(match.watched)),
  )
  return {
    members: [...new Set([warning, ...others].map(({ author }) => author))],
    exact: warning.matches.some((match) => match.value === match.watched),
    matches: warning.matches.length,
  }
}

export function inOrder(warnings: readonly WarningView[]): WarningView[] {
  const reasons = new Map(warnings.map((warning) => [warning.id, reasonsFor(warning, warnings)]))
  const of = ({ id }: WarningView): Reasons => reasons.get(id) as Reasons
  return warnings.toSorted(
    (a, b) =>
      of(b).members.length - of(a).members.length ||
      Number(of(b).exact) - Number(of(a).exact) ||
      of(b).matches - of(a).matches ||
      b.id - a.id,
  )
}

export type Group = {
  readonly key: 'needOwner' | 'yours' | 'others' | 'muted' | 'done'
  readonly items: readonly WarningView[]
}

/** The groups of an inbox, for somebody; empty ones are left out. */
export function inGroups(warnings: readonly WarningView[], me: string | undefined): Group[] {
  const keyOf = ({ state, muted, assigned }: WarningView): Group['key'] => {
    if (state === 'closed' || state === 'retracted') return 'done'
    if (muted !== undefined) return 'muted'
    if (assigned !== undefined) return assigned === me ? 'yours' : 'others'
    return state === 'new' ? 'needOwner' : 'others'
  }
  const groups = Map.groupBy(warnings, keyOf)
  return (['needOwner', 'yours', 'others', 'muted', 'done'] as const).flatMap((key) => {
    const items = groups.get(key)
    return items === undefined ? [] : [{ key, items: key === 'done' ? items : inOrder(items) }]
  })
}

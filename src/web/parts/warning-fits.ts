// Which of some warnings each verb can be said about.
import type { WarningView } from '#warning/wire.ts'

export type WarningVerb = 'acknowledge' | 'assign' | 'mute' | 'unmute' | 'close'

/** What is over takes none of them; closing wants to have been acknowledged. */
const FITS: readonly (readonly [WarningVerb, (warning: WarningView) => boolean])[] = [
  ['acknowledge', ({ state }) => state === 'new'],
  ['assign', () => true],
  ['mute', ({ muted }) => muted === undefined],
  ['unmute', ({ muted }) => muted !== undefined],
  ['close', ({ state }) => state === 'acknowledged'],
]

export const isOver = ({ state }: Pick<WarningView, 'state'>): boolean => state === 'closed' || state === 'retracted'

/** Verbs that fit none of them are left out. */
export function verbsFor(warnings: readonly WarningView[]): (readonly [WarningVerb, readonly WarningView[]])[] {
  const alive = warnings.filter((warning) => !isOver(warning))
  return FITS.map(([verb, fits]) => [verb, alive.filter(fits)] as const).filter(([, fitting]) => fitting.length > 0)
}

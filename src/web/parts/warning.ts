// The state of a warning in a word and a shape.
import type { WarningView } from '#warning/wire.ts'
import { t } from '../text/language.ts'
import type { StateKind } from '../ui/state.tsx'

export function warningState({ state }: Pick<WarningView, 'state'>): {
  readonly kind: StateKind
  readonly word: string
} {
  switch (state) {
    case 'new':
      return { kind: 'danger', word: t('warning.new') }
    case 'acknowledged':
      return { kind: 'warning', word: t('warning.acknowledged') }
    case 'closed':
      return { kind: 'ok', word: t('warning.closed') }
    case 'retracted':
      return { kind: 'off', word: t('warning.retracted') }
  }
}

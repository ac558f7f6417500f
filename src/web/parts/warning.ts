// The state of a warning in a word and a shape, and saying something about it.
import type { WarningView } from '#warning/wire.ts'
import { send } from '../api.ts'
import { changed, learned } from '../load.ts'
import { t } from '../text/language.ts'
import type { StateKind } from '../ui/state.tsx'
import type { WarningVerb } from './warning-fits.ts'

export function warningState({ state, muted }: Pick<WarningView, 'state' | 'muted'>): {
  readonly kind: StateKind
  readonly word: string
} {
  if (muted !== undefined && (state === 'new' || state === 'acknowledged'))
    return { kind: 'off', word: t('warning.muted') }
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

/** Says something about a warning; whoever shows it sees what it has become. */
export async function answerWarning(id: number, verb: WarningVerb, body: object): Promise<void> {
  learned(`/warnings/${id}`, await send<WarningView>('POST', `/warnings/${id}/${verb}`, body))
  changed('/warnings', '/home')
}

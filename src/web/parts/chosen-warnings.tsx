// Several warnings of the inbox at once: chosen by a box or a key, answered alike by one question. And what a row offers by
// itself without being opened.
import { useCallback, useMemo, useState, type ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { t } from '../text/language.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { useCommands, type Command } from './commands.ts'
import { useRight } from './session.ts'
import { WarningDialog } from './warning-dialogs.tsx'
import { isOver, verbsFor, type WarningVerb } from './warning-fits.ts'

export type Choice = {
  /** Those of the list that are chosen, in its order. */
  readonly chosen: readonly WarningView[]
  readonly may: boolean
  readonly has: (id: number) => boolean
  readonly toggle: (id: number) => void
  readonly clear: () => void
}

const NONE: ReadonlySet<number> = new Set()

/** What is chosen among the warnings shown. Whatever leaves the list is let go of; `i` chooses the one that is open. */
export function useChoice(shown: readonly WarningView[] | undefined, open: number): Choice {
  const may = useRight('decide')
  const [ids, setIds] = useState(NONE)
  const chosen = useMemo(() => (shown ?? []).filter(({ id }) => ids.has(id)), [shown, ids])
  const toggle = useCallback((id: number) => {
    setIds((before) => {
      const after = new Set(before)
      if (!after.delete(id)) after.add(id)
      return after
    })
  }, [])
  const isListed = shown?.some(({ id }) => id === open) === true
  const commands = useMemo(
    (): readonly Command[] =>
      may && isListed ? [{ id: 'pick', title: t('warnings.pickOpen'), keys: 'i', run: () => toggle(open) }] : [],
    [may, isListed, open, toggle],
  )
  useCommands(commands)
  return { chosen, may, has: (id) => may && ids.has(id), toggle, clear: () => setIds(NONE) }
}

const KEYS = { acknowledge: 'a', assign: 's', mute: 'm', unmute: 'u', close: 'x' } as const

/** Above the list while something is chosen: how many, and what can be done with them, each verb with how many it fits. */
export function ChosenBar({ choice: { chosen, may, clear } }: { readonly choice: Choice }): ReactNode {
  const [asking, setAsking] = useState<WarningVerb>()
  const verbs = useMemo(() => verbsFor(chosen), [chosen])
  const commands = useMemo(
    (): readonly Command[] =>
      verbs.map(([verb, fitting]) => ({
        id: `chosen ${verb}`,
        title: `${t(`warning.${verb}`)} · ${t('warnings.chosen', { n: fitting.length })}`,
        icon: 'warnings',
        keys: KEYS[verb],
        run: () => setAsking(verb),
      })),
    [verbs],
  )
  useCommands(commands)
  const fitting = verbs.find(([verb]) => verb === asking)?.[1]
  if (!may || chosen.length === 0) return null
  return (
    <div className="chosen-bar" role="group" aria-label={t('warnings.verbs')}>
      <b role="status">
        {t('warnings.chosen', { n: chosen.length })}
        <Button small kind="quiet" onClick={clear}>
          {t('warnings.unpick')}
        </Button>
      </b>
      {verbs.map(([verb, { length }]) => (
        <Button key={verb} small shortcut={KEYS[verb].toUpperCase()} onClick={() => setAsking(verb)}>
          {t(`warning.${verb}`)} {length === chosen.length ? '' : length}
        </Button>
      ))}
      {asking === undefined || fitting === undefined ? null : (
        <WarningDialog warnings={fitting} verb={asking} onClose={() => setAsking(undefined)} />
      )}
    </div>
  )
}

/** The box of a row, and what it offers where a hand or the focus is on it. */
export function RowVerbs({ warning, choice }: { readonly warning: WarningView; readonly choice: Choice }): ReactNode {
  const [asking, setAsking] = useState<WarningVerb>()
  const { id, muted } = warning
  if (!choice.may || isOver(warning)) return null
  const quietly = muted === undefined ? 'mute' : 'unmute'
  return (
    <>
      <button
        type="button"
        role="checkbox"
        className="item-pick"
        aria-label={t('warnings.pick', { id })}
        aria-checked={choice.has(id)}
        onClick={() => choice.toggle(id)}
      >
        {choice.has(id) ? <Icon name="check" size={14} /> : null}
      </button>
      <div className="item-verbs">
        <IconButton icon="person" label={t('warnings.rowAssign', { id })} onClick={() => setAsking('assign')} />
        <IconButton
          icon="clock"
          label={t(quietly === 'mute' ? 'warnings.rowMute' : 'warnings.rowUnmute', { id })}
          onClick={() => setAsking(quietly)}
        />
      </div>
      {asking === undefined ? null : (
        <WarningDialog warnings={[warning]} verb={asking} onClose={() => setAsking(undefined)} />
      )}
    </>
  )
}

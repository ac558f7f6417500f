// What can be done about a warning: acknowledge, assign, mute with a reason and an end, close with a reason; each by a
// button, a key and the command bar.
import { useMemo, useState, type ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { fullTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { copy } from './attempt.tsx'
import { useCommands, type Command } from './commands.ts'
import { useRight } from './session.ts'
import type { WarningVerb } from './warning-fits.ts'
import { WarningDialog } from './warning-dialogs.tsx'

export function WarningVerbs({
  warning,
  keys,
}: {
  readonly warning: WarningView
  /** Whether its keys are heard; not while several others are chosen. */
  readonly keys: boolean
}): ReactNode {
  const mayDecide = useRight('decide')
  const [asking, setAsking] = useState<WarningVerb>()
  const { id, state, muted } = warning
  const isOver = state === 'closed' || state === 'retracted'
  const quietly = muted === undefined ? 'mute' : 'unmute'
  useVerbKeys({ id, isNew: state === 'new', quietly, ask: setAsking, may: keys && mayDecide && !isOver })
  const close = (): void => setAsking(undefined)
  return (
    <div className="bar">
      {isOver ? (
        <span className="dim">{t(`warning.was.${state}`)}</span>
      ) : (
        <>
          <Button
            kind={state === 'new' ? 'primary' : 'plain'}
            shortcut="A"
            whyNot={!mayDecide ? t('may.decide') : state === 'new' ? undefined : t('warning.already')}
            onClick={() => setAsking('acknowledge')}
          >
            {t('warning.acknowledge')}
          </Button>
          {mayDecide ? (
            <>
              <Button shortcut="S" onClick={() => setAsking('assign')}>
                {t('warning.assign')}
              </Button>
              <Button shortcut="M" onClick={() => setAsking(quietly)}>
                {t(`warning.${quietly}`)}
              </Button>
              <Button
                kind={state === 'new' ? 'plain' : 'primary'}
                shortcut="X"
                whyNot={state === 'new' ? t('warning.first') : undefined}
                onClick={() => setAsking('close')}
              >
                {t('warning.close')}
              </Button>
            </>
          ) : null}
        </>
      )}
      <span className="end actions">
        <IconButton icon="print" label={t('print')} onClick={() => print()} />
        <IconButton
          icon="copy"
          label={t('copy')}
          onClick={() => {
            copy(asText(warning), t('copied'))
          }}
        />
      </span>
      {muted === undefined ? null : (
        <p className="bar-note small dim">
          <Text k="warning.quiet" until={fullTime(muted.until)} reason={muted.reason} />
        </p>
      )}
      {asking === undefined ? null : <WarningDialog warnings={[warning]} verb={asking} onClose={close} />}
    </div>
  )
}

function useVerbKeys({
  id,
  isNew,
  quietly,
  ask,
  may,
}: {
  readonly id: number
  readonly isNew: boolean
  readonly quietly: 'mute' | 'unmute'
  readonly ask: (verb: WarningVerb) => void
  readonly may: boolean
}): void {
  const commands = useMemo((): readonly Command[] => {
    const verbs = [
      ['a', 'acknowledge', isNew],
      ['s', 'assign', true],
      ['m', quietly, true],
      ['x', 'close', !isNew],
    ] as const
    return verbs
      .filter(([, , fits]) => fits && may)
      .map(([keys, verb]) => ({
        id: verb,
        title: `${t(`warning.${verb}`)} · ${t('warning.name', { id })}`,
        icon: 'warnings',
        keys,
        run: () => ask(verb),
      }))
  }, [id, isNew, quietly, ask, may])
  useCommands(commands)
}

/** For a ticket or a message: defanged by nobody, because a tool may read it. */
function asText(warning: WarningView): string {
  return [
    `${t('warning.name', { id: warning.id })} TLP:${warning.tlp}`,
    warning.what,
    `${warning.asset}: ${warning.matches.map(({ value }) => value).join(', ')}`,
    `${warning.author}, ${warning.firstSeen}`,
    warning.object,
  ].join('\n')
}

// The questions behind what can be done about a warning.
import { useState, type ReactNode } from 'react'
import type { AssigneeView, WarningView } from '#warning/wire.ts'
import { useGet } from '../load.ts'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Area, Select } from '../ui/field.tsx'
import { plainText } from '../ui/harmless.ts'
import { confirmDone, Dialog } from '../ui/layer.tsx'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'
import type { Page } from './needs.ts'
import { useNow } from './now.ts'
import { useSession } from './session.ts'
import { answerWarning, type WarningVerb } from './warning.ts'

type Asked = { readonly warning: WarningView; readonly onClose: () => void }

const HOUR_MS = 3600_000
/** For how many hours a warning is kept quiet: an hour, a shift, a day, a week, a month. */
const QUIET_HOURS = [1, 8, 24, 168, 720] as const

/** Who may be given a warning; only for those who may give one. */
export const useAssignees = (may: boolean): readonly AssigneeView[] =>
  useGet<Page<AssigneeView>>(may ? '/warnings/assignees' : undefined).value?.items ?? []

export function WarningDialog({ verb, ...asked }: Asked & { readonly verb: WarningVerb }): ReactNode {
  switch (verb) {
    case 'acknowledge':
    case 'close':
      return <NoteDialog verb={verb} {...asked} />
    case 'assign':
      return <AssignDialog {...asked} />
    case 'mute':
      return <MuteDialog {...asked} />
    case 'unmute':
      return <Ask verb="unmute" body={{}} {...asked} />
  }
}

/** Acknowledging may say something; closing says why. */
function NoteDialog({ warning, verb, onClose }: Asked & { readonly verb: 'acknowledge' | 'close' }): ReactNode {
  const [note, setNote] = useState('')
  const wanted = verb === 'close' && note.trim() === '' ? t('warning.needReason') : undefined
  return (
    <Ask warning={warning} verb={verb} body={note === '' ? {} : { note }} whyNot={wanted} onClose={onClose}>
      <Area
        label={t(verb === 'close' ? 'warning.reason' : 'warning.note')}
        value={note}
        maxLength={1000}
        rows={3}
        onChange={(event) => setNote(event.target.value)}
      />
    </Ask>
  )
}

function AssignDialog({ warning, onClose }: Asked): ReactNode {
  const { user } = useSession()
  const people = useAssignees(true)
  const [chosen, setChosen] = useState(warning.assigned ?? user?.name ?? '')
  const choices = people.map(({ name, display }) => [name, plainText(display === name ? name : `${display} (${name})`)])
  return (
    <Ask warning={warning} verb="assign" body={{ to: chosen }} onClose={onClose}>
      <Select
        label={t('warning.owner')}
        value={chosen}
        choices={[...(choices as [string, string][]), ['', t('warning.nobody')]]}
        onChange={(event) => setChosen(event.target.value)}
      />
    </Ask>
  )
}

function MuteDialog({ warning, onClose }: Asked): ReactNode {
  const nowMs = useNow()
  const [hours, setHours] = useState<string>(String(QUIET_HOURS[1]))
  const [reason, setReason] = useState('')
  const body = { until: new Date(nowMs + Number(hours) * HOUR_MS).toISOString(), reason: reason.trim() }
  const wanted = body.reason === '' ? t('warning.needReason') : undefined
  return (
    <Ask warning={warning} verb="mute" body={body} whyNot={wanted} onClose={onClose}>
      <Select
        label={t('warning.quietFor')}
        value={hours}
        choices={QUIET_HOURS.map((each) => [String(each), t(`warning.hours.${each}`)])}
        onChange={(event) => setHours(event.target.value)}
      />
      <Area
        label={t('warning.reason')}
        value={reason}
        maxLength={1000}
        rows={3}
        onChange={(event) => setReason(event.target.value)}
      />
    </Ask>
  )
}

function Ask({
  warning: { id },
  verb,
  body,
  whyNot,
  onClose,
  children,
}: Asked & {
  readonly verb: WarningVerb
  readonly body: object
  readonly whyNot?: string | undefined
  readonly children?: ReactNode
}): ReactNode {
  const { busy, fault, run } = useAct()
  const answer = (): void =>
    run(async () => {
      await answerWarning(id, verb, body)
      confirmDone(t(`warning.${verb}.done`, { id }))
      onClose()
    })
  return (
    <Dialog
      title={t(`warning.${verb}.title`, { id })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} whyNot={whyNot} onClick={answer}>
            {t(`warning.${verb}`)}
          </Button>
        </>
      }
    >
      <p>{t(`warning.${verb}.why`)}</p>
      {children}
      <FaultNotice fault={fault} />
    </Dialog>
  )
}

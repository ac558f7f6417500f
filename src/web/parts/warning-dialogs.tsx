// The questions behind what can be done about a warning, or about several at once.
import { useState, type ReactNode } from 'react'
import type { AssigneeView, WarningView } from '#warning/wire.ts'
import { useGet } from '../load.ts'
import { t } from '../text/language.ts'
import { Area, Select } from '../ui/field.tsx'
import { plainText } from '../ui/harmless.ts'
import { confirmDone } from '../ui/layer.tsx'
import { FormDialog } from './form-dialog.tsx'
import type { Page } from './needs.ts'
import { useNow } from './now.ts'
import { useSession } from './session.ts'
import { answerWarning } from './warning.ts'
import type { WarningVerb } from './warning-fits.ts'

type Asked = {
  /** One, or several that are answered alike. */
  readonly warnings: readonly WarningView[]
  readonly onClose: () => void
}

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
function NoteDialog({ warnings, verb, onClose }: Asked & { readonly verb: 'acknowledge' | 'close' }): ReactNode {
  const [note, setNote] = useState('')
  const wanted = verb === 'close' && note.trim() === '' ? t('warning.needReason') : undefined
  return (
    <Ask warnings={warnings} verb={verb} body={note === '' ? {} : { note }} whyNot={wanted} onClose={onClose}>
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

function AssignDialog({ warnings, onClose }: Asked): ReactNode {
  const { user } = useSession()
  const people = useAssignees(true)
  const [chosen, setChosen] = useState(warnings[0]?.assigned ?? user?.name ?? '')
  const choices = people.map(({ name, display }) => [name, plainText(display === name ? name : `${display} (${name})`)])
  return (
    <Ask warnings={warnings} verb="assign" body={{ to: chosen }} onClose={onClose}>
      <Select
        label={t('warning.owner')}
        value={chosen}
        choices={[...(choices as [string, string][]), ['', t('warning.nobody')]]}
        onChange={(event) => setChosen(event.target.value)}
      />
    </Ask>
  )
}

function MuteDialog({ warnings, onClose }: Asked): ReactNode {
  const nowMs = useNow()
  const [hours, setHours] = useState<string>(String(QUIET_HOURS[1]))
  const [reason, setReason] = useState('')
  const body = { until: new Date(nowMs + Number(hours) * HOUR_MS).toISOString(), reason: reason.trim() }
  const wanted = body.reason === '' ? t('warning.needReason') : undefined
  return (
    <Ask warnings={warnings} verb="mute" body={body} whyNot={wanted} onClose={onClose}>
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
  warnings,
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
  const answer = async (): Promise<void> => {
    // One after the other: where one is refused, those before it are answered and stand so in the list.
    for (const { id } of warnings) await answerWarning(id, verb, body)
    confirmDone(say(verb, 'done', warnings))
    onClose()
  }
  return (
    <FormDialog
      title={say(verb, 'title', warnings)}
      verb={t(`warning.${verb}`)}
      whyNot={whyNot}
      act={answer}
      onClose={onClose}
    >
      <p>{t(`warning.${verb}.why`)}</p>
      {children}
    </FormDialog>
  )
}

/** Names the one, or counts the several. */
function say(verb: WarningVerb, what: 'title' | 'done', warnings: readonly WarningView[]): string {
  const [first] = warnings
  return warnings.length === 1 && first !== undefined
    ? t(`warning.${verb}.${what}`, { id: first.id })
    : t(`warning.${verb}.${what}Many`, { n: warnings.length })
}

// A token is made: for whom, with which rights, for which parts, and until when.
import { useState, type ReactNode } from 'react'
import type { MadeToken } from '#identity/wire.ts'
import { NODE_PARTS, type NodePart, type Role } from '#kernel/role.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { t } from '../text/language.ts'
import { Check, Input, Pick, Select } from '../ui/field.tsx'
import { Notice } from '../ui/quiet.tsx'
import { FormDialog } from './form-dialog.tsx'
import { useNow } from './now.ts'
import { roleChoices } from './role-choices.ts'

const DAY_MS = 24 * 3600_000
/** As long as a token may last that expires. */
const DAYS_MAX = 3650
const ENDS = ['30', '90', '365', 'date', 'never'] as const
type End = (typeof ENDS)[number]

export function AddToken({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (made: MadeToken) => void
}): ReactNode {
  const nowMs = useNow()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [parts, setParts] = useState<readonly NodePart[] | 'all'>('all')
  const [end, setEnd] = useState<End>('90')
  const [date, setDate] = useState('')
  const days = end === 'never' ? null : end === 'date' ? daysUntil(date, nowMs) : Number(end)
  const missing =
    name.trim() === ''
      ? t('write.needName')
      : parts.length === 0
        ? t('tokens.needPart')
        : days === undefined
          ? t('tokens.needDate')
          : undefined
  return (
    <FormDialog
      wide
      title={t('tokens.make')}
      verb={t('tokens.make')}
      whyNot={missing}
      onClose={onClose}
      act={async () => {
        const body = { name: name.trim(), role, ...(parts === 'all' ? {} : { parts }), days }
        onMade(await send<MadeToken>('POST', '/tokens', body))
        changed('/tokens', '/home')
        onClose()
      }}
    >
      <div className="grid2">
        <Input
          label={t('tokens.name')}
          hint={t('welcome.nameHint')}
          mono
          maxLength={63}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label={t('people.role')}
          hint={t(`roleWhy.${role}`)}
          value={role}
          choices={roleChoices()}
          onChange={(event) => setRole(event.target.value as Role)}
        />
      </div>
      <Parts chosen={parts} choose={setParts} />
      <div className="grid2">
        <Select
          label={t('tokens.until')}
          value={end}
          choices={ENDS.map((each) => [each, t(`tokens.end.${each}`)])}
          onChange={(event) => setEnd(event.target.value as End)}
        />
        {end === 'date' ? (
          <Input
            label={t('tokens.date')}
            type="date"
            min={dayOf(nowMs + DAY_MS)}
            max={dayOf(nowMs + DAYS_MAX * DAY_MS)}
            value={date}
            onChange={(event) => setDate(event.target.value)}
          />
        ) : null}
      </div>
      {end === 'never' ? <Notice kind="warning">{t('tokens.neverWhy')}</Notice> : null}
    </FormDialog>
  )
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Whole days from today until a date; undefined where it is none that can be chosen. */
function daysUntil(date: string, nowMs: number): number | undefined {
  const days = Math.round((Date.parse(date) - Date.parse(dayOf(nowMs))) / DAY_MS)
  return days >= 1 && days <= DAYS_MAX ? days : undefined
}

/** Every part, or some: each with what a program does there. */
function Parts({
  chosen,
  choose,
}: {
  readonly chosen: readonly NodePart[] | 'all'
  readonly choose: (parts: readonly NodePart[] | 'all') => void
}): ReactNode {
  return (
    <fieldset className="checks">
      <legend>{t('tokens.partsFor')}</legend>
      <Pick name="parts" title={t('tokens.every')} checked={chosen === 'all'} onChange={() => choose('all')}>
        {t('tokens.everyWhy')}
      </Pick>
      <Pick name="parts" title={t('tokens.some')} checked={chosen !== 'all'} onChange={() => choose([])}>
        {t('tokens.someWhy')}
      </Pick>
      {chosen === 'all' ? null : (
        <div className="checks checks--under">
          {NODE_PARTS.map((part) => (
            <Check
              key={part}
              label={
                <>
                  <b>{t(`part.${part}`)}</b> <span className="dim">{t(`partWhy.${part}`)}</span>
                </>
              }
              checked={chosen.includes(part)}
              onChange={(event) =>
                choose(event.target.checked ? [...chosen, part] : chosen.filter((each) => each !== part))
              }
            />
          ))}
        </div>
      )}
    </fieldset>
  )
}

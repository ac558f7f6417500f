// The fields of what is being written, by its kind.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Area, Input, Pick } from '../ui/field.tsx'
import type { Drafting } from '../write/draft.ts'
import type { Kind } from '../write/make.ts'
import { OPINIONS, textFieldsOf } from '../write/objects.ts'
import { Pasted, type Found } from '../write/pasted.tsx'

type FieldProps = Pick<Drafting, 'draft' | 'change'>

export function WriteFields({
  kind,
  drafting,
  found,
  type,
}: {
  readonly kind: Kind
  /** The type of what is changed. */
  readonly type: string | undefined
  readonly drafting: Drafting
  readonly found: Found
}): ReactNode {
  const { draft, change } = drafting
  const { name, description } = textFieldsOf(type ?? kind)
  const named = name !== undefined && kind !== 'sighting'
  return (
    <>
      {kind === 'indicators' ? <Pasted {...drafting} found={found} /> : null}
      {kind === 'opinion' ? <OpinionPicks {...drafting} /> : null}
      {kind === 'sighting' ? <Seen {...drafting} /> : null}
      {named ? (
        <Input
          label={t(kind === 'indicators' ? 'write.common' : 'write.name')}
          maxLength={200}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      ) : null}
      <Area
        label={t(`field.${description as 'content' | 'explanation' | 'description'}`)}
        rows={6}
        value={draft.description}
        onChange={(event) => change({ description: event.target.value })}
      />
      {kind === 'indicators' ? (
        <Input
          label={t('write.days')}
          hint={t('write.daysHint')}
          type="number"
          min={0}
          max={3650}
          value={draft.days}
          onChange={(event) => change({ days: event.target.value })}
        />
      ) : kind === 'change' ? null : (
        <Area
          label={t('write.about')}
          hint={t(kind === 'sighting' ? 'write.aboutOne' : 'write.aboutHint')}
          mono
          rows={kind === 'sighting' ? 1 : 3}
          value={draft.about}
          onChange={(event) => change({ about: event.target.value })}
        />
      )}
    </>
  )
}

const OpinionPicks = ({ draft, change }: FieldProps): ReactNode => (
  <fieldset className="checks">
    <legend>{t('field.opinion')}</legend>
    {OPINIONS.map((each) => (
      <Pick
        key={each}
        title={t(`word.${each}`)}
        name="opinion"
        checked={draft.opinion === each}
        onChange={() => change({ opinion: each })}
      >
        {t(`opinionWhy.${each}`)}
      </Pick>
    ))}
  </fieldset>
)

const Seen = ({ draft, change }: FieldProps): ReactNode => (
  <div className="grid2">
    <Input
      label={t('field.first_seen')}
      hint={t('write.utc')}
      type="datetime-local"
      value={draft.firstSeen}
      onChange={(event) => change({ firstSeen: event.target.value })}
    />
    <Input
      label={t('field.last_seen')}
      hint={t('write.utc')}
      type="datetime-local"
      value={draft.lastSeen}
      onChange={(event) => change({ lastSeen: event.target.value })}
    />
    <Input
      label={t('write.times')}
      type="number"
      min={1}
      max={999_999_999}
      value={draft.count}
      onChange={(event) => change({ count: event.target.value })}
    />
  </div>
)

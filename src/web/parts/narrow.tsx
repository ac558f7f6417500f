// One thing by which a list is narrowed: any, or one of the choices.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Icon } from '../ui/icon.tsx'

export function Narrow({
  label,
  value,
  choices,
  onChoose,
}: {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [string, string])[]
  readonly onChoose: (value: string) => void
}): ReactNode {
  return (
    <label className="facet">
      <span className="label">{label}</span>
      <span className="select">
        <select className="input" value={value} onChange={(event) => onChoose(event.target.value)}>
          <option value="">{t('any')}</option>
          {choices.map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </label>
  )
}

// How the console looks to this person: the language and the theme.
import { useState, type ReactNode } from 'react'
import { LanguageChoice } from '../parts/language-choice.tsx'
import { chosenTheme, setTheme } from '../parts/theme.ts'
import { t } from '../text/language.ts'
import { Select } from '../ui/field.tsx'
import { Block } from '../ui/region.tsx'

const THEMES = ['system', 'light', 'dark'] as const

export function Looks(): ReactNode {
  const [theme, choose] = useState(chosenTheme)
  return (
    <Block title={t('account.looks')}>
      <div className="toolbar toolbar--inset">
        <LanguageChoice labelled />
        <Select
          label={t('account.theme')}
          value={theme}
          choices={THEMES.map((each) => [each, t(`theme.${each}`)])}
          onChange={(event) => {
            const next = THEMES.find((each) => each === event.target.value) ?? 'system'
            setTheme(next)
            choose(next)
          }}
        />
      </div>
    </Block>
  )
}

// The language of the console, chosen by its own name.
import type { ReactNode } from 'react'
import { currentLanguage, LANGUAGES, speak, t, type Language } from '../text/language.ts'
import { Icon } from '../ui/icon.tsx'

/** The pseudo language is for whoever works on the console; it is offered where it is already chosen. */
const offered = (): Language[] =>
  (Object.keys(LANGUAGES) as Language[]).filter((each) => each !== 'en-XB' || currentLanguage() === 'en-XB')

/** Its label is seen where other fields stand beside it, and heard everywhere. */
export function LanguageChoice({ labelled }: { readonly labelled?: boolean }): ReactNode {
  const choose = async (language: Language): Promise<void> => {
    await speak(language, { keep: true })
    location.reload()
  }
  return (
    <label className={labelled === true ? 'field' : 'facet'}>
      <span className={labelled === true ? 'lab' : 'sr'}>{t('language')}</span>
      <span className="select">
        <select
          className="input"
          value={currentLanguage()}
          onChange={(event) => void choose(event.target.value as Language)}
        >
          {offered().map((each) => (
            <option key={each} value={each} lang={each}>
              {LANGUAGES[each].name}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </label>
  )
}

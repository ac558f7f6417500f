// Above a list: the field in which it is searched, what else narrows it, and what is done with it as a whole.
import { useMemo, type ReactNode, type RefObject } from 'react'
import { t } from '../text/language.ts'
import { Icon } from '../ui/icon.tsx'
import { useCommands } from './commands.ts'

const WORDS_MAX = 200

export function ListTools({
  words,
  setWords,
  now,
  where,
  field,
  filters,
  actions,
}: {
  readonly words: string
  readonly setWords: (words: string) => void
  /** Asks at once, without waiting for a pause. */
  readonly now: () => void
  readonly where: string
  readonly field: RefObject<HTMLInputElement | null>
  readonly filters?: ReactNode
  readonly actions?: ReactNode
}): ReactNode {
  const [label, hint] = [t('list.label'), t('list.search', { where })]
  const commands = useMemo(
    () => [{ id: 'list', title: hint, icon: 'search' as const, keys: 'f', run: () => field.current?.focus() }],
    [hint, field],
  )
  useCommands(commands)
  return (
    <div className="toolbar list-tools">
      <div role="search" className="list-search">
        <Icon name="search" />
        <input
          ref={field}
          className="input"
          type="search"
          aria-label={label}
          aria-keyshortcuts="f"
          placeholder={hint}
          value={words}
          maxLength={WORDS_MAX}
          spellCheck={false}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            // A list may stand in a form, and is not what is sent.
            event.preventDefault()
            now()
          }}
        />
      </div>
      {filters}
      {actions === undefined ? null : <div className="actions">{actions}</div>}
    </div>
  )
}

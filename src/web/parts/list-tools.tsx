// Above a list: the field in which it is searched, what else narrows it, and what is done with it as a whole.
import { useMemo, type ReactNode, type RefObject } from 'react'
import { t } from '../text/language.ts'
import { Icon } from '../ui/icon.tsx'
import { useCommands } from './commands.ts'

const WORDS_MAX = 200

type Search = {
  readonly words: string
  readonly setWords: (words: string) => void
  /** Asks at once, without waiting for a pause. */
  readonly now: () => void
  readonly field: RefObject<HTMLInputElement | null>
}

export const ListTools = ({
  where,
  filters,
  actions,
  ...search
}: Search & {
  /** Absent where there is nothing to search. */
  readonly where: string | undefined
  readonly filters?: ReactNode
  readonly actions?: ReactNode
}): ReactNode => (
  <div className="toolbar list-tools">
    {where === undefined ? null : <SearchField {...search} where={where} />}
    {filters}
    {actions === undefined ? null : <div className="actions">{actions}</div>}
  </div>
)

function SearchField({ words, setWords, now, where, field }: Search & { readonly where: string }): ReactNode {
  const hint = t('list.search', { where })
  const commands = useMemo(
    () => [{ id: 'list', title: hint, icon: 'search' as const, keys: 'f', run: () => field.current?.focus() }],
    [hint, field],
  )
  useCommands(commands)
  return (
    <div role="search" className="list-search">
      <Icon name="search" />
      <input
        ref={field}
        className="input"
        type="search"
        aria-label={t('list.label')}
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
  )
}

// A list that is searched and comes page by page: the node searches one that can grow; one that it bounds is here whole and
// is searched here.
import { useCallback, useDeferredValue, useEffect, useRef, useState, type ReactNode } from 'react'
import { usePages, type Loaded, type Paged } from '../load.ts'
import { useAddressed } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/quiet.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Show } from './fault.tsx'
import { ListTools } from './list-tools.tsx'
import { MoreRows } from './more-rows.tsx'

type Look<T> = {
  /** What the table is called. */
  readonly label: string
  /** In what is searched, as part of a sentence: “value, asset or note”; absent where lines hold no words. */
  readonly where?: string
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T) => string | number
  /** Says what to do where there is nothing at all. */
  readonly empty: ReactNode
  /** What is done with the list as a whole: adding to it, most of all. */
  readonly actions?: ReactNode | ((asked: string, shown: readonly T[]) => ReactNode)
  readonly rows?: number
  readonly dense?: boolean
  readonly flush?: boolean
  readonly mine?: (row: T) => boolean
}

const PAUSE_MS = 250
/** What the address calls the words of a list. */
const WORDS = 'q'

/** A list of the node that can grow: `path` answers pages and takes `q`. */
export function List<T>({
  path,
  filters,
  filtered = false,
  ...look
}: Look<T> & {
  readonly path: string
  /** What narrows the list besides words, and whether it does now. */
  readonly filters?: ReactNode
  readonly filtered?: boolean
}): ReactNode {
  const { words, setWords, asked, ask } = useAsked()
  const pages = usePages<T>(`${path}${asked === '' ? '' : `&q=${encodeURIComponent(asked)}`}`)
  const known = useKnown({ pages, asked })
  return (
    <Searched
      {...look}
      of={known.pages}
      asked={known.asked}
      isOld={known.pages !== pages}
      narrowed={filtered}
      tools={{ words, setWords, now: ask, filters }}
    />
  )
}

/** The words in the field, and those that are asked for: these stand in the address. */
function useAsked(): { words: string; setWords: (words: string) => void; asked: string; ask: () => void } {
  const [asked, setAsked] = useAddressed(WORDS)
  const [words, setWords] = useState(asked)
  const own = useRef(asked)
  const ask = useCallback((): void => {
    own.current = words.trim()
    setAsked(own.current)
  }, [words, setAsked])
  useEffect(() => {
    const timer = setTimeout(ask, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [ask])
  useEffect(() => {
    // Somebody went back, or followed a link: what stands in the field follows.
    if (asked === own.current) return
    own.current = asked
    setWords(asked)
  }, [asked])
  return { words, setWords, asked, ask }
}

/** What was found last stays until it is known what is found next: nothing jumps while somebody types. */
function useKnown<T>(now: { readonly pages: Paged<T>; readonly asked: string }): typeof now {
  const last = useRef(now)
  const isKnown = now.pages.value !== undefined || now.pages.fault !== undefined
  if (isKnown || last.current.pages.value === undefined) last.current = now
  return last.current
}

const HERE = { fault: undefined, atMs: 0, busy: false, again: () => {} } as const
/** So many lines are seen at a glance. */
const FEW = 12

/** A list that the node bounds and answers whole; it is searched once it is longer than a glance. */
export function ShortList<T>({
  of: given,
  words: wordsOf,
  ...look
}: Look<T> & {
  readonly of: Loaded<readonly T[]> | readonly T[]
  /** What is searched of a line. */
  readonly words: (row: T) => string
}): ReactNode {
  const of = 'value' in given ? given : { ...HERE, value: given }
  const [words, setWords] = useState('')
  const asked = useDeferredValue(words.trim())
  const wanted = asked.toLowerCase()
  const value = of.value?.filter((row) => wanted === '' || wordsOf(row).toLowerCase().includes(wanted))
  const isShort = words === '' && (of.value?.length ?? 0) <= FEW
  return (
    <Searched
      {...look}
      of={{ ...of, value, more: undefined }}
      asked={asked}
      {...(isShort ? {} : { tools: { words, setWords, now: () => {} } })}
    />
  )
}

function Searched<T>({
  of,
  asked,
  isOld = false,
  narrowed = false,
  tools,
  label,
  where,
  columns,
  rowKey,
  empty,
  actions: given,
  rows = 6,
  dense,
  flush,
  mine,
}: Look<T> & {
  readonly of: Paged<T>
  readonly asked: string
  readonly isOld?: boolean
  readonly narrowed?: boolean
  readonly tools?: {
    readonly words: string
    readonly setWords: (words: string) => void
    readonly now: () => void
    readonly filters?: ReactNode
  }
}): ReactNode {
  const field = useRef<HTMLInputElement>(null)
  const count = of.value?.length ?? 0
  const actions = typeof given === 'function' ? given(asked, of.value ?? []) : given
  const isNarrow = asked !== '' || narrowed
  const isEmpty = of.value !== undefined && count === 0 && of.more === undefined && !isNarrow
  const clear = (): void => {
    tools?.setWords('')
    field.current?.focus()
  }
  const isSearched = tools !== undefined && (!isEmpty || tools.words !== '')
  return (
    <div aria-busy={isOld || undefined} className={isOld ? 'list list--old' : 'list'}>
      {isSearched ? (
        <ListTools {...tools} field={field} where={where} actions={actions} />
      ) : actions === undefined || isEmpty ? null : (
        <div className="toolbar">{actions}</div>
      )}
      <Show of={of} rows={rows}>
        {(items) =>
          isEmpty ? (
            empty
          ) : (
            <>
              {isSearched ? (
                <p className={count === 0 ? 'sr' : 'counted label'} role="status">
                  {sayCount(count, of.more !== undefined, asked)}
                </p>
              ) : null}
              {count > 0 ? (
                <Table
                  label={label}
                  columns={columns}
                  rows={items}
                  rowKey={rowKey}
                  {...(dense === undefined ? {} : { dense })}
                  {...(flush === undefined ? {} : { flush })}
                  {...(mine === undefined ? {} : { mine })}
                />
              ) : (
                <NothingFits asked={asked} where={where} goesOn={of.more !== undefined} clear={clear} />
              )}
              <MoreRows of={of} />
            </>
          )
        }
      </Show>
    </div>
  )
}

function sayCount(n: number, goesOn: boolean, q: string): string {
  const count = t(goesOn ? 'list.countMore' : 'list.count', { n })
  return q === '' ? count : t('list.found', { q, count })
}

function NothingFits({
  asked,
  where,
  goesOn,
  clear,
}: {
  readonly asked: string
  readonly where: string | undefined
  readonly goesOn: boolean
  readonly clear: () => void
}): ReactNode {
  if (asked === '' || where === undefined)
    return (
      <Empty icon="search" title={t(goesOn ? 'list.nothingSoFar' : 'list.nothingNarrow')}>
        {t(goesOn ? 'list.nothingSoFarWhy' : 'list.nothingNarrowWhy')}
      </Empty>
    )
  return (
    <Empty
      icon="search"
      title={t(goesOn ? 'list.nothingYet' : 'list.nothing', { q: asked })}
      action={<Button onClick={clear}>{t('list.clear')}</Button>}
    >
      {t('list.nothingWhy', { where })}
    </Empty>
  )
}

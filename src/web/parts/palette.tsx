// The command bar: a name, an address, a hash, or what somebody wants to do. Commands are found by their words; anything
// else is searched for in the records.
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react'
import type { RecordView } from '#sharing/wire.ts'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { Key } from '../ui/key.tsx'
import { Foreign } from '../ui/value.tsx'
import { placeCommands, usePageCommands, type Command } from './commands.ts'
import { recordTitle, typeName } from './record.ts'

type Row = {
  readonly id: string
  readonly icon: IconName
  readonly text: ReactNode
  readonly end?: ReactNode
  readonly run: () => void
}
type Group = { readonly title: string; readonly rows: readonly Row[] }

const PAUSE_MS = 200

export function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const [words, setWords] = useState('')
  const [chosen, setChosen] = useState(0)
  const list = useId()
  useEffect(() => dialog.current?.showModal(), [])
  const groups = useGroups(words.trim())
  const rows = groups.flatMap((group) => group.rows)
  const at = Math.min(chosen, Math.max(0, rows.length - 1))
  const run = (row: Row | undefined): void => {
    if (row === undefined) return
    dialog.current?.close()
    row.run()
  }
  return (
    <dialog ref={dialog} className="palette" aria-label={t('palette.title')} onClose={onClose}>
      <input
        className="input"
        role="combobox"
        aria-label={t('palette.title')}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={rows[at] === undefined ? undefined : `${list}-${at}`}
        placeholder={t('palette.hint')}
        value={words}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setWords(event.target.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
          if (step !== 0) {
            event.preventDefault()
            setChosen((at + step + rows.length) % Math.max(1, rows.length))
          } else if (event.key === 'Enter') run(rows[at])
        }}
      />
      <div className="palette-list" id={list} role="listbox" aria-label={t('palette.title')}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title}>
            <span className="label" aria-hidden="true">
              {group.title}
            </span>
            {group.rows.map((row) => {
              const number = rows.indexOf(row)
              return (
                <div
                  key={row.id}
                  id={`${list}-${number}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={number === at}
                  className="option"
                  onClick={() => run(row)}
                  onKeyDown={() => {}}
                  onMouseMove={() => setChosen(number)}
                >
                  <Icon name={row.icon} />
                  <span>{row.text}</span>
                  <span className="label">{row.end}</span>
                </div>
              )
            })}
          </div>
        ))}
        {rows.length === 0 ? <p className="palette-none">{t('palette.none')}</p> : null}
      </div>
      <footer aria-hidden="true">
        <span>
          <Key>↑</Key> <Key>↓</Key> {t('palette.choose')}
        </span>
        <span>
          <Key>↵</Key> {t('palette.run')}
        </span>
        <span>
          <Key>Esc</Key> {t('close')}
        </span>
      </footer>
    </dialog>
  )
}

function useGroups(words: string): readonly Group[] {
  const page = usePageCommands()
  const places = useMemo(placeCommands, [])
  const asked = useLate(words)
  const found = useGet<{ items: RecordView[] }>(
    asked.length < 2 ? undefined : `/search?${new URLSearchParams({ q: asked, limit: '8' })}`,
  )
  const fits = ({ title }: Command): boolean => title.toLowerCase().includes(words.toLowerCase())
  const rowOf = ({ id, title, icon = 'check', keys, run }: Command): Row => ({
    id,
    icon,
    text: title,
    end: keys === undefined ? undefined : <Key>{keys}</Key>,
    run,
  })
  const named = (record: RecordView): number => Number(recordTitle(record).toLowerCase().includes(words.toLowerCase()))
  const shown = (asked === words ? (found.value?.items ?? []) : []).filter(({ latest }) => latest)
  // What is called so comes before what only mentions it.
  const records = shown
    .toSorted((a, b) => named(b) - named(a))
    .map((record): Row => ({
      id: `${record.id} ${record.version ?? ''}`,
      icon: 'knowledge',
      text: <Foreign charsMax={70}>{recordTitle(record)}</Foreign>,
      end: typeName(record.type),
      run: () => go(to.record(record.id)),
    }))
  const search: Row = {
    id: 'search',
    icon: 'search',
    text: t('palette.search', { words }),
    run: () => go(to.knowledge({ q: words })),
  }
  return [
    { title: t('palette.here'), rows: page.filter(fits).map(rowOf) },
    { title: t('palette.go'), rows: places.filter(fits).map(rowOf) },
    { title: t('palette.records'), rows: words === '' ? [] : [...records, search] },
  ].filter((group) => group.rows.length > 0)
}

/** What was typed, once the hand rests. */
function useLate(words: string): string {
  const [late, setLate] = useState(words)
  useEffect(() => {
    const timer = setTimeout(() => setLate(words), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [words])
  return late
}

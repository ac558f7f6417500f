// Bringing another record into the drawing: found by words, or named by its id.
import { useState, type ReactNode } from 'react'
import type { RecordView } from '#sharing/wire.ts'
import { Show } from '../parts/fault.tsx'
import { recordTitle, typeName } from '../parts/record.ts'
import { useGet } from '../load.ts'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { Foreign } from '../ui/value.tsx'

const OFFERED = 8
const ID = /^[a-z0-9-]{3,250}--[0-9a-f-]{36}$/

export function AddRecord({ onAdd }: { readonly onAdd: (id: string) => void }): ReactNode {
  const [words, setWords] = useState('')
  const [asked, setAsked] = useState<string>()
  const found = useGet<{ items: RecordView[] }>(
    asked === undefined ? undefined : `/search?${new URLSearchParams({ q: asked, limit: String(OFFERED) })}`,
  )
  const take = (id: string): void => {
    setAsked(undefined)
    setWords('')
    onAdd(id)
  }
  return (
    <search className="graph-add">
      <form
        className="toolbar toolbar--inset"
        onSubmit={(event) => {
          event.preventDefault()
          const wanted = words.trim()
          if (ID.test(wanted)) take(wanted)
          else if (wanted !== '') setAsked(wanted)
        }}
      >
        <Input
          label={t('graph.find')}
          type="search"
          value={words}
          maxLength={400}
          placeholder={t('knowledge.hint')}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button type="submit">{t('knowledge.search')}</Button>
      </form>
      {asked === undefined ? null : (
        <Show of={found} rows={2}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="dim">{t('palette.none')}</p>
            ) : (
              <ul className="graph-found" aria-label={t('graph.found')}>
                {items.map((item) => (
                  <li key={item.id}>
                    <button type="button" className="link-btn" onClick={() => take(item.id)}>
                      <Foreign charsMax={80}>{recordTitle(item)}</Foreign>
                    </button>{' '}
                    <span className="badge">{typeName(item.type)}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Show>
      )}
    </search>
  )
}

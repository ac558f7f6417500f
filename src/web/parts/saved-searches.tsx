// Searches that somebody wants again. They lie in this browser: what a person looks for is nobody else's business.
import { useState, type ReactNode } from 'react'
import { to, type SearchAddress } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { plainText } from '../ui/harmless.ts'

const STORED = 'comity.searches'
const SAVED_MAX = 20

function load(): SearchAddress[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(stored) ? (stored as SearchAddress[]).slice(0, SAVED_MAX) : []
  } catch {
    return []
  }
}

export function SavedSearches({ asked }: { readonly asked: SearchAddress }): ReactNode {
  const [saved, setSaved] = useState(load)
  const keep = (next: SearchAddress[]): void => {
    localStorage.setItem(STORED, JSON.stringify(next))
    setSaved(next)
  }
  const isSaved = saved.some((each) => to.knowledge(each) === to.knowledge(asked))
  return (
    <>
      {saved.map((each) => (
        <span key={to.knowledge(each)} className="saved">
          <Button small onClick={() => go(to.knowledge(each))}>
            {plainText(
              [each.q ?? '', each.type ?? '', each.collection ?? ''].filter((word) => word !== '').join(' · '),
              30,
            )}
          </Button>
          <IconButton
            icon="cross"
            label={t('knowledge.forget', { q: plainText(each.q ?? '', 30) })}
            onClick={() => keep(saved.filter((other) => other !== each))}
          />
        </span>
      ))}
      {asked.q === undefined || asked.q === '' || isSaved ? null : (
        <Button small kind="quiet" icon="plus" onClick={() => keep([...saved, asked].slice(-SAVED_MAX))}>
          {t('knowledge.save')}
        </Button>
      )}
    </>
  )
}

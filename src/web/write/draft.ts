// What somebody is writing. It is kept in this browser, for them alone and apart for each record, until it is said: a link
// that drops, a session that ends or a window that closes loses nothing.
import { useEffect, useState } from 'react'

export type Draft = {
  readonly pasted: string
  readonly name: string
  readonly description: string
  readonly about: string
  readonly days: string
  readonly opinion: string
  readonly count: string
  readonly firstSeen: string
  readonly lastSeen: string
  /** The version from which a change began. */
  readonly basis: string
}

export const EMPTY: Draft = {
  pasted: '',
  name: '',
  description: '',
  about: '',
  days: '30',
  opinion: '',
  count: '1',
  firstSeen: '',
  lastSeen: '',
  basis: '',
}

export type Drafting = {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
  readonly clear: () => void
}

/** `begin` is what stands there before anything is written. */
export function useDraft(name: string, begin: Partial<Draft>): Drafting {
  const key = `comity.draft.${name}`
  const [first] = useState<Draft>({ ...EMPTY, ...begin })
  const [draft, setDraft] = useState<Draft>(() => {
    try {
      return { ...first, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Draft>) }
    } catch {
      return first
    }
  })
  useEffect(() => {
    if (JSON.stringify(draft) === JSON.stringify(first)) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(draft))
  }, [draft, first, key])
  const clear = (): void => {
    localStorage.removeItem(key)
    setDraft(first)
  }
  return { draft, change: (change) => setDraft({ ...draft, ...change }), clear }
}

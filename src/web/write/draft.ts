// What somebody is writing. It is kept in this browser, for them alone and apart for each record, until it is said: a link
// that drops, a session that ends or a window that closes loses nothing.
import { useEffect, useState } from 'react'

export type Draft = {
  readonly pasted: string
  /** Values that were found in it and are not to be said, each as `keyOf` names it. */
  readonly left: readonly string[]
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
  left: [],
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
  /** False where the browser has no room for it: it goes with the page. */
  readonly kept: boolean
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
  const [kept, setKept] = useState(true)
  useEffect(() => {
    const text = JSON.stringify(draft)
    setKept(text === JSON.stringify(first) ? forget(key) : keep(key, text))
  }, [draft, first, key])
  const clear = (): void => {
    forget(key)
    setDraft(first)
  }
  return { draft, kept, change: (change) => setDraft({ ...draft, ...change }), clear }
}

function keep(key: string, text: string): boolean {
  try {
    localStorage.setItem(key, text)
    return true
  } catch {
    return false
  }
}

function forget(key: string): true {
  localStorage.removeItem(key)
  return true
}

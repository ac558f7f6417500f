// A text that somebody is writing, kept in this browser until it is done with.
import { useEffect, useState } from 'react'

/** The text, how to change it, and how to go back to what it was begun from. */
export function useKeptText(key: string, begun: string): readonly [string, (text: string) => void, () => void] {
  const [kept, setKept] = useState(() => localStorage.getItem(key) ?? undefined)
  useEffect(() => {
    if (kept === undefined || kept === begun) localStorage.removeItem(key)
    else localStorage.setItem(key, kept)
  }, [key, kept, begun])
  return [kept ?? begun, setKept, () => setKept(undefined)]
}

// The objects of what is said, and the same ones for the same text again: where an answer was lost on the way, nobody
// knows whether the node has them, and what is said once more must not be there twice.
import { useRef } from 'react'
import { objectsOf, type Writing } from './make.ts'
import type { Fields, TlpName } from './objects.ts'
import { uuidv4 } from './say.ts'

export type Made = {
  readonly of: (writing: Writing, tlp: TlpName) => { readonly objects: readonly Fields[]; readonly again: boolean }
  /** They are said: the same text is something new from now on. */
  readonly forget: () => void
}

export function useMade(): Made {
  const last = useRef<{ readonly key: string; readonly objects: readonly Fields[] }>(undefined)
  return {
    of: (writing, tlp) => {
      const key = JSON.stringify([writing, tlp])
      const again = last.current?.key === key
      const now = new Date().toISOString()
      const { objects } = (last.current =
        again && last.current !== undefined
          ? last.current
          : { key, objects: objectsOf(writing, { tlp, now, newUuid: uuidv4 }) })
      return { objects, again }
    },
    forget: () => {
      last.current = undefined
    },
  }
}

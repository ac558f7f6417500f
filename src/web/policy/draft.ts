// Rules that are being written. They are kept in this browser until they are in force or thrown away, so neither a lost
// link nor an ended session costs a word; and they know the version they were begun from.
import { useEffect, useState } from 'react'
import type { PolicyView } from '#kernel/policy/wire.ts'
import { useSession } from '../parts/session.ts'

export type RuleFile = PolicyView['files'][number]
type Draft = { readonly after: number; readonly files: readonly RuleFile[] }

export type Drafting = {
  readonly files: readonly RuleFile[]
  /** The version the text was begun from. */
  readonly after: number
  readonly dirty: boolean
  readonly write: (name: string, text: string) => void
  readonly add: (name: string) => void
  readonly remove: (name: string) => void
  readonly take: (files: readonly RuleFile[]) => void
  /** Keeps the text and takes the version that is in force now as what it was begun from. */
  readonly goOn: () => void
  readonly discard: () => void
}

const FIRST: readonly RuleFile[] = [{ name: 'own.cedar', text: '' }]

export function useDraft(policy: PolicyView): Drafting {
  const { user } = useSession()
  const key = `comity.policy.${user?.name ?? ''}`
  const [draft, setDraft] = useState<Draft | undefined>(() => stored(key))
  useEffect(() => {
    if (draft === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(draft))
  }, [draft, key])
  const inForce = policy.files.length === 0 ? FIRST : policy.files
  const files = draft?.files ?? inForce
  const after = draft?.after ?? policy.version
  const keep = (next: readonly RuleFile[]): void => setDraft({ after, files: next.length === 0 ? FIRST : next })
  return {
    files,
    after,
    dirty: draft !== undefined && JSON.stringify(worthKeeping(files)) !== JSON.stringify(worthKeeping(policy.files)),
    write: (name, text) => keep(files.map((file) => (file.name === name ? { name, text } : file))),
    add: (name) => keep([...files, { name, text: '' }]),
    remove: (name) => keep(files.filter((file) => file.name !== name)),
    take: (next) => keep(next),
    goOn: () => setDraft({ after: policy.version, files }),
    discard: () => setDraft(undefined),
  }
}

/** Files in which nothing stands are none. */
export const worthKeeping = (files: readonly RuleFile[]): RuleFile[] => files.filter(({ text }) => text.trim() !== '')

/** A name that no file has yet. */
export function freeName(files: readonly RuleFile[]): string {
  for (let n = files.length + 1; ; n += 1) {
    const name = `own-${n}.cedar`
    if (!files.some((file) => file.name === name)) return name
  }
}

function stored(key: string): Draft | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Draft> | null
    return found !== null && Number.isInteger(found.after) && Array.isArray(found.files) ? (found as Draft) : undefined
  } catch {
    return undefined
  }
}

// What pages read. One answer per path is kept, so that a page that is opened again shows at once what was known and
// then what is new. A failed reload keeps what was there. Whoever changes something names the paths that it touches.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { type ApiFault, faultOf, get } from './api.ts'

export type Loaded<T> = {
  readonly value: T | undefined
  readonly fault: ApiFault | undefined
  readonly atMs: number
  readonly busy: boolean
  readonly again: () => void
}

/** Whether it is known how this went: there is a value, or a reason why not. */
export const isSettled = ({ value, fault }: Loaded<unknown>): boolean => value !== undefined || fault !== undefined

type Answer = { value?: unknown; fault?: ApiFault; atMs: number; busy: boolean }

const NOTHING: Answer = { atMs: 0, busy: false }
const FRESH_MS = 2000
const KEPT_MAX = 100
const answers = new Map<string, Answer>()
const listeners = new Set<() => void>()
/** Paths that somebody looks at now, and how often. */
const shown = new Map<string, number>()
/** Paths that changed while they were read: what was read may be from before. */
const overtaken = new Set<string>()

function set(path: string, answer: Answer): void {
  answers.delete(path)
  answers.set(path, answer)
  if (answers.size > KEPT_MAX) answers.delete(answers.keys().next().value ?? '')
  for (const listener of listeners) listener()
}

async function fetchPath(path: string, { background = false } = {}): Promise<void> {
  const before = answers.get(path) ?? NOTHING
  if (before.busy) return
  set(path, { ...before, busy: true })
  try {
    set(path, { value: await get(path, { background }), atMs: Date.now(), busy: false })
  } catch (error) {
    const fault = faultOf(error)
    set(path, { ...before, fault, atMs: Date.now(), busy: false })
  }
  if (overtaken.delete(path)) readAnew(path)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Reads a path of the interface; undefined reads nothing. With `everyMs` it is read again and again while shown. */
export function useGet<T>(path: string | undefined, { everyMs }: { readonly everyMs?: number } = {}): Loaded<T> {
  const answer = useSyncExternalStore(subscribe, () => (path === undefined ? NOTHING : (answers.get(path) ?? NOTHING)))
  useEffect(() => {
    if (path === undefined) return undefined
    const { atMs, fault } = answers.get(path) ?? NOTHING
    if (fault !== undefined || Date.now() - atMs > FRESH_MS) void fetchPath(path)
    shown.set(path, (shown.get(path) ?? 0) + 1)
    const again = (): void => {
      if (document.visibilityState === 'visible') void fetchPath(path, { background: true })
    }
    const timer = everyMs === undefined ? undefined : setInterval(again, everyMs)
    return () => {
      clearInterval(timer)
      const left = (shown.get(path) ?? 1) - 1
      if (left === 0) shown.delete(path)
      else shown.set(path, left)
    }
  }, [path, everyMs])
  const again = useCallback(() => {
    if (path === undefined) return
    void fetchPath(path)
    // What failed with it most likely failed for the same reason.
    for (const [other, { fault }] of Array.from(answers))
      if (fault !== undefined && other !== path) void fetchPath(other)
  }, [path])
  return { value: answer.value as T | undefined, fault: answer.fault, atMs: answer.atMs, busy: answer.busy, again }
}

/** What is known below these paths has changed: what is on the screen is read again, the rest when it is shown again. */
export function changed(...prefixes: readonly string[]): void {
  for (const path of Array.from(answers.keys())) if (prefixes.some((prefix) => path.startsWith(prefix))) readAnew(path)
}

function readAnew(path: string): void {
  const answer = answers.get(path)
  if (answer?.busy === true) overtaken.add(path)
  else if (shown.has(path)) void fetchPath(path, { background: true })
  else if (answer !== undefined) answers.set(path, { ...answer, atMs: 0 })
}

/** Whether something below this path is on the screen. */
export function isShown(prefix: string): boolean {
  return [...shown.keys()].some((path) => path.startsWith(prefix))
}

/** Whether a list that is known holds something. */
export function isListed<T>(prefix: string, fits: (item: T) => boolean): boolean {
  return [...answers].some(
    ([path, { value }]) => path.startsWith(prefix) && (value as { items?: readonly T[] })?.items?.some(fits) === true,
  )
}

/** Puts what an answer said about a path in its place, without asking again. */
export function learned(path: string, value: unknown): void {
  set(path, { value, atMs: Date.now(), busy: false })
}

const QUIET_MS = 1000

/** Resolves when everything that was asked for has come, and nothing more was for a moment. */
export async function quiet(): Promise<void> {
  for (let isQuiet = false; !isQuiet;) {
    const before = isReading()
    await new Promise((wake) => setTimeout(wake, QUIET_MS))
    isQuiet = !before && !isReading()
  }
}

const isReading = (): boolean => [...answers.values()].some(({ busy }) => busy)

/** Forgets everything: somebody else may sit here now. */
export function forgetAll(): void {
  answers.clear()
  for (const listener of listeners) listener()
}

type Page<T> = { readonly items: readonly T[]; readonly next?: string }

export type Paged<T> = Loaded<readonly T[]> & { readonly more: (() => void) | undefined }

/** Reads a list page by page; `more` is there while there is more. */
export function usePages<T>(path: string | undefined): Paged<T> {
  const first = useGet<Page<T>>(path)
  const [rest, setRest] = useState<{
    of: unknown
    items: readonly T[]
    next: string | undefined
    busy: boolean
    fault?: ApiFault
  }>()
  const running = useRef(false)
  const mine = rest?.of === first.value && first.value !== undefined ? rest : undefined
  const next = mine === undefined ? first.value?.next : mine.next
  const more = useCallback(() => {
    if (path === undefined || next === undefined || running.current) return
    running.current = true
    const before = mine?.items ?? []
    setRest({ of: first.value, items: before, next, busy: true })
    get<Page<T>>(`${path}${path.includes('?') ? '&' : '?'}cursor=${next}`)
      .then((page) => setRest({ of: first.value, items: [...before, ...page.items], next: page.next, busy: false }))
      .catch((error: unknown) =>
        setRest({
          of: first.value,
          items: before,
          next,
          busy: false,
          fault: faultOf(error),
        }),
      )
      .finally(() => {
        running.current = false
      })
  }, [path, next, mine, first.value])
  const value = useMemo(
    () => (first.value === undefined ? undefined : [...first.value.items, ...(mine?.items ?? [])]),
    [first.value, mine?.items],
  )
  return {
    ...first,
    value,
    fault: first.fault ?? mine?.fault,
    busy: first.busy || mine?.busy === true,
    more: next === undefined ? undefined : more,
  }
}

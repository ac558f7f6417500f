// What can be done from the keyboard: always (going somewhere), and on the page that is open. The command bar lists the
// same things, so that nothing has to be known by heart.
import { useEffect, useSyncExternalStore } from 'react'
import type { IconName } from '../ui/icon.tsx'
import { go } from '../router.tsx'
import { to } from '../paths.ts'
import { t } from '../text/language.ts'

export type Command = {
  readonly id: string
  readonly title: string
  readonly icon?: IconName
  /** A key, or two one after the other: `a`, `g h`. */
  readonly keys?: string
  readonly run: () => void
}

const PLACES: readonly (readonly [
  key: string,
  word: Parameters<typeof t>[0],
  icon: IconName,
  address: () => string,
])[] = [
  ['g h', 'nav.home', 'home', to.home],
  ['g w', 'nav.warnings', 'warnings', to.warnings],
  ['g k', 'nav.knowledge', 'knowledge', to.knowledge],
  ['g r', 'graph.title', 'knowledge', to.graph],
  ['g t', 'attack.title', 'knowledge', to.attack],
  ['g i', 'import.title', 'upload', to.import],
  ['g f', 'nav.federation', 'federation', to.federation],
  ['g p', 'nav.policy', 'policy', () => to.policy()],
  ['g a', 'nav.audit', 'audit', to.audit],
  ['g s', 'nav.settings', 'settings', to.settings],
]

export function placeCommands(): Command[] {
  return PLACES.map(([keys, word, icon, address]) => ({
    id: keys,
    title: t(word),
    icon,
    keys,
    run: () => go(address()),
  }))
}

let ofPage: readonly Command[] = []
const offers = new Set<readonly Command[]>()
const listeners = new Set<() => void>()

/** The commands of the page that is open. */
export function usePageCommands(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => ofPage,
  )
}

/** Offers commands while a page, or a part of it, is open. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    const tell = (): void => {
      ofPage = [...offers].flat()
      for (const listener of listeners) listener()
    }
    offers.add(commands)
    tell()
    return () => {
      offers.delete(commands)
      tell()
    }
  }, [commands])
}

const PAUSE_MS = 1200

/** Listens for keys. Nothing is heard while somebody writes, or while a dialog asks. */
export function useKeys(always: readonly Command[]): void {
  const page = usePageCommands()
  useEffect(() => {
    let first = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    const press = (event: KeyboardEvent): void => {
      const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
      if (
        !palette &&
        (event.ctrlKey ||
          event.metaKey ||
          event.altKey ||
          isWriting(event.target) ||
          document.querySelector('dialog[open]') !== null)
      )
        return
      const key = palette ? 'Mod k' : event.key
      const keys = first === '' ? key : `${first} ${key}`
      first = ''
      clearTimeout(timer)
      const command = [...page, ...always].find((each) => each.keys?.toLowerCase() === keys.toLowerCase())
      if (command !== undefined) {
        event.preventDefault()
        command.run()
      } else if (key === 'g') {
        first = key
        timer = setTimeout(() => (first = ''), PAUSE_MS)
      }
    }
    addEventListener('keydown', press)
    return () => {
      removeEventListener('keydown', press)
      clearTimeout(timer)
    }
  }, [page, always])
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}

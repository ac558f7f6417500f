// Early warning as one object: it searches whenever there is something new, and reads out what it found.
import type { Logger } from 'pino'
import type { Clock } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Store } from '#kernel/store/types.ts'
import { listWarnings, type WarningQuery } from './list.ts'
import { Search } from './search.ts'
import type { WarningView } from './wire.ts'

export type WarningDeps = {
  readonly store: Store
  readonly egress: Egress
  readonly clock: Clock
  readonly logger: Pick<Logger, 'error'>
}

export type Warning = AsyncDisposable & {
  readonly store: Store
  readonly clock: Clock
  /** Searches now; resolves when nothing is left to do. */
  readonly settle: () => Promise<void>
  /** Called with the id of every warning that came or changed. */
  readonly onChange: (listener: (id: number) => void) => Disposable
  /** Warnings as a principal may see them: those that rest, or rested last, on records it may not look at are left out. */
  readonly list: (query: WarningQuery, principal: Principal) => Promise<{ items: WarningView[]; next?: string }>
  readonly find: (id: number, principal: Principal) => Promise<WarningView | undefined>
}

const WAKING = new Set(['sharing.put', 'sharing.withdrawn', 'warning.watch'])
/** How often evidence is looked through for what has expired. */
const EXPIRY_EVERY_MS = 60_000

export function makeWarning({ store, egress, clock, logger }: WarningDeps): Warning {
  const search = new Search(store, clock)
  const listeners = new Set<(id: number) => void>()
  let running: Promise<void> | undefined
  let again = false
  let closed = false
  let timer: Disposable | undefined

  const loop = async (): Promise<void> => {
    do {
      again = false
      await search.run(() => closed)
    } while (again && !closed)
  }
  const settle = (): Promise<void> => {
    again = true
    running ??= loop().finally(() => {
      running = undefined
    })
    return running
  }
  const wake = (): void =>
    void settle().catch((error: unknown) => {
      if (!closed) logger.error({ err: error }, 'the search for warnings failed and will be tried again')
    })
  const tick = (): void => {
    wake()
    timer = clock.after(EXPIRY_EVERY_MS, tick)
  }
  const subscription = store.onCommit((events) => {
    for (const { name, data } of events) {
      if (name === 'warning.changed') for (const listener of listeners) listener((data as { id: number }).id)
      const removed = name === 'warning.watch' ? (data as { removed?: number } | undefined)?.removed : undefined
      if (removed !== undefined) search.forget(removed)
    }
    if (events.some((event) => WAKING.has(event.name))) wake()
  })
  tick()

  return {
    store,
    clock,
    settle,
    onChange: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    list: (query, principal) => listWarnings({ store, egress, principal }, query),
    find: async (id, principal) => {
      const { items } = await listWarnings({ store, egress, principal }, { limit: 1, before: id + 1 })
      return items.find((each) => each.id === id)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      timer?.[Symbol.dispose]()
      subscription[Symbol.dispose]()
      await running?.catch(() => {})
    },
  }
}

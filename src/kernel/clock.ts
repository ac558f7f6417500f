// Time and chance are arguments. Only `main` hands out the real ones; tests hand out seeded ones.
import { randomFillSync } from 'node:crypto'

export type Clock = {
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: () => number
  /** Runs `fn` once after `delayMs`; the returned handle cancels it. Never keeps the process alive. */
  readonly after: (delayMs: number, fn: () => void) => Disposable
}

/** Fills a new array of `length` with random bytes. The real one is the operating system's. */
export type Random = (length: number) => Uint8Array

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, fn) => {
    const timer = setTimeout(fn, delayMs)
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

export const systemRandom: Random = (length) => randomFillSync(new Uint8Array(length))

/** RFC 3339 in UTC with milliseconds, as headers and answers carry it. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** RFC 3339 in UTC with microseconds from a count of microseconds, as TAXII 2.1 section 1.6.5 wants it. */
export function formatMicros(micros: number): string {
  const ms = Math.floor(micros / 1000)
  const rest = micros - ms * 1000
  return new Date(ms).toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z$/

/**
 * Microseconds since 1970 of an RFC 3339 time in UTC (`Z` only), or undefined where it is not one or the
 * calendar does not have it (30 February, 24:00). Digits after the sixth of a fraction are cut. A leap second
 * (`:60`) is read as the first instant after it.
 */
export function parseMicros(text: string): number | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(Date.UTC(year, month - 1, day))
  if (year < 100) return undefined
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const micros = Number((match[7] ?? '').padEnd(6, '0').slice(0, 6))
  return ms * 1000 + micros
}

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

/**
 * How much is left of an interval that began at `lastMs`. Never more than the interval: a clock that was set back since
 * holds nothing up for as long as it went back.
 */
export function msLeft(lastMs: number, intervalMs: number, nowMs: number): number {
  return Math.max(0, Math.min(intervalMs, lastMs + intervalMs - nowMs))
}

/** When something is done again that was done at `lastMs`: at once, where a clock that was ahead then was set back since. */
export function msUntil(lastMs: number, intervalMs: number, nowMs: number): number {
  return nowMs < lastMs ? 0 : msLeft(lastMs, intervalMs, nowMs)
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
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])]
  if (hour > 23 || minute > 59 || second > 60) return undefined
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  const fraction = match[7]
  const micros =
    fraction === undefined
      ? 0
      : fraction.length === 3
        ? Number(fraction) * 1000
        : Number(fraction.padEnd(6, '0').slice(0, 6))
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + micros
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

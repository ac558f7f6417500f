// A time that somebody asks for in an address.
import { parseMicros } from '../clock.ts'
import { Fault } from '../fault.ts'

/** Milliseconds of a time in UTC; undefined where none is asked for. Throws `input.invalid` that names the place. */
export function timeOf(text: string | undefined, place: string): number | undefined {
  if (text === undefined) return undefined
  const micros = parseMicros(text)
  if (micros !== undefined) return Math.ceil(micros / 1000)
  throw new Fault('input.invalid', 'this is not a time in UTC', { place, remedy: 'Like 2026-01-31T12:00:00Z.' })
}

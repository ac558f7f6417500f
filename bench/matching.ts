// The matcher alone, on one core: a million watched values of each kind, and values half of which touch one.
import { buildMatcher } from '#warning/matcher.ts'
import { digestOfText, perSecond, type Report } from './report.ts'

const SIZE = 1_000_000
const VALUES = 200_000

type Kind = 'domain' | 'ipv4' | 'hash'
const KINDS: Readonly<Record<Kind, { readonly watched: (n: number) => string; readonly seen: (n: number) => string }>> =
  {
    domain: { watched: (n) => `host${n}.watched.example`, seen: (n) => `www.host${n}.watched.example` },
    ipv4: { watched: ipv4, seen: ipv4 },
    hash: { watched: sha256, seen: sha256 },
  }

export function measureMatching(report: Report): void {
  let [hits, seconds] = [0, 0]
  const alone: string[] = []
  for (const [kind, { watched, seen }] of Object.entries(KINDS) as [Kind, (typeof KINDS)[Kind]][]) {
    const matcher = buildMatcher(
      (function* () {
        for (let id = 1; id <= SIZE; id += 1) yield { id, kind, value: watched(id) }
      })(),
    )
    const values = Array.from({ length: VALUES }, (_, i) => ({ kind, value: seen((i * 7) % (2 * SIZE)) }))
    const started = performance.now()
    for (const value of values) hits += matcher.match(value).length
    const took = (performance.now() - started) / 1000
    seconds += took
    alone.push(`${kind} ${perSecond(VALUES, took)}`)
  }
  report.add({
    what: `matching against ${SIZE.toLocaleString('en')} watched values, as many of each kind`,
    figure: `${perSecond(VALUES * alone.length, seconds)} values/s on one core (${alone.join(', ')})`,
    limit: 'at least 1,000,000',
    readBack: hits,
    digest: digestOfText(`${SIZE} ${VALUES}`),
  })
}

function ipv4(n: number): string {
  return `${20 + (n >> 20)}.${(n >> 12) & 255}.${(n >> 4) & 255}.${n & 15}`
}

function sha256(n: number): string {
  return n.toString(16).padStart(64, 'a')
}

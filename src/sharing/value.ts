import { LIMITS } from '#kernel/limits.ts'
import {
  addressValue,
  domainValue,
  emailValue,
  hashValue,
  urlValue,
  vulnerabilityValue,
  type Value,
} from '#kernel/value.ts'

import { patternValues } from './pattern-value.ts'

export type { Value } from '#kernel/value.ts'

/** What an object says that a watch list can be compared with. */
export type Extract = {
  /** Each value once, in the order they were found. */
  readonly values: readonly Value[]
  /** What names such things but cannot be compared: a LIKE, a pattern of another language, a text that is no value. */
  readonly unmatchable: readonly string[]
  /** More than LIMITS.valuesPerRecordMax: the rest was left out. */
  readonly isCapped: boolean
}

/** The values of a parsed STIX object. Foreign data: whatever has an unexpected shape has no values. */
export function valuesOf(object: unknown): readonly Value[] {
  return extractValues(object).values
}

/**
 * Reads cyber-observable objects, vulnerabilities (their external references) and indicators (the syntax tree of
 * their STIX pattern: what is required or allowed, not what is excluded). Observed data only refers to others.
 */
export function extractValues(object: unknown): Extract {
  const collector = new Collector()
  if (isRecord(object)) READERS.get(String(object['type']))?.(object, collector)
  return collector.extract()
}

type Fields = Readonly<Record<string, unknown>>

/** Collects values without duplicates up to the limit. */
class Collector {
  readonly #values = new Map<string, Value>()
  readonly #unmatchable = new Set<string>()
  #isCapped = false

  /** Takes what a normaliser made of `text`; `place` names it where that is nothing. */
  add(value: Value | undefined, place: string): void {
    if (value === undefined) this.miss(`${place}: not a value`)
    else if (this.#values.size < LIMITS.valuesPerRecordMax) this.#values.set(`${value.kind} ${value.value}`, value)
    else this.#isCapped ||= !this.#values.has(`${value.kind} ${value.value}`)
  }

  miss(reason: string): void {
    if (this.#unmatchable.size < UNMATCHABLE_MAX) this.#unmatchable.add(reason)
  }

  extract(): Extract {
    return { values: [...this.#values.values()], unmatchable: [...this.#unmatchable], isCapped: this.#isCapped }
  }
}

const UNMATCHABLE_MAX = 100

type ObjectReader = (object: Fields, into: Collector) => void

const READERS: ReadonlyMap<string, ObjectReader> = new Map<string, ObjectReader>([
  ['ipv4-addr', textReader('value', addressValue)],
  ['ipv6-addr', textReader('value', addressValue)],
  ['domain-name', textReader('value', domainValue)],
  ['email-addr', textReader('value', emailValue)],
  ['url', textReader('value', urlValue)],
  ['file', readFile],
  ['x509-certificate', (object, into) => addHashes(object['hashes'], into)],
  ['artifact', readArtifact],
  ['vulnerability', readVulnerability],
  ['indicator', readIndicator],
])

function textReader(field: string, normalise: (text: string) => Value | undefined): ObjectReader {
  return (object, into) => {
    const text = object[field]
    if (typeof text === 'string') into.add(normalise(text), `${String(object['type'])}:${field}`)
  }
}

function readFile(object: Fields, into: Collector): void {
  addHashes(object['hashes'], into)
  const extensions = isRecord(object['extensions']) ? object['extensions'] : {}
  // Other streams of a file are files of their own; headers and sections of a program are not.
  const ntfs = extensions['ntfs-ext']
  const streams = isRecord(ntfs) ? ntfs['alternate_data_streams'] : undefined
  if (Array.isArray(streams)) for (const stream of streams) if (isRecord(stream)) addHashes(stream['hashes'], into)
}

function readArtifact(object: Fields, into: Collector): void {
  addHashes(object['hashes'], into)
  if (typeof object['url'] === 'string') into.add(urlValue(object['url']), 'artifact:url')
}

function readVulnerability(object: Fields, into: Collector): void {
  const references = Array.isArray(object['external_references']) ? object['external_references'] : []
  for (const reference of references) {
    if (!isRecord(reference) || typeof reference['external_id'] !== 'string') continue
    const value = vulnerabilityValue(reference['external_id'])
    if (value !== undefined) into.add(value, 'vulnerability:external_references')
  }
  // Many producers give the id as the name only.
  const named = typeof object['name'] === 'string' ? vulnerabilityValue(object['name']) : undefined
  if (named !== undefined) into.add(named, 'vulnerability:name')
}

function readIndicator(object: Fields, into: Collector): void {
  const { pattern, pattern_type: language = 'stix' } = object
  if (typeof pattern !== 'string') return
  if (language === 'stix') patternValues(pattern, into)
  else into.miss(`a pattern in ${String(language).slice(0, 40)}`)
}

function addHashes(hashes: unknown, into: Collector): void {
  if (!isRecord(hashes)) return
  for (const [algorithm, text] of Object.entries(hashes)) {
    if (typeof text === 'string') into.add(hashValue(text, algorithm), `hashes.${algorithm.slice(0, 40)}`)
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Which languages there are, which one a person reads, and how each writes numbers, dates and ages. English is in the
// first bundle; the others are fetched. The pseudo language is English with every letter accented, longer, and written
// from right to left: a page that survives it survives translation. Times are UTC everywhere, so that two people who
// talk over the telephone read the same.
import english from './en.json'
import { fillMessage, parseMessage, type Filled, type Grammar, type Piece } from './format.ts'
import { pseudoPieces } from './pseudo.ts'

export type Key = keyof typeof english
export type Catalogue = Readonly<Record<Key, string>>

export const LANGUAGES = {
  en: { name: 'English', locale: 'en-GB-u-nu-latn', dir: 'ltr', load: async () => english },
  'zh-Hans': {
    name: '简体中文',
    locale: 'zh-Hans-CN-u-nu-latn',
    dir: 'ltr',
    load: async () => (await import('./zh-Hans.json')).default,
  },
  'en-XB': { name: 'Pseudo', locale: 'en-GB-u-nu-latn', dir: 'rtl', load: async () => english },
} as const satisfies Record<
  string,
  { name: string; locale: string; dir: 'ltr' | 'rtl'; load: () => Promise<Catalogue> }
>
export type Language = keyof typeof LANGUAGES

const STORED = 'comity.language'

let current: { language: Language; catalogue: Catalogue; parsed: Map<Key, readonly Piece[]>; grammar: Grammar } = {
  language: 'en',
  catalogue: english,
  parsed: new Map(),
  grammar: grammarOf('en'),
}

export function currentLanguage(): Language {
  return current.language
}

/** What a person chose here, else the first of their browser's languages that we speak. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORED)
  if (stored !== null && stored in LANGUAGES) return stored as Language
  const first = navigator.languages.find((each) => /^(?:zh|en)\b/i.test(each))
  return first !== undefined && /^zh/i.test(first) ? 'zh-Hans' : 'en'
}

/** Loads a language and makes it the one that everything is written in. */
export async function speak(language: Language, { keep = false }: { keep?: boolean } = {}): Promise<void> {
  const catalogue: Catalogue = await LANGUAGES[language].load()
  current = { language, catalogue, parsed: new Map(), grammar: grammarOf(language) }
  document.documentElement.lang = language
  document.documentElement.dir = LANGUAGES[language].dir
  if (keep) localStorage.setItem(STORED, language)
}

function grammarOf(language: Language): Grammar {
  const { locale } = LANGUAGES[language]
  const plural = new Intl.PluralRules(locale)
  const number = new Intl.NumberFormat(locale)
  return { plural: (count) => plural.select(count), number: (value) => number.format(value) }
}

export function fill<T>(
  key: Key,
  args: Readonly<Record<string, Filled<T> | number>>,
  mark: (name: string, inside: Filled<T>[]) => Filled<T>,
): Filled<T>[] {
  let pieces = current.parsed.get(key)
  if (pieces === undefined) {
    const parsed = parseMessage(current.catalogue[key])
    pieces = current.language === 'en-XB' ? pseudoPieces(parsed) : parsed
    current.parsed.set(key, pieces)
  }
  return fillMessage(pieces, args, current.grammar, mark)
}

/** A message as text. Foreign words in it must be harmless in a line of text; where they are shown, use `<Text>`. */
export function t(key: Key, args: Readonly<Record<string, string | number>> = {}): string {
  return fill<string>(key, args, (_, inside) => inside.join('')).join('')
}

/** Whether a word from the interface (a state, a type) has a translation here. */
export function hasKey(key: string): key is Key {
  return key in english
}

export function number(value: number): string {
  return current.grammar.number(value)
}

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `18 B`, `4.2 MiB`: bytes in powers of 1024. */
export function size(bytes: number): string {
  const power = Math.min(SIZE_UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${number(power === 0 || amount >= 100 ? Math.round(amount) : Math.round(amount * 10) / 10)} ${SIZE_UNITS[power]}`
}

const DAY_MS = 86_400_000

/** `03:08` today, else `20 Nov`, with the year where it is another one. */
export function when(time: string | number, nowMs: number): string {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  if (Math.floor(ms / DAY_MS) === Math.floor(nowMs / DAY_MS)) return clockTime(ms)
  const sameYear = new Date(ms).getUTCFullYear() === new Date(nowMs).getUTCFullYear()
  return isolated(intl({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(ms))
}

/** `20 November 2026, 17:10 UTC`. */
export function fullTime(time: string | number): string {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  return isolated(`${intl({ day: 'numeric', month: 'long', year: 'numeric' }).format(ms)}, ${clockTime(ms)} UTC`)
}

export function shortTime(time: string): string {
  const ms = Date.parse(time)
  return isolated(`${intl({ day: 'numeric', month: 'short' }).format(ms)} ${clockTime(ms)}`)
}

export function longDay(ms: number): string {
  return isolated(intl({ weekday: 'long', day: 'numeric', month: 'long' }).format(ms))
}

export function day(time: string): string {
  return isolated(intl({ day: 'numeric', month: 'short', year: 'numeric' }).format(Date.parse(time)))
}

export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16)
}

/** A time on an axis, as short as its unit allows: `2026`, `Jan 2026`, `14 Jan`, `03:08`. */
export function axisTime(ms: number, unit: 'year' | 'month' | 'day' | 'hour' | 'minute'): string {
  if (unit === 'year') return intl({ year: 'numeric' }).format(ms)
  if (unit === 'month') return intl({ month: 'short', year: 'numeric' }).format(ms)
  if (unit === 'day' || ms % DAY_MS === 0) return intl({ day: 'numeric', month: 'short' }).format(ms)
  return clockTime(ms)
}

/** A date keeps its own direction in a line that runs from right to left (Unicode FSI and PDI). */
function isolated(text: string): string {
  return LANGUAGES[current.language].dir === 'rtl' ? `\u2068${text}\u2069` : text
}

function intl(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(LANGUAGES[current.language].locale, { ...options, timeZone: 'UTC' })
}

/** The name of a country by its code, as the reader's language has it; the code where it has none. */
export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames(LANGUAGES[current.language].locale, { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

/** How long ago: the largest unit that says something, `12 s`, `4 min`, `26 h`, `3 days`. */
export function age(sinceMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000))
  if (seconds < 60) return t('age.seconds', { n: seconds })
  if (seconds < 90 * 60) return t('age.minutes', { n: Math.floor(seconds / 60) })
  if (seconds < 48 * 3600) return t('age.hours', { n: Math.floor(seconds / 3600) })
  return t('age.days', { n: Math.floor(seconds / 86_400) })
}

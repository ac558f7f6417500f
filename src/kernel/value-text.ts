// Indicators out of text as people paste it: mails, chats, tables, in any script. Every word is tried as a value, defanged
// or not; equal values count once; what is none is counted, and kept where it looks like one, so that nothing vanishes
// silently. What may as well be a file or an abbreviation is taken for no domain: what is said here blocks things
// elsewhere.
import { anyValue, type Value } from './value.ts'

export type Found = {
  readonly values: readonly Value[]
  /** Words that are no value. */
  readonly others: number
  /** Those of them that look like one (files, paths without a scheme, cut addresses), each once, the first of many. */
  readonly doubtful: readonly string[]
  /** Words at the end that were not read, because the text is too long. */
  readonly unread: number
}

/** White space, what stands between the cells of a table, and the punctuation of Chinese and of print. */
const SEPARATORS =
  /\]\(|[\s,;|"'<>`\u2010-\u203A\u2022\u2E3A\u2E3B\u3000-\u303F\uFE10-\uFE1F\uFF01\uFF08\uFF09\uFF0C\uFF1A\uFF1B\uFF1F\uFF5B-\uFF64]+/u
const WORDS_MAX = 100_000
const WORD_CHARS_MAX = 8192
const DOUBTFUL_MAX = 200

export function valuesIn(text: string): Found {
  const values = new Map<string, Value>()
  const doubtful = new Set<string>()
  let others = 0
  const words = text.split(SEPARATORS)
  for (const word of words.slice(0, WORDS_MAX)) {
    const bare = bareWord(word)
    if (bare === '') continue
    const found = valuesOfWord(bare)
    for (const value of found) values.set(`${value.kind} ${value.value}`, value)
    if (found.length > 0) continue
    others += 1
    if (doubtful.size < DOUBTFUL_MAX && LOOKS_LIKE_ONE.test(bare)) doubtful.add(bare.slice(0, 200))
  }
  return {
    values: [...values.values()],
    others,
    doubtful: [...doubtful],
    unread: Math.max(0, words.length - WORDS_MAX),
  }
}

/** Dots or colons inside, an at sign, or as much hex as a hash has. */
const LOOKS_LIKE_ONE = /[^\s.:]{2}[.:][^\s.:]{2}|@|[0-9a-f]{32}/i

/** A word without the sentence around it. */
export const bareWord = (word: string): string => withoutBrackets(word.replace(/[.:!?]+$/, ''))

/** The value that one bare word is; undefined where it is none. */
export const valueOfWord = (bare: string): Value | undefined =>
  bare.length > WORD_CHARS_MAX ? undefined : anyValue(bare)

/** What a word says in running text: itself, without the name before it (`MD5=`) or the port behind it (`:443`). */
function valuesOfWord(bare: string): Value[] {
  const runs = ASCII_RUNS_BESIDE_HAN.test(bare) ? (bare.match(/[!-~]+/g) ?? []) : []
  const inHan = runs.flatMap(valuesOfWord)
  if (inHan.length > 0) return inHan
  for (const form of [bare, bare.replace(/:\d{1,5}$/, ''), bare.replace(/^[a-z][\w-]{0,30}[:=]/i, '')]) {
    const value = valueOfWord(form)
    if (value !== undefined && !(value.kind === 'domain' && isNoName(form))) return [value]
  }
  return []
}

/** Chinese is written without spaces, so that a value may stand right within a sentence. */
const ASCII_RUNS_BESIDE_HAN = /\p{Script=Han}[!-~]|[!-~]\p{Script=Han}/u

/** `e.g`, `report.pdf`: no domain, unless somebody took the trouble to defang it. */
const isNoName = (form: string): boolean => !/[[({\\]/.test(form) && (/\.[^.]$/.test(form) || FILE.test(form))

/** Endings that are no top-level domain, and three that are one but, behind a single word, mostly a file's. */
const FILE =
  /\.(?:7z|apk|asp|aspx|bak|bat|bin|cfg|conf|css|csv|dat|dll|doc|docm|docx|elf|eml|exe|gif|gz|hta|htm|html|ini|iso|jar|jpeg|jpg|js|json|jsp|lnk|log|msg|msi|odt|pcap|pdf|php|png|ppt|pptx|ps1|rar|rtf|scr|svg|sys|tar|tmp|txt|vbs|xls|xlsm|xlsx|xml|yaml|yml)$|^[^.]+\.(?:md|py|zip)$/i

/** `(evil[.]example)` stands in brackets; `evil[.]example` has them as part of how it is defanged. */
function withoutBrackets(word: string): string {
  if (/^\(.*\)$|^\{.*\}$|^\[[^[\]]*\]$/.test(word)) return word.slice(1, -1)
  if (word.startsWith('(') && !word.includes(')')) return word.slice(1)
  if (word.startsWith('[') && !word.includes(']')) return word.slice(1)
  return word.endsWith(')') && !word.includes('(') ? word.slice(0, -1) : word
}

// Indicators out of text as people paste it: mails, chats, tables. Every word is tried as a value, defanged or not; equal
// values count once; what is none is counted, so that nothing vanishes silently.
import { anyValue, type Value } from './value.ts'

export type Found = { readonly values: readonly Value[]; readonly others: number }

const SEPARATORS = /[\s,;|"'<>`]+/u
const WORDS_MAX = 20_000
const WORD_CHARS_MAX = 8192

export function valuesIn(text: string): Found {
  const values = new Map<string, Value>()
  let others = 0
  for (const word of text.split(SEPARATORS).slice(0, WORDS_MAX)) {
    const bare = bareWord(word)
    if (bare === '') continue
    const value = valueOfWord(bare)
    if (value === undefined) others += 1
    else values.set(`${value.kind} ${value.value}`, value)
  }
  return { values: [...values.values()], others }
}

/** A word without the sentence around it. */
export const bareWord = (word: string): string => withoutBrackets(word.replace(/[.:!?]+$/, ''))

/** The value that one bare word is; undefined where it is none. */
export const valueOfWord = (bare: string): Value | undefined =>
  bare.length > WORD_CHARS_MAX ? undefined : anyValue(bare)

/** `(evil[.]example)` stands in brackets; `evil[.]example` has them as part of how it is defanged. */
function withoutBrackets(word: string): string {
  if (/^\(.*\)$|^\{.*\}$/.test(word)) return word.slice(1, -1)
  if (word.startsWith('(') && !word.includes(')')) return word.slice(1)
  return word.endsWith(')') && !word.includes('(') ? word.slice(0, -1) : word
}

// Foreign text made harmless for the eye: characters that hide, turn or break a line are shown by their names, and
// addresses are written so that nobody takes them for a link (`203.0.113[.]47`).

/** Controls, zero-width characters, direction marks, variation and tag characters, line and paragraph separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\u{2028}\u{2029}]|\p{Default_Ignorable_Code_Point}/u

export type Harmless = { readonly text: string } | { readonly hidden: string }

/**
 * Splits a text into what may be shown as it is and the names of what hides in it. Line breaks become spaces; of marks that
 * are piled on one letter, so that they cover the lines above and below, only as many stay as languages have.
 */
export function splitHidden(text: string): Harmless[] {
  const parts: Harmless[] = []
  let plain = ''
  let before = ''
  const hide = (hidden: string): void => {
    if (plain !== '') parts.push({ text: plain })
    plain = ''
    parts.push({ hidden })
  }
  const characters = [...text.replaceAll(/\s*[\r\n\t]+\s*/g, ' ').replaceAll(PILE, '$1\u034F')]
  for (const [at, character] of characters.entries()) {
    const joins = JOINED_CODES.has(character) && isLetter(before) && isLetter(characters[at + 1] ?? '')
    if (HIDDEN.test(character) && !joins)
      hide(`U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`)
    else plain += character
    before = character
  }
  if (plain !== '') parts.push({ text: plain })
  return parts
}

/** Marks on one letter; what goes beyond the first of them is told as one hidden joiner of marks (U+034F). */
const PILE = /(\p{M}{5})\p{M}+/gu

const JOINED_CODES = new Set(['\u200C', '\u200D'])
const isLetter = (character: string): boolean => /[\p{L}\p{M}\p{Extended_Pictographic}]/u.test(character)

/** Whether a text hides something that a reader should know of. */
export function hides(text: string): boolean {
  return splitHidden(text).some((part) => 'hidden' in part)
}

/** A text for places that take nothing but text (titles, labels), with what hides in it removed, and cut. */
export function plainText(text: string, charsMax = 120): string {
  const plain = splitHidden(text)
    .map((part) => ('text' in part ? part.text : '\u{FFFD}'))
    .join('')
    .replaceAll(DEFANGED, (value) => (RIGHT_TO_LEFT.test(text) ? `\u2066${value}\u2069` : value))
  const characters = [...plain]
  return characters.length > charsMax
    ? `${characters
        .slice(0, charsMax)
        .join('')
        .replace(/[\s.]+$/, '')}…`
    : plain
}

/** A value that was made harmless. Right to left its brackets would turn its numbers round: `9[.]203.0.113`. */
export const DEFANGED = /[^\s[\]]*\[[.@]\](?:[^\s[\]]|\[[.@]\])*/g
export const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]|[\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u

const URL_IN_TEXT = /\bh(tt|xx)p(s?):\/\/(\[?[^\s/\\"'<>]+)/gi
const EMAIL_IN_TEXT = /(?<=[\w.+-])@(?=[\w-]+(?:\[?\.\]?[\w-]+)+)/g
const IPV4_IN_TEXT = /\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.(\d{1,3})\b(?!\.\d)/g
const DOMAIN_IN_TEXT =
  /(?<![\w@\]./-])((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.([a-z]{2,24}|xn--[a-z0-9-]+)(?![\w-])/gi
const FILE_ENDINGS = new Set(
  'exe dll sys txt doc docx xls xlsx ppt pptx pdf zip rar gz tar js ts py ps1 bat vbs jar apk bin dat log json xml yml yaml html htm css png jpg jpeg gif svg csv md lnk iso img elf so php asp aspx jsp'.split(
    ' ',
  ),
)

/** Writes every address in a text so that it is no link: the last dot in brackets, `http` as `hxxp`, `@` in brackets. */
export function defang(text: string): string {
  return text
    .replaceAll(URL_IN_TEXT, (_all, _tt: string, secure: string, host: string) => `hxxp${secure}://${defangHost(host)}`)
    .replaceAll(EMAIL_IN_TEXT, '[@]')
    .replaceAll(IPV4_IN_TEXT, '$1[.]$2')
    .replaceAll(DOMAIN_IN_TEXT, (all, name: string, end: string) =>
      FILE_ENDINGS.has(end.toLowerCase()) || /^\d+$/.test(name) ? all : `${name}[.]${end}`,
    )
    .replaceAll(/(?<=\[@\](?:[\w-]+\.)*[\w-]+)\.(?=[a-z]{2,24}\b(?!\.))/gi, '[.]')
}

function defangHost(host: string): string {
  const [name = '', port] = host.split(/(?=:\d+$)/)
  const dot = name.lastIndexOf('.')
  return dot < 0 || name.includes('[.]') ? host : `${name.slice(0, dot)}[.]${name.slice(dot + 1)}${port ?? ''}`
}

/** `indicator--6f1c2b90-…b8aa`: an id short enough for a list, where nobody compares it. */
export function shortId(id: string): string {
  const [type = '', uuid] = id.split('--')
  return uuid === undefined || uuid.length < 12 ? id : `${type}--${uuid.slice(0, 4)}…${uuid.slice(-4)}`
}

/** A text for machines as it may stand on a page: what hides in it is written as JSON escapes it, so that nothing is turned. */
export const escapeHidden = (text: string): string =>
  text.replaceAll(HIDDEN_IN_CODE, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )

const HIDDEN_IN_CODE = /(?![\n\t])[\p{Cc}\p{Cf}\u{2028}\u{2029}]|\p{Default_Ignorable_Code_Point}/gu

// What is looked at before Cedar's parser sees a rule. The parser runs on a small stack: some hundred brackets inside each
// other end it, so brackets are counted first.
import { LIMITS } from '../limits.ts'
import type { RuleFile } from './types.ts'

export type Finding = {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly remedy: string
  /** The line of the file that it is about. */
  readonly excerpt: string
  /** Warnings do not keep rules from being set. */
  readonly severity: 'error' | 'warning'
}

/** What keeps these files from being parsed at all; nothing where they may be. */
export function checkBounds(files: readonly RuleFile[]): Finding[] {
  const whole = (file: string, message: string, remedy: string): Finding => ({
    file,
    line: 1,
    column: 1,
    message,
    remedy,
    excerpt: '',
    severity: 'error',
  })
  if (files.length > LIMITS.policyFilesMax)
    return [whole('', `there are ${files.length} files of rules`, `Use at most ${LIMITS.policyFilesMax}.`)]
  const names = files.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) return [whole(twice, 'two files have this name', 'Give each a name of its own.')]
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  if (bytes > LIMITS.policyBytesMax)
    return [whole(names[0] ?? '', `the rules have ${bytes} bytes`, `Keep them below ${LIMITS.policyBytesMax}.`)]
  return files.flatMap(({ name, text }) => {
    if (!/^[\w.-]{1,80}$/.test(name))
      return [
        whole(name.slice(0, 80), 'a file of rules has letters, digits, “.”, “-” and “_” in its name', 'Rename it.'),
      ]
    const nul = text.indexOf('\0')
    if (nul >= 0) return [at({ name, text }, nul, 'a NUL byte is no text', 'Save the file as plain UTF-8 text.')]
    const bad = text.indexOf('\ufffd')
    if (bad >= 0) return [at({ name, text }, bad, 'this is not UTF-8', 'Save the file as plain UTF-8 text.')]
    const deep = tooDeep(text)
    if (deep === undefined) return []
    const remedy = `Keep brackets and “if” within ${LIMITS.policyDepthMax} levels; several rules say the same.`
    return [at({ name, text }, deep, 'rules are nested too deep here', remedy)]
  })
}

/** A finding at a place of a file, given as an index into its text. */
export function at(
  { name, text }: RuleFile,
  index: number,
  message: string,
  remedy: string,
  severity: Finding['severity'] = 'error',
): Finding {
  const before = text.slice(0, index)
  const start = before.lastIndexOf('\n') + 1
  const end = text.indexOf('\n', start)
  const excerpt = text.slice(start, end < 0 ? undefined : end).slice(0, 200)
  return { file: name, line: before.split('\n').length, column: index - start + 1, message, remedy, excerpt, severity }
}

/** A string that never ends is one token to the end of the text: it is not begun anew at each quote in it. */
const TOKEN = /\/\/[^\n]*|"(?:[^"\\]|\\[\s\S]?)*(?:"|$)|[([{]|[)\]}]|;|\bif\b|[.+*-]/g

/** What counts for how deep a text of rules is, in its order. */
export function tokensOf(text: string): Iterable<{ readonly token: string; readonly index: number }> {
  return text.matchAll(TOKEN).map(({ 0: token, index }) => ({ token, index }))
}

/** Where brackets or conditions nest too deep or a chain grows too long, as an index; undefined where they do not. */
function tooDeep(text: string): number | undefined {
  let [depth, conditions, links] = [0, 0, 0]
  for (const { token, index } of tokensOf(text)) {
    if (token === '(' || token === '[' || token === '{') depth += 1
    else if (token === ')' || token === ']' || token === '}') depth -= 1
    else if (token === 'if') conditions += 1
    else if (token === ';') [depth, conditions, links] = [0, 0, 0]
    else if (token.length === 1) links += 1
    if (depth + conditions > LIMITS.policyDepthMax || links > LIMITS.policyLinksMax) return index
  }
  return undefined
}

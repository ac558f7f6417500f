// Messages as translators write them, a small part of ICU MessageFormat: `{name}`, `{n, plural, one {# thing} other
// {# things}}` (with `=0`), `{kind, select, file {…} other {…}}`, and marks around words: `<b>…</b>`. What a mark
// becomes is decided where the message is used; a mark is never HTML.

export type Piece =
  | string
  | { readonly arg: string }
  | { readonly count: true }
  | {
      readonly choice: 'plural' | 'select'
      readonly arg: string
      readonly cases: ReadonlyMap<string, readonly Piece[]>
    }
  | { readonly mark: string; readonly inside: readonly Piece[] }

/** Reads a message. Throws where brackets or marks do not fit, so that a test finds what a translator mistyped. */
export function parseMessage(text: string): readonly Piece[] {
  const reader = { text, at: 0 }
  const pieces = readPieces(reader, { inChoice: false })
  if (reader.at < text.length) throw new Error(`“${text}” has an unexpected ${text[reader.at]} at ${reader.at}`)
  return pieces
}

type Reader = { readonly text: string; at: number }

function readPieces(reader: Reader, { inChoice }: { inChoice: boolean }): Piece[] {
  const pieces: Piece[] = []
  let words = ''
  const flush = (): void => {
    if (words !== '') pieces.push(words)
    words = ''
  }
  while (reader.at < reader.text.length) {
    const rest = reader.text.slice(reader.at)
    const opening = /^<([a-z]+)>/.exec(rest)
    if (opening !== null) {
      flush()
      pieces.push(readMark(reader, opening[1] ?? '', inChoice))
    } else if (rest.startsWith('</') || (rest.startsWith('}') && inChoice)) {
      break
    } else if (rest.startsWith('{')) {
      flush()
      pieces.push(readArgument(reader))
    } else if (rest.startsWith('#') && inChoice) {
      flush()
      pieces.push({ count: true })
      reader.at += 1
    } else {
      words += rest[0]
      reader.at += 1
    }
  }
  flush()
  return pieces
}

function readMark(reader: Reader, mark: string, inChoice: boolean): Piece {
  reader.at += mark.length + 2
  const inside = readPieces(reader, { inChoice })
  expect(reader, `</${mark}>`)
  return { mark, inside }
}

function readArgument(reader: Reader): Piece {
  const head = /^\{\s*(\w+)\s*(?:\}|,\s*(plural|select)\s*,)/.exec(reader.text.slice(reader.at))
  if (head === null) throw new Error(`“${reader.text}” has a { that begins nothing at ${reader.at}`)
  reader.at += head[0].length
  const [, arg = '', choice] = head
  if (choice === undefined) return { arg }
  const cases = new Map<string, readonly Piece[]>()
  for (;;) {
    const name = /^\s*(=?\w+)\s*\{/.exec(reader.text.slice(reader.at))
    if (name === null) break
    reader.at += name[0].length
    cases.set(name[1] ?? '', readPieces(reader, { inChoice: true }))
    expect(reader, '}')
  }
  const end = /^\s*\}/.exec(reader.text.slice(reader.at))
  if (end === null || !cases.has('other')) throw new Error(`“${reader.text}” has a choice without “other” or end`)
  reader.at += end[0].length
  return { choice: choice as 'plural' | 'select', arg, cases }
}

function expect(reader: Reader, text: string): void {
  if (!reader.text.startsWith(text, reader.at)) throw new Error(`“${reader.text}” lacks ${text} at ${reader.at}`)
  reader.at += text.length
}

/** What a language needs to write numbers and to choose among plural forms. */
export type Grammar = {
  readonly plural: (count: number) => string
  readonly number: (value: number) => string
}

export type Filled<T> = string | T

/** Fills a message. Arguments that are text or numbers become text; others stay as they are, for whoever renders. */
export function fillMessage<T>(
  pieces: readonly Piece[],
  args: Readonly<Record<string, Filled<T> | number>>,
  grammar: Grammar,
  mark: (name: string, inside: Filled<T>[]) => Filled<T>,
  count?: number,
): Filled<T>[] {
  return pieces.flatMap((piece): Filled<T>[] => {
    if (typeof piece === 'string') return [piece]
    if ('count' in piece) return [grammar.number(count ?? 0)]
    if ('mark' in piece) return [mark(piece.mark, fillMessage(piece.inside, args, grammar, mark, count))]
    const value = args[piece.arg]
    if (!('choice' in piece)) {
      if (value === undefined) return [`{${piece.arg}}`]
      return [typeof value === 'number' ? grammar.number(value) : value]
    }
    const chosen =
      piece.choice === 'select'
        ? piece.cases.get(String(value))
        : (piece.cases.get(`=${String(value)}`) ?? piece.cases.get(grammar.plural(Number(value))))
    const inner = piece.choice === 'plural' ? Number(value) : count
    return fillMessage(chosen ?? piece.cases.get('other') ?? [], args, grammar, mark, inner)
  })
}

/** The names of a message's arguments and marks, sorted: translations must agree on them. */
export function namesIn(pieces: readonly Piece[]): string[] {
  const names = pieces.flatMap((piece): string[] => {
    if (typeof piece === 'string' || 'count' in piece) return []
    if ('mark' in piece) return [`<${piece.mark}>`, ...namesIn(piece.inside)]
    return 'choice' in piece ? [piece.arg, ...[...piece.cases.values()].flatMap((each) => namesIn(each))] : [piece.arg]
  })
  return [...new Set(names)].toSorted()
}

// Cedar in colours: what is a keyword, a text, somebody, a remark. For reading with the eyes only; what rules mean is said
// by the node, which reads them with Cedar itself.

export type Piece = { readonly kind: 'keyword' | 'string' | 'entity' | 'note' | 'plain'; readonly text: string }

const WORDS =
  'permit|forbid|when|unless|principal|action|resource|context|in|is|has|like|if|then|else|true|false|contains|containsAll|containsAny'
const TOKEN = new RegExp(
  [
    String.raw`(?<note>//.*)`,
    String.raw`(?<entity>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*(?=::")|@[A-Za-z_]\w*)`,
    String.raw`(?<string>"(?:[^"\\]|\\.)*"?)`,
    String.raw`(?<keyword>(?<![\w.])(?:${WORDS})(?!\w)|(?<=\.)contains(?:All|Any)?(?!\w))`,
  ].join('|'),
  'g',
)

/** The pieces of one line, in order; together they are the line. */
export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > at) pieces.push({ kind: 'plain', text: line.slice(at, match.index) })
    pieces.push({ kind: kindOf(match.groups ?? {}), text: match[0] })
    at = match.index + match[0].length
  }
  if (at < line.length) pieces.push({ kind: 'plain', text: line.slice(at) })
  return pieces
}

function kindOf({ note, entity, string }: Readonly<Record<string, string | undefined>>): Piece['kind'] {
  if (note !== undefined) return 'note'
  if (entity !== undefined) return 'entity'
  return string === undefined ? 'keyword' : 'string'
}

// The pseudo language: English with every letter accented, in brackets that show where a message was cut off or put together
// from parts.
import type { Piece } from './format.ts'

export function pseudoPieces(pieces: readonly Piece[]): readonly Piece[] {
  return ['⟦', ...accentPieces(pieces), '⟧']
}

const ACCENTED: Readonly<Record<string, string>> = Object.fromEntries(
  [...'aàbƀcçdđeéfƒgĝhĥiîjĵkķlĺmɱnñoôpþqʠrŕsštţuûvṽwŵxẋyýzžAÀBƁCÇDĐEÉGĜHĤIÎJĴKĶLĹNÑOÔPÞRŔSŠTŢUÛWŴYÝZŽ'].reduce<
    [string, string][]
  >((pairs, letter, at, all) => (at % 2 === 0 ? [...pairs, [letter, all[at + 1] ?? letter]] : pairs), []),
)

/** A message of the pseudo language: words accented, what stands in braces and marks left alone. */
function accentPieces(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece): Piece => {
    if (typeof piece === 'string') return [...piece].map((letter) => ACCENTED[letter] ?? letter).join('')
    if ('mark' in piece) return { ...piece, inside: accentPieces(piece.inside) }
    if (!('choice' in piece)) return piece
    return { ...piece, cases: new Map([...piece.cases].map(([name, inside]) => [name, accentPieces(inside)])) }
  })
}

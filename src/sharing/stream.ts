import type { Piece, SplitOptions } from './piece.ts'
import { Splitter } from './splitter.ts'

export type { Piece } from './piece.ts'

/**
 * Cuts foreign bytes into objects, a batch per chunk, holding at most one object and one chunk. It reads a bundle,
 * a TAXII envelope, a plain list, one object per line (NDJSON), or objects in a row. An object above
 * LIMITS.recordBytesMax comes as a refused piece and the stream goes on. Whole objects before an error are yielded
 * first; then Fault `input.malformed` says at which byte and line the structure breaks or where the text was cut
 * off. To resume, give `startOffset` and a source that begins there. The source must not reuse its chunks.
 */
export async function* splitObjects(
  source: AsyncIterable<Uint8Array>,
  options: SplitOptions = {},
): AsyncGenerator<Piece[], void> {
  const splitter = new Splitter(options)
  for await (const chunk of source) {
    const { pieces, fault } = splitter.feed(chunk)
    if (pieces.length > 0) yield pieces
    if (fault !== undefined) throw fault
  }
  const { pieces, fault } = splitter.end()
  if (pieces.length > 0) yield pieces
  if (fault !== undefined) throw fault
}

// Finds the marking definitions in a stream of STIX, so that they can be sent before the objects they mark, wherever
// they stand in the file.
import { Fault } from '#kernel/fault.ts'
import { splitObjects } from '#sharing/stream.ts'

const NEEDLE = Buffer.from('marking-definition--')

/** The exact bytes of every marking definition, as far as the source can be read: the import itself reports what is malformed. */
export async function markingDefinitionsIn(source: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const found: Buffer[] = []
  try {
    for await (const pieces of splitObjects(source))
      for (const piece of pieces) if (isDefinition(piece.bytes)) found.push(Buffer.from(piece.bytes))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
  return found
}

function isDefinition(bytes: Uint8Array): boolean {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(NEEDLE)) return false
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { type?: unknown } | null)?.type === 'marking-definition'
  } catch {
    return false
  }
}

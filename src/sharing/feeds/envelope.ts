// What a TAXII server answers with (TAXII 2.1 section 3.7): objects, whether there is more, and where that begins. The
// objects are not read here: they are cut out by the same splitter as everywhere, and what stays is small.
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { splitObjects } from '../stream.ts'

export type Envelope = { readonly hasObjects: boolean; readonly more: boolean; readonly next: string | undefined }

/** Throws `peer.invalid` for whatever is no envelope, whole. */
export async function readEnvelope(body: Uint8Array): Promise<Envelope> {
  try {
    const isSmall = body.length <= LIMITS.feedEnvelopeBytesMax
    const value = parseJson(isSmall ? body : await withoutObjects(body))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no object')
    const { objects, more = false, next } = value as Record<string, unknown>
    if (objects !== undefined && !Array.isArray(objects)) throw invalid('“objects” is no list')
    if (typeof more !== 'boolean') throw invalid('“more” is neither true nor false')
    if (next !== undefined && next !== null && (typeof next !== 'string' || next.length > LIMITS.feedCursorCharsMax))
      throw invalid(`“next” is no text of at most ${LIMITS.feedCursorCharsMax} characters`)
    const hasObjects = !isSmall || (objects !== undefined && objects.length > 0)
    return { hasObjects, more, next: next === '' || next === null ? undefined : next }
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'peer.invalid') throw error
    throw invalid(`${error.message}${error.place === undefined ? '' : ` (${error.place})`}`)
  }
}

async function withoutObjects(body: Uint8Array): Promise<Uint8Array> {
  let [first, end] = [-1, -1]
  for await (const pieces of splitObjects(one(body)))
    for (const piece of pieces) {
      if (first < 0) first = piece.offset
      end = piece.end
    }
  const frame = first < 0 ? body : Buffer.concat([body.subarray(0, first), body.subarray(end)])
  if (frame.length <= LIMITS.feedEnvelopeBytesMax) return frame
  throw invalid(`it says more than ${LIMITS.feedEnvelopeBytesMax} bytes besides its objects`)
}

async function* one(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}

function invalid(why: string): Fault {
  return new Fault('peer.invalid', `the answer is no TAXII envelope: ${why}`, {
    remedy: 'Tell who runs the server; nothing of this page was taken.',
  })
}

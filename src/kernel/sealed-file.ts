// Files for one member alone: zstd inside age (age-encryption.org/v1), both as streams, in memory that stays the same
// however large the file is. Secrecy comes from here; that what is inside is true has to be proven by what is inside. The
// library is loaded with the first file: most nodes never see one.
import { constants, createZstdDecompress } from 'node:zlib'
import { pipeline, Readable } from 'node:stream'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'

const CHUNK = 64 * 1024
const CHUNK_TAG = 16
/** A decoder takes at most this much memory for its window (RFC 8878 section 3.1.1.1.2 recommends 8 MiB). */
const ZSTD_WINDOW_LOG_MAX = 23

/** Bytes that encrypting so many bytes gives at most, for up to `recipients` recipients. */
export function sealedSizeMax(bytes: number, recipients: number): number {
  return 200 * (recipients + 1) + bytes + CHUNK_TAG * Math.max(1, Math.ceil(bytes / CHUNK))
}

/** Encrypts zstd frames, as they come, to X25519 recipients (`age1…`). */
export async function* sealFile(
  recipients: readonly string[],
  frames: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  yield* await encrypter.encrypt(ReadableStream.from(frames) as ReadableStream<Uint8Array>)
}

/**
 * Decrypts and decompresses with any of these identities (`AGE-SECRET-KEY-1…`). What comes out is bounded by what went
 * in. Throws `input.invalid` for a file of another kind or for somebody else, `input.malformed` for a damaged or cut one.
 */
export async function* openFile(
  identities: readonly string[],
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const read = { bytes: 0 }
  const plain = await decrypt(identities, counted(withHeader(source), read))
  const unpacked = pipeline(
    Readable.from(plain as AsyncIterable<Uint8Array>, { objectMode: false, highWaterMark: CHUNK }),
    createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } }),
    () => {},
  )
  let bytes = 0
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > LIMITS.bundleUnpackedSlack + read.bytes * LIMITS.bundleRatioMax)
        throw new Fault('input.malformed', `the file unpacks to more than ${LIMITS.bundleRatioMax} times its size`, {
          place: `byte ${read.bytes}`,
        })
      yield chunk
    }
  } catch (error) {
    throw damaged(error, read.bytes)
  } finally {
    unpacked.destroy()
  }
}

async function decrypt(
  identities: readonly string[],
  source: AsyncIterable<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  try {
    return await decrypter.decrypt(ReadableStream.from(source) as ReadableStream<Uint8Array>)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (cause instanceof Error && cause.message.startsWith('no identity matched'))
      throw new Fault('input.invalid', 'the file is not encrypted to a key of this member', {
        cause,
        remedy: 'Whoever wrote it used another member’s key, or one that is no longer here.',
      })
    throw damaged(cause, 0)
  }
}

const MAGIC = 'age-encryption.org/v1\n'
const HEADER_BYTES_MAX = 64 * 1024

/** Demands the header of an age file within bounds before anything is given on; a file without one is refused early. */
async function* withHeader(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    const known = Math.min(head.length, MAGIC.length)
    if (head.toString('latin1', 0, known) !== MAGIC.slice(0, known)) break
    const end = head.indexOf('\n--- ')
    if (end !== -1 && end < HEADER_BYTES_MAX) {
      yield head
      head = undefined
    } else if (head.length > HEADER_BYTES_MAX) break
  }
  if (head !== undefined)
    throw new Fault('input.invalid', 'the file is no encrypted file for a member', {
      place: 'its beginning',
      remedy: 'It is made with “comity bundle write”.',
    })
}

async function* counted(source: AsyncIterable<Uint8Array>, read: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    read.bytes += chunk.length
    yield chunk
  }
}

function damaged(error: unknown, bytes: number): unknown {
  if (error instanceof Fault) return error
  return new Fault('input.malformed', 'the file is cut off or damaged', {
    cause: error,
    place: `byte ${bytes}`,
    remedy: 'What was whole is in. Copy the file again and read it once more.',
  })
}

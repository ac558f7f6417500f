// Tar as POSIX ustar has it (IEEE Std 1003.1, pax, "ustar Interchange Format"), and of that only what a file between
// nodes needs: plain files with short names. Everything else that tar can say (links, devices, folders, owners, long
// names, extended headers) is refused, so a name never leads anywhere and nothing is unpacked to a disk.
import { Fault } from './fault.ts'

const BLOCK = 512
const NAME_CHARS_MAX = 100
/** Segments of letters, digits, `_`, `-` and `.` that do not begin with a point, joined by single slashes. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/

export type TarMember = { readonly name: string; readonly bytes: Uint8Array }

export type TarBounds = {
  readonly memberBytesMax: number
  readonly membersMax: number
}

/** The bytes of one file in an archive. Same name and content, same bytes: no time, no owner. */
export function encodeMember({ name, bytes }: TarMember): Uint8Array {
  if (name.length > NAME_CHARS_MAX || !NAME.test(name)) throw new Error(`not a name for an archive: ${name}`)
  const padded = Buffer.alloc(BLOCK + Math.ceil(bytes.length / BLOCK) * BLOCK)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  padded.write(name, 0, 'latin1')
  padded.write(octal(0o600, 7) + octal(0, 7) + octal(0, 7) + octal(bytes.length, 11) + octal(0, 11), 100, 'latin1')
  padded.write('0', 156, 'latin1')
  padded.write('ustar\x0000', 257, 'latin1')
  padded.write(`${octal(checksum(padded), 6)} `, 148, 'latin1')
  padded.set(bytes, BLOCK)
  return padded
}

/** What stands at the end of an archive: two empty blocks. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK)

/** The sum of the header's bytes with the checksum itself as spaces. */
function checksum(header: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < BLOCK; i += 1) sum += i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0)
  return sum
}

/**
 * The files of an archive, one after the other, each whole. Ends at the end of the archive without reading on. Throws
 * `input.malformed` with the place for anything out of form, bounds, or cut off.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>, bounds: TarBounds): AsyncGenerator<TarMember> {
  const input = new Blocks(source)
  for (let count = 0; ; count += 1) {
    const place = `byte ${input.offset}`
    const header = await input.take(BLOCK)
    if (header.every((byte) => byte === 0)) {
      if ((await input.take(BLOCK)).every((byte) => byte === 0)) return
      throw malformed('there is something behind its end', place)
    }
    if (count >= bounds.membersMax) throw malformed(`it holds more than ${bounds.membersMax} files`, place)
    const { name, size } = readHeader(header, place)
    if (size > bounds.memberBytesMax) throw malformed(`${name} is larger than ${bounds.memberBytesMax} bytes`, place)
    const padded = await input.take(Math.ceil(size / BLOCK) * BLOCK)
    if (!padded.subarray(size).every((byte) => byte === 0))
      throw malformed(`${name} is not filled up with zeros`, place)
    yield { name, bytes: padded.subarray(0, size) }
  }
}

function readHeader(header: Buffer, place: string): { readonly name: string; readonly size: number } {
  if (header.toString('latin1', 257, 263) !== 'ustar\0') throw malformed('this is no file of a ustar archive', place)
  if (octalAt(header, 148, 8) !== checksum(header)) throw malformed('the checksum of a file is wrong', place)
  const name = textAt(header, 0, NAME_CHARS_MAX)
  const type = header[156]
  if ((type !== 0x30 && type !== 0) || textAt(header, 157, 100) !== '' || textAt(header, 345, 155) !== '')
    throw malformed('it holds something else than plain files with short names', place)
  if (!NAME.test(name)) throw malformed(`it holds a file with the name ${JSON.stringify(name)}`, place)
  const size = octalAt(header, 124, 12)
  if (size === undefined) throw malformed(`${name} has no size`, place)
  return { name, size }
}

/** A field of text, up to its first zero byte. */
function textAt(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at)
  return header.toString('latin1', at, end === -1 ? at + length : Math.min(end, at + length))
}

/** A field of octal digits that ends with a zero byte or a space; the binary form of large numbers is none. */
function octalAt(header: Buffer, at: number, length: number): number | undefined {
  const match = /^ *([0-7]{1,11})[\0 ]/.exec(header.toString('latin1', at, at + length))
  return match === null ? undefined : Number.parseInt(match[1] ?? '', 8)
}

/** Takes chunks of any cut and gives out as many bytes as are asked for. */
class Blocks {
  readonly #source: AsyncIterator<Uint8Array>
  #chunks: Uint8Array[] = []
  #held = 0
  offset = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async take(length: number): Promise<Buffer> {
    while (this.#held < length) {
      const next = await this.#source.next()
      if (next.done === true) throw malformed('it ends in the middle', `byte ${this.offset + this.#held}`)
      this.#chunks.push(next.value)
      this.#held += next.value.length
    }
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks)
    this.#chunks = all.length === length ? [] : [all.subarray(length)]
    this.#held -= length
    this.offset += length
    return Buffer.from(all.buffer, all.byteOffset, length)
  }
}

function malformed(message: string, place: string): Fault {
  return new Fault('input.malformed', `the archive is not one this node reads: ${message}`, { place })
}

// A bundle as the source of a round. The importer asks in the order in which the file streams; what it does not ask for,
// because it has it already, flows past.
import { decodeItem } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { HASH_BYTES } from '#kernel/hash.ts'
import { edgeCoordinates, tilePath, TILE_WIDTH } from '#kernel/log/tile.ts'
import { DeliveryDecoder } from '../frames.ts'
import { decodeHeadProof } from '../heads/frame.ts'
import { SourceEnds, type Source } from '../source.ts'
import { outOfOrder, type Member, type Members } from './stream.ts'
import type { Manifest } from './wire.ts'

type About = Pick<Manifest, 'log'> & {
  /** The leaf of the head of our stream that its author showed last: an older one says nothing new. */
  readonly toldAt: number | undefined
  /** Whether all came that was committed to since this was written. */
  readonly isPast: boolean
}

export function fileSource(members: Members, { log, toldAt, isPast }: About): Source {
  const shown = edgeTileBytes(log)
  const tiles = new Map<string, Uint8Array>()
  let turn: Promise<unknown> = Promise.resolve()
  let headShown = false
  let lastPage: Uint8Array | undefined
  /** Questions asked at once are answered one after the other, in the order of the file. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const answer = turn.then(work)
    turn = answer.catch(() => {})
    return answer
  }
  const takeHead = async (): Promise<Uint8Array> => {
    const { bytes } = await members.demand('checkpoint')
    for (let member = await members.skipTo('tile'); member?.section === 'tile'; member = await members.peek()) {
      if (shown.get(member.name) !== member.bytes.length) throw strangeTile(member)
      tiles.set(member.numbers.join('/'), member.bytes)
      await members.take()
    }
    headShown = true
    return bytes
  }
  const takeLastPage = async (): Promise<Uint8Array | undefined> => {
    const member = await members.peek()
    if (member?.section !== 'stream') return lastPage
    await members.take()
    if (!isOlder(member.bytes, toldAt)) lastPage = member.bytes
    return lastPage
  }
  const pages = makePages(members)
  return {
    document: () => Promise.reject(new Error('the document of a bundle is taken before its round')),
    head: async () => ({ note: headShown ? undefined : await takeHead(), documentVersion: undefined, taken: () => {} }),
    tile: async (level, n) => tiles.get(`${level}/${n}`),
    waits: () => Promise.resolve(false),
    entries: (n) => inTurn(() => entriesAt(members, n)),
    deliveries: (after) => inTurn(async () => (await pages(after)) ?? takeLastPage()),
    isPast,
  }
}

/** Path and length of each tile that a bundle holds: there are few, so that all are kept until they are asked for. */
function edgeTileBytes({ from, size }: Manifest['log']): ReadonlyMap<string, number> {
  const edge = from === 0 || from === size ? [] : edgeCoordinates([from, size], size)
  return new Map(edge.map(({ level, n, width }) => [tilePath(level, n, width), width * HASH_BYTES]))
}

function strangeTile({ name, bytes }: Member): Fault {
  return outOfOrder(`it holds “${name}” with ${bytes.length} bytes, and no such tile is at the edge of its log`)
}

async function entriesAt(members: Members, n: number): Promise<Uint8Array> {
  for (let member = await members.skipTo('entries'); ; member = await members.peek()) {
    if (member?.section === 'end') throw new SourceEnds()
    if (member?.section !== 'entries' || (member.numbers[0] ?? 0) > n)
      throw new Fault('input.invalid', `the bundle does not hold the leaves from ${n * TILE_WIDTH} on`, {
        remedy: 'A bundle before this one was not read, or this one is not whole.',
      })
    await members.take()
    if (member.numbers[0] === n) return member.bytes
  }
}

/** Pages in the order of the file; the one that was taken last is there until it was followed to its end. */
function makePages(members: Members): (after: number) => Promise<Uint8Array | undefined> {
  let page: { readonly bytes: Uint8Array; readonly last: number } | undefined
  return async (after) => {
    while (page === undefined || page.last <= after) {
      const member = page === undefined ? await members.skipTo('deliveries') : await members.peek()
      if (member?.section !== 'deliveries') return undefined
      await members.take()
      page = { bytes: member.bytes, last: member.numbers[1] ?? 0 }
    }
    return framesBehind(page.bytes, after)
  }
}

/** The frames of a page from the first item behind `after` on. What is out of form is left for who decodes it. */
function framesBehind(page: Uint8Array, after: number): Uint8Array {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.length)
  for (let at = 0; at + 5 <= bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (bytes[at + 4] === 1 && end <= bytes.length && decodeItem(bytes.subarray(at + 5, end)).seq > after)
      return bytes.subarray(at)
  }
  throw new Fault('input.malformed', 'a page of deliveries in the bundle does not hold what its name says')
}

/** Whether a page shows a head of the stream that was committed before the one at a leaf. */
function isOlder(page: Uint8Array, toldAt: number | undefined): boolean {
  if (toldAt === undefined) return false
  const decoder = new DeliveryDecoder()
  for (const _ of decoder.push(page)) return false
  return decoder.head !== undefined && decodeHeadProof(Buffer.from(decoder.head)).statement.index < toldAt
}

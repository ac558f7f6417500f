// A peer's node as the source of a round: each question is one signed request.
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundResponse } from '#kernel/http/outbound.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { parseNote } from '#kernel/note.ts'
import { entriesPath, tilePath, TILE_WIDTH } from '#kernel/log/tile.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Caller, PeerRequest } from './call.ts'
import { Line } from './pace.ts'
import type { Traffic } from './traffic.ts'
import type { Peer } from './peers.ts'
import type { Source } from './source.ts'

/** Says which version of its node document a member stands by, with every head it shows. */
export const DOCUMENT_VERSION_HEADER = 'comity-node'

/** Of which page an answer is a piece: its SHA-256 in hex, a space, its length. */
export const PAGE_HEADER = 'comity-page'

/** How often a question is asked again that a peer, which answered a moment ago, left without an answer. */
const TRIES = 6
/** How often a page is begun anew that changed while its pieces were fetched. */
const PAGE_TRIES = 3

export type NetworkDeps = {
  readonly caller: Caller
  readonly clock: Clock
  readonly traffic: Traffic
  /** What is known of the line to each peer. */
  readonly lines: Map<string, Line>
  readonly outbound: Outbound
  /** What the checkpoint that each log showed last was called. */
  readonly etags: Map<string, string>
}

/** The source that a peer's node is. `prefix` is where the log is read, where not below the peer's own log prefix. */
export function networkSource(deps: NetworkDeps, peer: Peer, prefix: string = peer.document.log.prefix): Source {
  const { outbound, etags } = deps
  const get = (path: string, bodyBytesMax: number, headers: Record<string, string> = {}): Promise<OutboundResponse> =>
    ask(deps, peer, { method: 'GET', url: `${prefix}/${path}`, bodyBytesMax, headers })
  const isSpent = (): Promise<boolean> => deps.traffic.isSpent(peer.name)
  /** The log has grown by more than a little; and the budget of the day is used up as well. */
  let [growsMuch, leavesWait] = [false, false]
  return {
    // It proves itself, and is how a certificate that changed is known: so it is taken from whoever answers there.
    document: async (at) => {
      const fetch = async (path: string, bodyBytesMax: number): Promise<Uint8Array> => {
        const url = `${at.endpoint}${path}`
        const response = await outbound.request({ url, method: 'GET', anyCertificate: true, bodyBytesMax })
        if (response.status === 200) return response.body
        throw new Fault('peer.invalid', `${peer.name} does not show its node document at ${at.endpoint}`)
      }
      return {
        bytes: await fetch('/.well-known/comity', LIMITS.nodeDocumentBytesMax),
        proof: await fetch('/.well-known/comity.proof', LIMITS.documentProofBytesMax),
      }
    },
    head: async (known) => {
      const response = await get('checkpoint', LIMITS.noteBytesMax, {
        'if-none-match': etags.get(peer.document.log.origin) ?? `"${known}"`,
      })
      const shown = response.status === 304 ? undefined : response.body
      growsMuch = shown !== undefined && growthOf(shown, known) > LIMITS.smallGrowthMax
      leavesWait = growsMuch && (await isSpent())
      return {
        note: leavesWait ? undefined : shown,
        documentVersion: versionIn(response),
        taken: () => void etags.set(peer.document.log.origin, response.headers['etag'] ?? ''),
      }
    },
    waits: async () => (leavesWait = growsMuch && (await isSpent())),
    entries: async (n, width) => {
      const response = await get(entriesPath(n, width), TILE_WIDTH * 256)
      if (response.status === 200) return response.body
      throw new Fault('peer.invalid', `${peer.name} does not show the leaves its head signs`)
    },
    tile: async (level, n, width) => {
      const response = await get(tilePath(level, n, width), TILE_WIDTH * 32)
      return response.status === 200 ? response.body : undefined
    },
    deliveries: async (after) => {
      if (leavesWait) return undefined
      const spent = await isSpent()
      const page = await fetchPage(deps, peer, after, spent)
      return spent && !holdsItem(page) ? undefined : page
    },
  }
}

/** Asks, and asks again where a peer that is there left a question without an answer: thin lines lose some. */
async function ask({ caller, clock, lines }: NetworkDeps, peer: Peer, request: PeerRequest): Promise<OutboundResponse> {
  const line = lineOf(lines, peer)
  for (let tries = 1; ; tries += 1)
    try {
      const response = await caller.call(peer.document, request)
      line.answered(clock.nowMs())
      return response
    } catch (error) {
      const lost = error instanceof Fault && error.code === 'peer.unreachable' && error.retryAfterSeconds === undefined
      if (!lost || tries === TRIES || !line.isRecent(clock.nowMs())) throw error
      line.lost()
    }
}

function lineOf(lines: Map<string, Line>, { name }: Peer): Line {
  const known = lines.get(name)
  if (known !== undefined) return known
  const line = new Line()
  lines.set(name, line)
  return line
}

/** A page, in as many pieces as the line asks for; an item that is larger than a piece comes in several. */
async function fetchPage(deps: NetworkDeps, peer: Peer, after: number, spent: boolean): Promise<Uint8Array> {
  const { clock, lines } = deps
  const line = lineOf(lines, peer)
  let pieces: Uint8Array[] = []
  let [page, had, begun, limit] = ['', 0, 0, line.pageBytes]
  while (begun <= PAGE_TRIES) {
    const startMs = clock.nowMs()
    const asked = line.pageBytes
    const query = `after=${after}&maxBytes=${limit}&offset=${had}&length=${asked}${spent ? '&small=true' : ''}`
    const response = await ask(deps, peer, { method: 'GET', url: `${peer.document.endpoint}/peer/deliveries?${query}` })
    if (response.status !== 200) throw new Fault('peer.invalid', `${peer.name} has no stream of deliveries`)
    line.came(response.body.length, clock.nowMs() - startMs)
    const { hash, total } = pieceOf(response)
    if (had > 0 && hash !== page) {
      ;[pieces, had, begun, limit] = [[], 0, begun + 1, line.pageBytes]
      continue
    }
    // Only the last piece of a page is short: else a page could come byte by byte, and never end.
    if (response.body.length < Math.min(asked, total - had)) break
    page = hash
    pieces.push(response.body)
    had += response.body.length
    if (had === total) return Buffer.concat(pieces)
    if (had > total) break
  }
  throw new Fault('peer.invalid', `${peer.name} shows pieces of deliveries that do not belong together`)
}

/** How many leaves a head is ahead; none where it cannot be read, for that is said elsewhere. */
function growthOf(note: Uint8Array, known: number): number {
  try {
    return parseCheckpoint(parseNote(note).text).size - known
  } catch {
    return 0
  }
}

function holdsItem(page: Uint8Array): boolean {
  return page[4] === ITEM_FRAME
}

const ITEM_FRAME = 1

function pieceOf({ headers, body }: OutboundResponse): { readonly hash: string; readonly total: number } {
  const [, hash, total] = /^([0-9a-f]{64}) ([0-9]{1,8})$/.exec(headers[PAGE_HEADER] ?? '') ?? []
  if (hash === undefined) return { hash: '', total: body.length }
  if (Number(total) <= LIMITS.peerBodyBytesMax) return { hash, total: Number(total) }
  throw new Fault('peer.invalid', `a page of deliveries is larger than ${LIMITS.peerBodyBytesMax} bytes`)
}

/** The version of a node document that an answer names, where it can be one. */
export function versionIn({ headers }: Pick<OutboundResponse, 'headers'>): number | undefined {
  const text = headers[DOCUMENT_VERSION_HEADER] ?? ''
  return /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined
}

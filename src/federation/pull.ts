// One round with one peer (protocol section 6): its head, its new leaves, then what it has for us. Everything is
// verified before it is stored, and stored in steps that a crash can repeat.
import type { Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { openCheckpoint } from '#kernel/log/checkpoint.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { entriesPath, parseBundle, TILE_WIDTH } from '#kernel/log/tile.ts'
import { loadTile } from '#kernel/log/tile-store.ts'
import type { ReadTile } from '#kernel/log/tree.ts'
import type { Store } from '#kernel/store/types.ts'
import { applyCommand, mirrorLeaves, type VerifiedStatement } from './apply.ts'
import type { Caller } from './call.ts'
import { DeliveryDecoder, type Delivery } from './frames.ts'
import { noteContact, requirePeer, type Peer } from './peers.ts'
import { judgeGrowth, judgeItem, judgeStatement, positionAfter, type StreamPosition } from './verify-round.ts'

export type PullDeps = {
  readonly store: Store
  readonly caller: Caller
  readonly clock: Clock
  /** What the capability of a kind makes of a statement's items, outside the writer. Never throws for foreign bytes. */
  readonly prepare: (kind: string, items: readonly Uint8Array[]) => unknown
}

export type RoundResult = { readonly leaves: number; readonly statements: number }

/** The pages one round takes at most; what is left comes with the next. */
const PAGES_MAX = 10_000

/** Runs one round. Throws the Fault that ended it, after noting it with the peer. */
export async function pullOnce(deps: PullDeps, name: string): Promise<RoundResult> {
  const peer = await requirePeer(deps.store, name)
  if (peer.state !== 'approved')
    throw new Fault('auth.denied', `${name} is ${peer.state} here`, { remedy: `comity peer approve ${name}` })
  if (peer.stopped !== null)
    throw new Fault('log.fork', `replication from ${name} stands still: ${peer.stopped}`, {
      remedy: `Ask them by telephone; “comity peer approve ${name}” goes on from what is verified.`,
    })
  try {
    const leaves = await pullLog(deps, peer)
    const statements = await pullDeliveries(deps, peer)
    if (
      leaves + statements > 0 ||
      peer.lastError !== null ||
      peer.lastContactMs === null ||
      deps.clock.nowMs() - peer.lastContactMs > CONTACT_NOTE_MS
    )
      await deps.store.write(noteContact, { name, error: null })
    return { leaves, statements }
  } catch (error) {
    const stopped = error instanceof Fault && error.code === 'log.fork' ? { stopped: error.message } : {}
    await deps.store.write(noteContact, {
      name,
      error: error instanceof Error ? error.message : String(error),
      ...stopped,
    })
    throw error
  }
}

/** A quiet peer's contact time is written this often, not with every poll. */
const CONTACT_NOTE_MS = 10 * 60_000

type Mirror = { size: number; root: Uint8Array; checkpoint: Uint8Array | null }

async function pullLog({ store, caller }: PullDeps, peer: Peer): Promise<number> {
  const mirror = (await store.get<Mirror>('SELECT size, root, checkpoint FROM log WHERE id = ?', peer.log)) as Mirror
  const prefix = peer.document.log.prefix
  const response = await caller.call(peer.document, {
    method: 'GET',
    url: `${prefix}/checkpoint`,
    bodyBytesMax: LIMITS.noteBytesMax,
    headers: { 'if-none-match': `"${mirror.size}"` },
  })
  if (response.status === 304) return 0
  const opened = openCheckpoint(response.body, peer.verifiers)
  if (!opened.ok || opened.checkpoint.origin !== peer.document.log.origin)
    throw new Fault(
      'peer.invalid',
      `the head that ${peer.name} shows is not signed by its log: ${opened.ok ? 'another origin' : opened.reason}`,
    )
  const head = opened.checkpoint
  const entries = head.size > mirror.size ? await fetchEntries(caller, peer, mirror.size, head.size) : []
  const readTile = await edgeTiles(store, peer.log, mirror.size, head.size)
  const verdict = judgeGrowth({ ...mirror, readTile }, head, entries)
  if (verdict.kind === 'same' || verdict.kind === 'stale') return 0
  if (verdict.kind === 'fork') throw new Fault('log.fork', verdict.reason)
  if (verdict.kind === 'wrong') throw new Fault('peer.invalid', verdict.reason)
  await store.write(mirrorLeaves, {
    log: peer.log,
    from: mirror.size,
    size: head.size,
    root: head.root,
    checkpoint: response.body,
    tiles: verdict.tiles,
    entries,
  })
  return entries.length
}

/** The bundles with the leaves from `from` to `to`, most of them whole. */
async function fetchEntries(caller: Caller, peer: Peer, from: number, to: number): Promise<Uint8Array[]> {
  const first = Math.floor(from / TILE_WIDTH)
  const last = Math.floor((to - 1) / TILE_WIDTH)
  if (last - first >= LIMITS.tilesPerRoundMax)
    throw new Fault('peer.invalid', `${peer.name} grew by ${to - from} statements at once, more than one round takes`)
  const entries: Uint8Array[] = []
  for (let n = first; n <= last; n += 1) {
    const width = Math.min(TILE_WIDTH, to - n * TILE_WIDTH)
    const response = await caller.call(peer.document, {
      method: 'GET',
      url: `${peer.document.log.prefix}/${entriesPath(n, width)}`,
      bodyBytesMax: TILE_WIDTH * 256,
    })
    if (response.status !== 200) throw new Fault('peer.invalid', `${peer.name} does not show the leaves its head signs`)
    const bundle = parseForeignBundle(peer, response.body, width)
    entries.push(...(n === first ? bundle.slice(from % TILE_WIDTH) : bundle))
  }
  return entries
}

function parseForeignBundle(peer: Peer, bytes: Uint8Array, width: number): Uint8Array[] {
  try {
    return parseBundle(bytes, width).map((entry) => Uint8Array.from(entry))
  } catch (cause) {
    throw new Fault('peer.invalid', `the leaves that ${peer.name} shows cannot be read`, { cause })
  }
}

/** The stored tiles that growing or re-rooting a log needs: those at its right edge, and for an older head all on its edge too. */
async function edgeTiles(store: Store, log: number, size: number, headSize: number): Promise<ReadTile> {
  const tiles = new Map<string, Uint8Array | undefined>()
  for (const from of new Set([size, Math.min(size, headSize)]))
    for (let level = 0, width = from; width > 0; level += 1) {
      for (const n of [Math.floor((width - 1) / TILE_WIDTH), Math.floor(width / TILE_WIDTH)])
        if (!tiles.has(`${level}/${n}`)) tiles.set(`${level}/${n}`, await loadTile(store, log, level, n))
      width = Math.floor(width / TILE_WIDTH)
    }
  return (level, n) => tiles.get(`${level}/${n}`)
}

async function pullDeliveries(deps: PullDeps, peer: Peer): Promise<number> {
  let position: StreamPosition = { seq: peer.streamSeq, hash: peer.streamHash }
  let statements = 0
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const response = await deps.caller.call(peer.document, {
      method: 'GET',
      url: `${peer.document.endpoint}/peer/deliveries?after=${position.seq}&maxBytes=${LIMITS.deliveryPageBytesMax}`,
    })
    if (response.status !== 200) throw new Fault('peer.invalid', `${peer.name} has no stream of deliveries`)
    const decoder = new DeliveryDecoder()
    const deliveries = [...decoder.push(response.body)]
    decoder.end()
    if (deliveries.length === 0) return statements
    const items = []
    for (const delivery of deliveries) {
      const problem = judgeItem(position, delivery)
      if (problem !== undefined) throw new Fault('log.fork', `${peer.name}: ${problem}`)
      position = positionAfter(delivery)
      items.push({ ...position, statements: await verifyDelivery(deps, peer, delivery) })
    }
    const { applied } = await deps.store.write(applyCommand, { peer: peer.id, name: peer.name, log: peer.log, items })
    statements += applied
  }
  return statements
}

async function verifyDelivery(deps: PullDeps, peer: Peer, delivery: Delivery): Promise<VerifiedStatement[]> {
  const author = { member: peer.name, origin: peer.document.log.origin, nowMs: deps.clock.nowMs() }
  const verified: VerifiedStatement[] = []
  for (const disclosed of delivery.statements) {
    const judged = judgeStatement(await loadEntry(deps.store, peer.log, disclosed.index), disclosed, author)
    if (!judged.ok) throw new Fault('peer.invalid', `${peer.name}: ${judged.reason}`)
    const { statement } = judged
    const prepared = statement.refusal === undefined ? deps.prepare(statement.header.kind, statement.items) : undefined
    verified.push({ ...statement, prepared })
  }
  return verified
}

// What a recipient was told of its stream, for anybody to check (docs/protocol.md, "Proof of delivery"): one head that the
// author committed to, or two that cannot both be true, and the items the recipient has. A file needs no node to be judged;
// whose keys it was signed with is for people to know.
import { formatBase64, parseBase64 } from './base64.ts'
import { decodeItem, FIRST_HASH, hashItem, type DeliveryItem } from './delivery-item.ts'
import { Fault } from './fault.ts'
import { equalBytes } from './hash.ts'
import { memberOf } from './id.ts'
import { parseJson } from './json.ts'
import { LIMITS } from './limits.ts'
import { openCheckpoint } from './log/checkpoint.ts'
import { hashLeaf, verifyInclusion } from './log/merkle.ts'
import { parseTlogProof } from './log/tlog-proof.ts'
import type { NoteVerifier } from './note.ts'
import { verifyStatement } from './statement.ts'
import { HEADS_KIND, holdsHead, type HeadPlace } from './stream-heads.ts'

/** A head as its recipient was shown it: the statement that commits to it, the proof that the log holds that, the place. */
export type ShownHead = HeadPlace & {
  readonly entry: Uint8Array
  readonly entrySalt: Uint8Array
  readonly partCommits: readonly Uint8Array[]
  readonly header: Uint8Array
  readonly headerSalt: Uint8Array
  readonly contentSeed: Uint8Array
  readonly content: Uint8Array
  /** A tlog-proof (C2SP), with the checkpoint. */
  readonly proof: Uint8Array
  readonly seq: number
  readonly hash: Uint8Array
}

export type DeliveryProof = {
  readonly recipient: string
  /** The author's log keys, as the recipient knows them. */
  readonly vkeys: readonly string[]
  /** One, or two in the order of the log. */
  readonly heads: readonly ShownHead[]
  /** The bytes of items that follow each other, as far as the recipient has them. */
  readonly items: readonly Uint8Array[]
}

export type DeliveryVerdict =
  | {
      readonly ok: true
      /**
       * `complete`: the items shown end in what was committed. `open`: more was committed than is shown.
       * `rewritten`: two heads that cannot both be true.
       */
      readonly finding: 'complete' | 'open' | 'rewritten'
      readonly member: string
      readonly origin: string
      readonly recipient: string
      /** The last item committed, the leaf that commits to it, and when its author says it did. */
      readonly committed: number
      readonly index: number
      readonly time: string
      /** The last item shown; 0 where none is. */
      readonly shown: number
    }
  | { readonly ok: false; readonly reason: string }

const HEAD = 'comity/delivery-proof/v1'
const BYTES = ['entry', 'entrySalt', 'header', 'headerSalt', 'contentSeed', 'content', 'salt', 'hash'] as const
const LISTS = ['partCommits', 'path'] as const

export function formatDeliveryProof({ recipient, vkeys, heads, items }: DeliveryProof): Uint8Array {
  const document = {
    about: HEAD,
    recipient,
    vkeys,
    heads: heads.map((head) => ({
      seq: head.seq,
      place: head.place,
      ...Object.fromEntries(BYTES.map((name) => [name, formatBase64(head[name])])),
      ...Object.fromEntries(LISTS.map((name) => [name, head[name].map(formatBase64)])),
      proof: Buffer.from(head.proof).toString('utf8'),
    })),
    items: items.map((item) => Buffer.from(item).toString('utf8')),
  }
  return Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`)
}

/** Reads a file. Throws `input.invalid` for anything that cannot be one. */
export function parseDeliveryProof(bytes: Uint8Array): DeliveryProof {
  if (bytes.length > LIMITS.deliveryProofBytesMax)
    throw new Fault('input.too-large', `a proof of delivery has at most ${LIMITS.deliveryProofBytesMax} bytes`)
  const value = parseJson(bytes)
  const { about, recipient, vkeys, heads, items } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Record<string, unknown>
  if (about !== HEAD || typeof recipient !== 'string' || !isList(vkeys, 8) || !vkeys.every(isText)) throw noProof()
  if (!isList(heads, 2) || heads.length === 0 || !isList(items, LIMITS.deliveryProofItemsMax) || !items.every(isText))
    throw noProof()
  return { recipient, vkeys, heads: heads.map(parseHead), items: items.map((item) => Buffer.from(item)) }
}

function parseHead(value: unknown): ShownHead {
  const head = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const { seq, place, proof } = head
  if (!isCount(seq) || !isCount(place) || !isText(proof)) throw noProof()
  const single = Object.fromEntries(BYTES.map((name) => [name, parseBytes(head[name])]))
  const lists = Object.fromEntries(
    LISTS.map((name) => {
      const list = head[name]
      if (!isList(list, LIMITS.headsHeightMax)) throw noProof()
      return [name, list.map(parseBytes)]
    }),
  )
  return { ...single, ...lists, seq, place, proof: Buffer.from(proof) } as unknown as ShownHead
}

function parseBytes(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? parseBase64(value) : undefined
  if (bytes === undefined) throw noProof()
  return bytes
}

function isList(value: unknown, most: number): value is unknown[] {
  return Array.isArray(value) && value.length <= most
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function noProof(): Fault {
  return new Fault('input.invalid', 'this is no proof of delivery', {
    remedy: 'Use a file that “comity deliveries --from MEMBER --proof FILE” wrote.',
  })
}

/** What a file shows, under keys that the caller trusts to be the author's. Pure; never throws for foreign bytes. */
export function judgeDeliveryProof(proof: DeliveryProof, verifiers: readonly NoteVerifier[]): DeliveryVerdict {
  try {
    const heads = proof.heads.map((head) => openHead(head, proof.recipient, verifiers))
    const refused = heads.find((head) => !head.ok)
    if (refused?.ok === false) return refused
    const opened = heads.filter((head) => head.ok)
    const [first, last] = [opened[0], opened.at(-1)] as [OpenedHead, OpenedHead]
    const items = proof.items.map((bytes) => ({ item: decodeItem(bytes), hash: hashItem(bytes) }))
    const gap = findGap(items)
    if (gap !== undefined) return refuse(gap)
    const { seq: committed, member, origin, index, time } = last
    const found = {
      member,
      origin,
      recipient: proof.recipient,
      committed,
      index,
      time,
      shown: items.at(-1)?.item.seq ?? 0,
    }
    if (first !== last && first.origin !== last.origin) return refuse('the two heads are of different logs')
    if (first !== last && first.index >= last.index) return refuse('the two heads are not in their order')
    if (first !== last && contradicts(first, last, items)) return { ok: true, finding: 'rewritten', ...found }
    if (first !== last) return refuse('the two heads do not contradict each other')
    const same = items.find(({ item }) => item.seq === committed)
    if (same !== undefined && !equalBytes(same.hash, last.hash)) return refuse('its items are not those committed to')
    return { ok: true, finding: same !== undefined || committed === 0 ? 'complete' : 'open', ...found }
  } catch (error) {
    if (error instanceof Fault) return refuse(error.message)
    throw error
  }
}

type OpenedHead = {
  readonly ok: true
  readonly member: string
  readonly origin: string
  readonly index: number
  readonly time: string
  readonly seq: number
  readonly hash: Uint8Array
}
type Link = { readonly item: DeliveryItem; readonly hash: Uint8Array }

function openHead(
  head: ShownHead,
  recipient: string,
  verifiers: readonly NoteVerifier[],
): OpenedHead | { readonly ok: false; readonly reason: string } {
  const { checkpoint, index, proof } = parseTlogProof(head.proof)
  const opened = openCheckpoint(checkpoint, verifiers, { types: [] })
  if (!opened.ok) return refuse(`the checkpoint does not verify: ${opened.reason}`)
  const { origin, size, root } = opened.checkpoint
  if (!verifyInclusion({ index, size, leafHash: hashLeaf(head.entry), root, proof }))
    return refuse('the statement is not in that log')
  const verdict = verifyStatement({
    entry: head.entry,
    entrySalt: head.entrySalt,
    partCommits: head.partCommits,
    header: { salt: head.headerSalt, bytes: head.header },
    content: { seed: head.contentSeed, items: [head.content] },
  })
  if (!verdict.ok) return refuse(verdict.reason)
  const { kind, member, origin: said, time } = verdict.header
  if (kind !== HEADS_KIND || said !== origin || member !== memberOf(origin))
    return refuse('the statement does not commit to heads of that log')
  if (!holdsHead(head.content, { ...head, recipient }, head))
    return refuse(`it does not commit to this head of the stream to ${recipient}`)
  return { ok: true, member, origin, index, time, seq: head.seq, hash: head.hash }
}

/** What a chain of items lacks, or undefined. */
function findGap(items: readonly Link[]): string | undefined {
  for (const [n, { item }] of items.entries()) {
    const before = items[n - 1]
    if (before === undefined && item.seq === 1 && !equalBytes(item.prevHash, FIRST_HASH))
      return 'its items do not begin'
    if (before !== undefined && (item.seq !== before.item.seq + 1 || !equalBytes(item.prevHash, before.hash)))
      return 'its items do not follow each other'
  }
  return undefined
}

/** Whether no stream has both heads: it went back, or changed at the same place, or what follows does not continue it. */
export function contradicts(
  older: Pick<OpenedHead, 'seq' | 'hash'>,
  newer: Pick<OpenedHead, 'seq' | 'hash'>,
  items: readonly Link[],
): boolean {
  if (newer.seq < older.seq) return true
  if (newer.seq === older.seq) return !equalBytes(newer.hash, older.hash)
  const next = items.find(({ item }) => item.seq === older.seq + 1)
  const last = items.find(({ item }) => item.seq === newer.seq)
  if (next === undefined || last === undefined || !equalBytes(last.hash, newer.hash)) return false
  return !equalBytes(next.item.prevHash, older.hash)
}

function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}

// This member's own node document: built from identity, keys and address, logged when it changed, served with proof.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { formatTime } from '#kernel/clock.ts'
import { formatBase64 } from '#kernel/base64.ts'
import { witnessKeys, type HttpSeed, type Seeds } from '#kernel/key-file.ts'
import { LIMITS } from '#kernel/limits.ts'
import { setLogKeys } from '#kernel/log/key-history.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { storedInclusionProof } from '#kernel/log/stored-proof.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { formatTlogProof } from '#kernel/log/tlog-proof.ts'
import type { Marking } from '#kernel/marking.ts'
import { bech32Recipient } from '#kernel/recipient.ts'
import { command, type Reader } from '#kernel/store/types.ts'
import { documentHash, encodeDocument, parseNodeDocument } from './document.ts'
import type { SigningKey } from '#kernel/http/signature.ts'
import { say } from './say.ts'
import type { NodeDocument } from './wire.ts'

export type OwnFacts = {
  readonly member: string
  readonly origin: string
  readonly names: Readonly<Record<string, string>>
  readonly kind: NodeDocument['kind']
  readonly country?: string
  readonly contact?: string
  readonly recovery?: string
  readonly vkeys: readonly string[]
  readonly publicUrl: string
  readonly tls: readonly string[]
  readonly seeds: Seeds
}

/** Keys are rotated by a new document; until then this one holds. */
const KEY_YEARS_MS = 10 * 365.25 * 24 * 3600 * 1000

/** The name under which a member's lines stand as a witness. */
export function witnessName(member: string): string {
  return `${member}/witness`
}

export function httpSigningKey(member: string, { ed25519, generation }: HttpSeed): SigningKey {
  const privateKey = createPrivateKey({
    key: Buffer.from(ed25519),
    format: 'raw-private',
    asymmetricKeyType: 'ed25519',
  })
  return { keyid: `${member}#http-${generation}`, privateKey }
}

/** The document as it should stand now. `previous` keeps version and times where nothing changed. */
export function currentDocument(facts: OwnFacts, previous: NodeDocument | undefined, nowMs: number): NodeDocument {
  const { privateKey } = httpSigningKey(facts.member, facts.seeds.http)
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  const key = previous?.http.find((each) => each.x === x) ?? {
    kid: `http-${facts.seeds.http.generation}`,
    kty: 'OKP' as const,
    crv: 'Ed25519' as const,
    x: x ?? '',
    nbf: Math.floor((nowMs - LIMITS.futureMsMax) / 1000),
    exp: Math.floor((nowMs + KEY_YEARS_MS) / 1000),
  }
  const document: NodeDocument = {
    member: facts.member,
    names: { ...facts.names },
    kind: facts.kind,
    ...(facts.country === undefined ? {} : { country: facts.country }),
    protocol: [1],
    log: { origin: facts.origin, vkeys: [...facts.vkeys], prefix: `${facts.publicUrl}/log`, earlier: [] },
    http: [key],
    witness: {
      name: witnessName(facts.member),
      vkeys: witnessKeys(witnessName(facts.member), facts.seeds.witness).map(({ vkey }) => vkey),
      submission: `${facts.publicUrl}/witness`,
      monitoring: `${facts.publicUrl}/witness`,
    },
    recipients: [bech32Recipient(facts.seeds.recipient)],
    tls: [...facts.tls],
    endpoint: facts.publicUrl,
    limits: { pageBytes: LIMITS.deliveryPageBytesMax, requests: LIMITS.peerRequestsMax },
    ...(facts.contact === undefined ? {} : { contact: facts.contact }),
    ...(facts.recovery === undefined ? {} : { recovery: facts.recovery }),
    version: previous?.version ?? 1,
    time: previous?.time ?? formatTime(nowMs),
  }
  if (previous === undefined || JSON.stringify(previous) === JSON.stringify(document)) return document
  return { ...document, version: previous.version + 1, time: formatTime(nowMs) }
}

const OPEN: Marking = { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' }

export const NODE_MEDIA_TYPE = 'application/vnd.comity.node+json'

/** Logs a new version of the document: these very bytes are the statement's one item. */
export const publishDocument = command(
  'federation.publish-document',
  (tx, input: { readonly bytes: Uint8Array }): void => {
    const parsed = parseNodeDocument(input.bytes)
    if (!parsed.ok) throw new Error(`this node's own document is not valid: ${parsed.reason}`)
    const { document } = parsed
    const logged = say(tx, { kind: 'node', marking: OPEN, mediaType: NODE_MEDIA_TYPE, item: input.bytes })
    setLogKeys(tx, OWN_LOG, { vkeys: document.log.vkeys, index: logged.index, nowMs: tx.nowMs })
    tx.run(
      'INSERT INTO node_document (version, bytes, hash, statement) VALUES (?, ?, ?, ?)',
      document.version,
      input.bytes,
      documentHash(input.bytes),
      logged.seq,
    )
  },
)

/** The bytes of the newest document, as logged. */
export async function loadOwnDocument(reader: Reader): Promise<Uint8Array | undefined> {
  return (await reader.get<{ bytes: Uint8Array }>('SELECT bytes FROM node_document ORDER BY version DESC LIMIT 1'))
    ?.bytes
}

export function encodeOwnDocument(document: NodeDocument): Uint8Array {
  return encodeDocument(document)
}

type ProofRow = {
  idx: number
  header: Uint8Array
  header_salt: Uint8Array
  entry_salt: Uint8Array
  part_commits: Uint8Array
  content_seed: Uint8Array
  size: number
  checkpoint: Uint8Array
}

/** What proves that the served document is in the log: header, salts and a tlog-proof (docs/protocol.md, "Node document"). */
export async function documentProof(reader: Reader): Promise<Record<string, unknown> | undefined> {
  const row = await reader.get<ProofRow>(
    `SELECT s.idx, s.header, s.header_salt, s.entry_salt, s.part_commits, s.content_seed, l.size, l.checkpoint
     FROM node_document d JOIN statement s ON s.seq = d.statement JOIN log l ON l.id = s.log ORDER BY d.version DESC LIMIT 1`,
  )
  const entry = row === undefined ? undefined : await loadEntry(reader, OWN_LOG, row.idx)
  if (row === undefined || entry === undefined) return undefined
  const proof = await storedInclusionProof(reader, OWN_LOG, row.idx, row.size)
  return {
    entry: formatBase64(entry),
    entrySalt: formatBase64(row.entry_salt),
    partCommits: [0, 1, 2, 3].map((i) => formatBase64(row.part_commits.subarray(32 * i, 32 * i + 32))),
    header: formatBase64(row.header),
    headerSalt: formatBase64(row.header_salt),
    contentSeed: formatBase64(row.content_seed),
    proof: Buffer.from(formatTlogProof({ index: row.idx, proof, checkpoint: row.checkpoint })).toString('utf8'),
  }
}

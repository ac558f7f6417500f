// This member's own node document: built from identity, keys and address, logged when it changed, served with proof.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { formatTime } from '#kernel/clock.ts'
import { formatBase64 } from '#kernel/base64.ts'
import type { HttpSeed } from '#kernel/key-file.ts'
import { LIMITS } from '#kernel/limits.ts'
import { loadVkeys, readLogKeys, setLogKeys } from '#kernel/log/key-history.ts'
import { parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { storedInclusionProof } from '#kernel/log/stored-proof.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { formatTlogProof } from '#kernel/log/tlog-proof.ts'
import type { Marking } from '#kernel/marking.ts'
import { ObjectMemo } from '#kernel/memo.ts'
import { parseNote } from '#kernel/note.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import { documentHash, encodeDocument, parseNodeDocument } from './document.ts'
import type { SigningKey } from '#kernel/http/signature.ts'
import { ENDED_LOGS } from './recovery.ts'
import { say } from './say.ts'
import { httpPublic, noteAnnounced, witnessName, type ShownHttpKey, type ShownKeys } from './shown-keys.ts'
import type { DocumentProof, NodeDocument, ShownStep } from './wire.ts'

/** A log that ended: the keys at its end, and the head that its statements are proven under. */
export type EarlierLog = Readonly<NodeDocument['log']['earlier'][number]>

export type OwnFacts = {
  readonly member: string
  readonly origin: string
  readonly names: Readonly<Record<string, string>>
  readonly kind: NodeDocument['kind']
  readonly country?: string
  readonly contact?: string
  readonly recovery?: string
  readonly publicUrl: string
  readonly tls: readonly string[]
  readonly keys: ShownKeys
  /** Logs of this member that ended. */
  readonly earlier: readonly EarlierLog[]
}

/** Keys are rotated by a new document; until then this one holds. */
const KEY_YEARS_MS = 10 * 365.25 * 24 * 3600 * 1000

export function httpSigningKey(member: string, seed: HttpSeed): SigningKey {
  return { keyid: `${member}#http-${seed.generation}`, privateKey: httpPrivateKey(seed) }
}

function httpPrivateKey(seed: HttpSeed): KeyObject {
  return PRIVATE_KEYS.of(seed, () =>
    createPrivateKey({ key: Buffer.from(seed.ed25519), format: 'raw-private', asymmetricKeyType: 'ed25519' }),
  )
}

/** One signs every request. */
const PRIVATE_KEYS = new ObjectMemo<HttpSeed, KeyObject>()

/** The document as it should stand now. `previous` keeps version and times where nothing changed. */
export function currentDocument(facts: OwnFacts, previous: NodeDocument | undefined, nowMs: number): NodeDocument {
  const document: NodeDocument = {
    member: facts.member,
    names: { ...facts.names },
    kind: facts.kind,
    ...(facts.country === undefined ? {} : { country: facts.country }),
    protocol: [1],
    log: {
      origin: facts.origin,
      vkeys: [...facts.keys.logVkeys],
      prefix: `${facts.publicUrl}/log`,
      earlier: [...facts.earlier],
    },
    http: facts.keys.http.map((key) => httpKeyShown(key, previous, nowMs)),
    witness: {
      name: witnessName(facts.member),
      vkeys: [...facts.keys.witnessVkeys],
      submission: `${facts.publicUrl}/witness`,
      monitoring: `${facts.publicUrl}/witness`,
    },
    recipients: [...facts.keys.recipients],
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

/** A key as others may see it. One that stays keeps the times it was first shown with; one that goes gets its end. */
function httpKeyShown(
  { seed, endsMs }: ShownHttpKey,
  previous: NodeDocument | undefined,
  nowMs: number,
): NodeDocument['http'][number] {
  const x = httpPublic(seed)
  const known = previous?.http.find((each) => each.x === x)
  const nbf = known?.nbf ?? Math.floor((nowMs - LIMITS.futureMsMax) / 1000)
  const exp =
    endsMs === undefined ? (known?.exp ?? Math.floor((nowMs + KEY_YEARS_MS) / 1000)) : Math.floor(endsMs / 1000)
  return { kid: `http-${seed.generation}`, kty: 'OKP', crv: 'Ed25519', x, nbf, exp }
}

const OPEN: Marking = { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' }

export const NODE_MEDIA_TYPE = 'application/vnd.comity.node+json'

/**
 * Logs a new version of the document: these very bytes are the statement's one item. Where the version before has no head
 * yet, for the node ended in between, it gets the one that stands now: it may be a step that peers need.
 */
export const publishDocument = command(
  'federation.publish-document',
  (tx, input: { readonly bytes: Uint8Array }): void => {
    const parsed = parseNodeDocument(input.bytes)
    if (!parsed.ok) throw new Error(`this node's own document is not valid: ${parsed.reason}`)
    const { document } = parsed
    keepHead(tx)
    const logged = say(tx, { kind: 'node', marking: OPEN, mediaType: NODE_MEDIA_TYPE, item: input.bytes })
    const before = new Set(readLogKeys(tx, OWN_LOG).map(({ vkey }) => vkey))
    const follows = tx.get('SELECT 1 FROM recovery_note WHERE origin = ?', document.log.origin) !== undefined
    const first =
      tx.get(`SELECT 1 FROM statement WHERE log = ? AND kind = 'node' AND idx < ?`, OWN_LOG, logged.index) === undefined
    const bringsKeys = (follows && first) || document.log.vkeys.some((vkey) => !before.has(vkey))
    noteAnnounced(tx, document)
    setLogKeys(tx, OWN_LOG, { vkeys: document.log.vkeys, index: logged.index, nowMs: tx.nowMs })
    tx.run(
      'INSERT INTO node_document (version, bytes, hash, statement, brings_keys) VALUES (?, ?, ?, ?, ?)',
      document.version,
      input.bytes,
      documentHash(input.bytes),
      logged.seq,
      bringsKeys ? 1 : 0,
    )
  },
)

/** This member's logs that ended, each with the keys it had last, newest first. */
export async function earlierLogs(reader: Reader): Promise<EarlierLog[]> {
  const logs = await reader.all<{ id: number; origin: string; size: number; root: Uint8Array }>(
    `SELECT id, origin, size, root FROM log WHERE id IN (${ENDED_LOGS}) ORDER BY id DESC`,
  )
  const earlier: EarlierLog[] = []
  for (const { id, origin, size, root } of logs)
    earlier.push({
      origin,
      vkeys: (await loadVkeys(reader, id)).slice(-EARLIER_KEYS_MAX),
      ...(size === 0 ? {} : { size, root: formatBase64(root) }),
    })
  return earlier
}

/** Of each log; one key has 1.8 kB. */
const EARLIER_KEYS_MAX = 4

/** The bytes of the newest document, as logged. */
export async function loadOwnDocument(reader: Reader): Promise<Uint8Array | undefined> {
  return (await reader.get<{ bytes: Uint8Array }>('SELECT bytes FROM node_document ORDER BY version DESC LIMIT 1'))
    ?.bytes
}

export function encodeOwnDocument(document: NodeDocument): Uint8Array {
  return encodeDocument(document)
}

/** Keeps the head that proves the newest document, as it was signed when the document was logged: by the keys before it. */
export const keepDocumentHead = command('federation.keep-document-head', (tx, _input: null): void => keepHead(tx))

function keepHead(tx: Tx): void {
  tx.run(
    `UPDATE node_document SET checkpoint = (SELECT checkpoint FROM log WHERE id = ?)
     WHERE checkpoint IS NULL AND version = (SELECT max(version) FROM node_document)`,
    OWN_LOG,
  )
}

type ProofRow = {
  version: number
  log: number
  recovery_vkey: string | null
  recovery_note: string | null
  bytes: Uint8Array
  idx: number
  header: Uint8Array
  header_salt: Uint8Array
  entry_salt: Uint8Array
  part_commits: Uint8Array
  content_seed: Uint8Array
  checkpoint: Uint8Array
}

const PROOF_SQL = `SELECT d.version, d.bytes, s.log, r.vkey AS recovery_vkey, r.note AS recovery_note, s.idx, s.header, s.header_salt, s.entry_salt, s.part_commits, s.content_seed`

/** What proves that the served document is in the log: header, salts and a tlog-proof (docs/protocol.md, "Node document"). */
export async function documentProof(
  reader: Reader,
): Promise<(DocumentProof & { readonly steps?: ShownStep[] }) | undefined> {
  const row = await reader.get<ProofRow>(
    `${PROOF_SQL}, l.checkpoint FROM node_document d JOIN statement s ON s.seq = d.statement JOIN log l ON l.id = s.log
     LEFT JOIN recovery_note r ON r.origin = l.origin ORDER BY d.version DESC LIMIT 1`,
  )
  const proof = row === undefined ? undefined : await proofOf(reader, row)
  if (row === undefined || proof === undefined) return undefined
  const steps = await stepsBefore(reader, row.version)
  return steps.length === 0 ? proof : { ...proof, steps }
}

/** The documents that brought other log keys, each under the head that was signed when it was logged. */
async function stepsBefore(reader: Reader, version: number): Promise<ShownStep[]> {
  const rows = await reader.all<ProofRow>(
    `${PROOF_SQL}, d.checkpoint FROM node_document d JOIN statement s ON s.seq = d.statement JOIN log l ON l.id = s.log
     LEFT JOIN recovery_note r ON r.origin = l.origin WHERE d.version < ? AND d.checkpoint IS NOT NULL AND d.brings_keys = 1 ORDER BY d.version DESC LIMIT ?`,
    version,
    LIMITS.documentStepsMax,
  )
  const steps: ShownStep[] = []
  for (const row of rows.toReversed()) {
    const proof = await proofOf(reader, row)
    if (proof !== undefined) steps.push({ document: formatBase64(row.bytes), ...proof })
  }
  return steps
}

async function proofOf(reader: Reader, row: ProofRow): Promise<DocumentProof | undefined> {
  const { size } = parseCheckpoint(parseNote(row.checkpoint).text)
  const entry = await loadEntry(reader, row.log, row.idx)
  if (entry === undefined || row.idx >= size) return undefined
  const proof = await storedInclusionProof(reader, row.log, row.idx, size)
  return {
    entry: formatBase64(entry),
    entrySalt: formatBase64(row.entry_salt),
    partCommits: [0, 1, 2, 3].map((i) => formatBase64(row.part_commits.subarray(32 * i, 32 * i + 32))),
    header: formatBase64(row.header),
    headerSalt: formatBase64(row.header_salt),
    contentSeed: formatBase64(row.content_seed),
    proof: Buffer.from(formatTlogProof({ index: row.idx, proof, checkpoint: row.checkpoint })).toString('utf8'),
    ...(row.recovery_vkey === null || row.recovery_note === null
      ? {}
      : { recovery: { vkey: row.recovery_vkey, note: row.recovery_note } }),
  }
}

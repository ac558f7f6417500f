// A peer's newer node document: where it is now and with which keys it speaks. It is believed for one reason only, that
// it is a statement in the peer's own log under a log key known before (protocol section 1), so it may come from
// anywhere and over any line.
import { Compile } from 'typebox/compile'
import { parseBase64 } from '#kernel/base64.ts'
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { parseTlogProof, verifyTlogProof } from '#kernel/log/tlog-proof.ts'
import { verifyStatement } from '#kernel/statement.ts'
import type { Store } from '#kernel/store/types.ts'
import { parseNodeDocument } from './document.ts'
import { requirePeer, renewDocument, type Peer } from './peers.ts'
import type { Source } from './source.ts'
import { DocumentProofShape, type Whereabouts } from './wire.ts'

export type { Whereabouts } from './wire.ts'

const proofShape = Compile(DocumentProofShape)

export type RefreshDeps = { readonly store: Store; readonly source: Source }

/** Where a peer is as far as its stored document says. */
export function whereabouts({ document }: Peer, version: number): Whereabouts {
  return { version, endpoint: document.endpoint, tls: document.tls }
}

/**
 * Takes, proves and stores a peer's document. Returns the peer as it stands then; the same one where there is nothing
 * newer. Throws `peer.invalid` for a document that its log does not prove.
 */
export async function refreshDocument({ store, source }: RefreshDeps, peer: Peer, at: Whereabouts): Promise<Peer> {
  if (at.version <= peer.document.version) return peer
  const { bytes, proof } = await source.document(at)
  const judged = judgeDocument(peer, bytes, proof)
  if (!judged.ok)
    throw new Fault('peer.invalid', `${peer.name} shows a node document that is not proven: ${judged.reason}`, {
      remedy: 'Ask them by telephone. Until then the document known before holds.',
    })
  await store.write(renewDocument, { name: peer.name, document: bytes, index: judged.index })
  return requirePeer(store, peer.name)
}

export type DocumentJudgement =
  /** `index` is the statement of its log that the document is. */
  { readonly ok: true; readonly index: number } | { readonly ok: false; readonly reason: string }

/** Whether a document is its member's. Pure; whatever the bytes are, it does not throw. */
export function judgeDocument(peer: Peer, bytes: Uint8Array, proofBytes: Uint8Array): DocumentJudgement {
  const parsed = parseNodeDocument(bytes)
  if (!parsed.ok) return parsed
  const { document } = parsed
  if (document.member !== peer.name) return refuse(`it is the one of ${document.member}`)
  if (document.log.origin !== peer.document.log.origin) return refuse('it names another log')
  if (document.version <= peer.document.version) return refuse(`its version ${document.version} is not newer`)
  if (document.recovery !== peer.document.recovery) return refuse('it names another recovery key')
  try {
    return judgeProof(peer, bytes, parseJson(proofBytes))
  } catch (error) {
    if (error instanceof Fault) return refuse(error.message)
    throw error
  }
}

function judgeProof(peer: Peer, document: Uint8Array, shown: unknown): DocumentJudgement {
  if (!proofShape.Check(shown)) return refuse('its proof is out of form')
  const bytes = (text: string): Uint8Array => parseBase64(text) ?? new Uint8Array(0)
  const entry = bytes(shown.entry)
  const verdict = verifyStatement({
    entry,
    entrySalt: bytes(shown.entrySalt),
    partCommits: shown.partCommits.map(bytes),
    header: { salt: bytes(shown.headerSalt), bytes: bytes(shown.header) },
    content: { seed: bytes(shown.contentSeed), items: [document] },
  })
  if (!verdict.ok) return verdict
  if (verdict.header.kind !== 'node' || verdict.header.member !== peer.name)
    return refuse('its statement is of another kind')
  const proof = parseTlogProof(Buffer.from(shown.proof))
  const opened = verifyTlogProof(proof, { leafHash: hashLeaf(entry), verifiers: peer.verifiers })
  if (!opened.ok) return opened
  if (opened.checkpoint.origin !== peer.document.log.origin) return refuse('its proof is of another log')
  return { ok: true, index: proof.index }
}

function refuse(reason: string): DocumentJudgement {
  return { ok: false, reason }
}

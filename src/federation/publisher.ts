// What this node says of itself: its document, with the address and the keys it has now, logged where it changed and told
// to peers. Keys on their way out are looked at again until they are gone.
import type { Logger } from 'pino'
import { recordDeed } from '#kernel/audit.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Identity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import type { SigningKey } from '#kernel/http/signature.ts'
import { spkiHash, type TlsIdentity } from '#kernel/http/tls.ts'
import type { Seeds } from '#kernel/key-file.ts'
import { LIMITS } from '#kernel/limits.ts'
import { LOG_END_SQL } from '#kernel/log/log-end.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { describeSelf, type SelfChange } from '#kernel/self-description.ts'
import { SELF } from '#kernel/standing.ts'
import type { Reader, Store } from '#kernel/store/types.ts'
import { parseNodeDocument } from './document.ts'
import {
  currentDocument,
  earlierLogs,
  encodeOwnDocument,
  httpSigningKey,
  keepDocumentHead,
  loadOwnDocument,
  publishDocument,
} from './own-document.ts'
import { httpSeedAt, keysToShow, type ShownKeys } from './shown-keys.ts'
import type { NodeDocument } from './wire.ts'

export type PublisherDeps = {
  readonly store: Store
  /** Who the member was when the node began. */
  readonly identity: Identity
  /** Keeps the identity for the next start, where there is a place for it. */
  readonly keepIdentity?: (identity: Identity) => void
  readonly seeds: Seeds
  readonly clock: Clock
  readonly publicUrl: string
  readonly tls: TlsIdentity | undefined
  readonly logger: Pick<Logger, 'warn'>
}

export class Publisher implements Disposable {
  readonly #deps: PublisherDeps
  /** Tells all peers that there is something new. */
  readonly #tell: () => Promise<void>
  #self: Identity
  #tlsHash: string | undefined
  #shown: ShownKeys | undefined
  /** The version of our document that each peer knew when it was first asked in this run. */
  readonly #known = new Map<string, number>()
  #looking: Disposable | undefined
  /** One after another: two at once would be two documents of one version. */
  #publishing: Promise<unknown> = Promise.resolve()

  constructor(deps: PublisherDeps, tell: () => Promise<void>) {
    this.#deps = deps
    this.#tell = tell
    this.#self = deps.identity
    this.#tlsHash = deps.tls === undefined ? undefined : spkiHash(deps.tls.cert)
  }

  /** Who this member is, as it says now. */
  get self(): Identity {
    return this.#self
  }

  /** Whether this run has said anything of itself yet. */
  get hasBegun(): boolean {
    return this.#shown !== undefined
  }

  /** The key that signs requests now. */
  requestKey(): SigningKey {
    const { clock, identity, seeds } = this.#deps
    const { http } = seeds
    const seed = this.#shown === undefined ? http : httpSeedAt(this.#shown, http.outgoing, clock.nowMs())
    return httpSigningKey(identity.member, seed)
  }

  /** Finds out which keys others know, where that was not done yet: nothing is published by it. */
  async prepare(): Promise<void> {
    this.#shown ??= await this.#keysNow()
  }

  /** Logs the document where it changed, and returns whether it did. */
  publish(): Promise<boolean> {
    const published = this.#publishing.then(() => this.#publishNow())
    this.#publishing = published.catch(() => {})
    return published
  }

  async publishAndTell(): Promise<void> {
    if (await this.publish()) await this.#tell()
  }

  /** The same, where nobody waits for it. */
  publishSoon(): void {
    void this.publishAndTell().catch((error: unknown) => this.failed(error))
  }

  failed(error: unknown): void {
    this.#deps.logger.warn({ err: error }, 'what this node says of itself could not be brought up to date')
  }

  /** Says something else of this member: kept, logged, and told to peers at once. Throws `input.invalid` with the place. */
  async describe(actor: string, change: SelfChange): Promise<void> {
    const { keepIdentity, store } = this.#deps
    const next = describeSelf(this.#self, change)
    keepIdentity?.(next)
    this.#self = next
    await store.write(recordDeed, { actor, action: 'member.set', subject: next.member, detail: { ...change } })
    await this.publishAndTell()
  }

  /** Another TLS certificate is shown from now on. */
  async renewTls(tls: TlsIdentity): Promise<void> {
    this.#tlsHash = spkiHash(tls.cert)
    await this.publishAndTell()
  }

  /**
   * A peer knows this version of our document: where it is later than ours, the next one is later still. The first that
   * it names in a run counts, so that it cannot have us say the same again and again; and every version is a statement of
   * a log of ours, so that there were never more than those have leaves, with the one that the peer mirrors to its `size`.
   */
  async catchUp(
    peer: string,
    { version, size }: { readonly version: number; readonly size: number },
    { publish }: { readonly publish: boolean },
  ): Promise<void> {
    if (this.#known.has(peer)) return
    this.#known.set(peer, 0)
    const logs = await this.#deps.store.get<{ leaves: number }>(LEAVES_SQL, SELF)
    if (version > size + (logs?.leaves ?? 0)) return
    const isLatest = this.#latestKnown() < version
    this.#known.set(peer, version)
    if (publish && isLatest) await this.publishAndTell()
  }

  [Symbol.dispose](): void {
    this.#looking?.[Symbol.dispose]()
  }

  #keysNow(): Promise<ShownKeys> {
    const { clock, identity, seeds, store } = this.#deps
    return keysToShow(store, { member: identity.member, origin: identity.origin, seeds }, clock.nowMs())
  }

  async #publishNow(): Promise<boolean> {
    const { clock, store } = this.#deps
    this.#shown = await this.#keysNow()
    const bytes = await loadOwnDocument(store)
    const previous = bytes === undefined ? undefined : parseNodeDocument(bytes)
    const before = previous?.ok === true ? previous.document : undefined
    const document = await this.#documentAfter(before, this.#shown)
    const due = before?.version !== document.version && store.status().frozen === undefined && !(await this.#hasLeft())
    if (due) await store.write(publishDocument, { bytes: encodeOwnDocument(document) })
    await store.write(keepDocumentHead, null)
    this.#looking?.[Symbol.dispose]()
    if (this.#shown.rotating) this.#looking = clock.after(LIMITS.rotationLookMs, () => this.publishSoon())
    return due
  }

  async #hasLeft(): Promise<boolean> {
    return (await this.#deps.store.get(LOG_END_SQL, OWN_LOG)) !== undefined
  }

  async #documentAfter(before: NodeDocument | undefined, keys: ShownKeys): Promise<NodeDocument> {
    const { clock, publicUrl, store } = this.#deps
    const { member, origin, names, kind, country, contact, recoveryHash } = this.#self
    const facts = {
      member,
      origin,
      names,
      kind,
      ...(country === undefined ? {} : { country }),
      ...(contact === undefined ? {} : { contact }),
      ...(recoveryHash === undefined ? {} : { recovery: recoveryHash }),
      publicUrl,
      tls: this.#tlsHash === undefined ? [] : [this.#tlsHash],
      keys,
      earlier: await earlierLogs(store),
    }
    const built = currentDocument(facts, before, clock.nowMs())
    const known = Math.max(this.#latestKnown(), before?.log.origin === origin ? 0 : await this.#endedLeaves())
    return known > (before?.version ?? 0) ? { ...built, version: known + 1 } : built
  }

  /** A log that follows begins above every version of those that ended, also those that were said after the backup. */
  async #endedLeaves(): Promise<number> {
    const ended = await this.#deps.store.get<{ leaves: number | null }>(`${LEAVES_SQL} AND l.id <> ?`, SELF, OWN_LOG)
    return ended?.leaves ?? 0
  }

  #latestKnown(): number {
    return Math.max(0, ...this.#known.values())
  }
}

/** A log that was ended at a head longer than what is here had as many. */
const LEAVES_SQL = `SELECT sum(max(l.size, coalesce(e.size, 0))) AS leaves FROM log l LEFT JOIN log_end e ON e.log = l.id
  WHERE l.member = ?`

/** The bytes of the document. Throws `conflict` before there is one. */
export async function requireOwnDocument(reader: Reader): Promise<Uint8Array> {
  const bytes = await loadOwnDocument(reader)
  if (bytes !== undefined) return bytes
  throw new Fault('conflict', 'this node has not published its document yet', {
    remedy: 'It does so when it is started: comity serve.',
  })
}

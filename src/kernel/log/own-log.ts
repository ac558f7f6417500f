// This member's log, seen by the one writer: queue leaves while commands run, then write tiles, entries and the
// signed checkpoint in the same transaction, by compare-and-swap on the log's row (protocol section 3).
import { Fault } from '../fault.ts'
import type { LoggedStatement, NewStatement, Tx } from '../store/types.ts'
import { HEADS_KIND } from '../stream-heads.ts'
import { openCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.ts'
import type { HeadFile } from './head-file.ts'
import type { LogKeys } from '../key-file.ts'
import { noteVerifier } from '../note-verifier.ts'
import type { NoteSigner, NoteVerifier } from '../note.ts'
import { inOverlap, readLogKeys, setLogKeys } from './key-history.ts'
import { EMPTY_ROOT, hashLeaf } from './merkle.ts'
import { LOG_END_KIND, LOG_END_SQL } from './log-end.ts'
import { bundlePrefix, encodeBundle, TILE_WIDTH } from './tile.ts'
import { storeStatement, type HeldParts } from './statement-store.ts'
import { OWN_LOG, putEntries, putTile, readEntries, tileReader } from './tile-store.ts'
import { appendLeaves, treeRoot } from './tree.ts'

type Sql = Pick<Tx, 'run' | 'get' | 'all'>

export type OwnLogOptions = {
  readonly member: string
  readonly origin: string
  readonly keys: LogKeys
  /** Keys on their way out: they sign as well until the overlap ends, which begins when the new ones are announced. */
  readonly outgoing?: { readonly keys: LogKeys; readonly overlapMs: number } | undefined
  readonly head: HeadFile
  readonly nowMs: () => number
}

export class OwnLog {
  readonly #options: OwnLogOptions
  #size = 0
  #pending: Uint8Array[] = []
  #checkpoint: Uint8Array | undefined
  #published: Uint8Array | undefined
  #frozen: string | undefined
  /** Where this log says that it ends. */
  #end: number | undefined

  constructor(options: OwnLogOptions) {
    this.#options = options
  }

  /** Why nothing may be signed, or undefined. */
  get frozen(): string | undefined {
    return this.#frozen
  }

  /** Creates the log's row on first use and holds the database against the `head` file. */
  open(sql: Sql): void {
    const { member, origin, head } = this.#options
    sql.run('INSERT INTO member (id, name) VALUES (1, ?) ON CONFLICT (id) DO NOTHING', member)
    sql.run(
      'INSERT INTO log (id, member, origin, size, root) VALUES (?, 1, ?, 0, ?) ON CONFLICT (id) DO NOTHING',
      OWN_LOG,
      origin,
      EMPTY_ROOT,
    )
    this.reload(sql)
    const stored = sql.get<{ name: string; origin: string }>(
      'SELECT m.name, l.origin FROM log l JOIN member m ON m.id = l.member WHERE l.id = ?',
      OWN_LOG,
    )
    if (stored?.origin !== origin || stored.name !== member)
      throw new Fault('config.invalid', `the data folder belongs to ${stored?.name}, the keys to ${member}`, {
        remedy: 'Use the keys that belong to this data folder.',
      })
    this.#demandOwnKeys(sql)
    this.#frozen = this.#compareHead(sql, head.read())
    if (this.#frozen === undefined) this.publishHead()
  }

  /** Takes size and checkpoint from the database again, after a transaction that did not commit. */
  reload(sql: Sql): void {
    const row = sql.get<{ size: number; checkpoint: Uint8Array | null }>(
      'SELECT size, checkpoint FROM log WHERE id = ?',
      OWN_LOG,
    )
    this.#size = row?.size ?? 0
    this.#checkpoint = row?.checkpoint ?? undefined
    this.#pending = []
    this.#end = sql.get<{ idx: number }>(LOG_END_SQL, OWN_LOG)?.idx
  }

  mark(): number {
    return this.#pending.length
  }

  rollback(mark: number): void {
    this.#pending.length = mark
    if (this.#end !== undefined && this.#end >= this.#size + mark) this.#end = undefined
  }

  append(sql: Sql, statement: NewStatement, seq: number): LoggedStatement {
    // Before all else: what is kept until signing goes on would be kept for ever.
    if (this.#end !== undefined && statement.kind !== HEADS_KIND)
      throw new Fault('conflict', 'this member has left: its log has ended, and nothing more is said in it')
    if (this.#frozen !== undefined)
      throw new Fault('node.restored', this.#frozen, {
        remedy: 'Reading goes on. See docs/operating/restore.md for how to resume.',
      })
    const index = this.#size + this.#pending.length
    storeStatement(sql, {
      ...statement,
      log: OWN_LOG,
      index,
      seq,
      parts: partsOf(statement),
      named: statement.audience?.members ?? [],
    })
    this.#pending.push(statement.sealed.entry)
    if (statement.kind === LOG_END_KIND) this.#end = index
    return {
      seq,
      index,
      kind: statement.kind,
      labelClass: statement.labelClass,
      collection: statement.collection,
      contextClass: statement.context === undefined ? null : (statement.contextClass ?? null),
      named: statement.audience?.members ?? [],
      about: statement.about ?? null,
      bytes: [...statement.items, ...(statement.context ?? [])].reduce((sum, item) => sum + item.length, 0),
    }
  }

  /** Writes what is queued and signs the new head, all inside the caller's transaction. */
  seal(sql: Sql): Checkpoint | undefined {
    if (this.#pending.length === 0) return undefined
    const from = this.#size
    const grown = appendLeaves({ size: from, readTile: tileReader(sql, OWN_LOG) }, this.#pending.map(hashLeaf))
    for (const tile of grown.tiles) putTile(sql, OWN_LOG, tile)
    appendEntries(sql, OWN_LOG, from, this.#pending)
    const checkpoint = { origin: this.#options.origin, size: grown.size, root: grown.root }
    const note = signCheckpoint(checkpoint, this.#signers(sql))
    const swapped = sql.run(
      'UPDATE log SET size = ?, root = ?, checkpoint = ? WHERE id = ? AND size = ?',
      grown.size,
      grown.root,
      note,
      OWN_LOG,
      from,
    )
    if (swapped !== 1) throw new Fault('log.fork', 'another process has grown this log; nothing was signed')
    this.#size = grown.size
    this.#checkpoint = note
    this.#pending = []
    return checkpoint
  }

  /** After the commit: the same checkpoint into the `head` file. Does nothing where it is there already. */
  publishHead(): void {
    if (this.#checkpoint === undefined || this.#checkpoint === this.#published || this.#frozen !== undefined) return
    this.#options.head.write(this.#checkpoint)
    this.#published = this.#checkpoint
  }

  /** The keys must be those this log is known by, or follow on them. The first that sign are. */
  #demandOwnKeys(sql: Sql): void {
    const { keys, outgoing, nowMs } = this.#options
    const known = readLogKeys(sql, OWN_LOG).filter(({ untilSize }) => untilSize === null)
    if (known.length === 0) return setLogKeys(sql, OWN_LOG, { vkeys: keys.vkeys, index: -1, nowMs: nowMs() })
    const ours = new Set([...keys.vkeys, ...(outgoing?.keys.vkeys ?? [])])
    if (!known.some(({ vkey }) => ours.has(vkey)))
      throw new Fault('config.invalid', 'the keys do not belong to this data folder', {
        remedy: 'Put back the keys that were made with it. Where they are lost or stolen: docs/operating/keys.md',
      })
  }

  /** Whatever key of ours signed the file: it lies on our own disk, and is only held against the database. */
  #verifiers(sql: Sql): NoteVerifier[] {
    const vkeys = [...readLogKeys(sql, OWN_LOG).map(({ vkey }) => vkey), ...this.#options.keys.vkeys]
    return [...new Set(vkeys)].map((vkey) => noteVerifier(vkey))
  }

  #signers(sql: Sql): readonly NoteSigner[] {
    const { keys, outgoing, nowMs } = this.#options
    if (outgoing === undefined) return keys.signers
    const still = inOverlap(readLogKeys(sql, OWN_LOG), keys.vkeys, outgoing.overlapMs, nowMs())
    return still ? [...keys.signers, ...outgoing.keys.signers] : keys.signers
  }

  /** Behind and consistent, or missing: fine. Ahead or contradicting: the database was rolled back or replaced. */
  #compareHead(sql: Sql, bytes: Uint8Array | undefined): string | undefined {
    const meta = sql.get<{ restored: number | null; conflict: string | null }>(
      'SELECT restored_ms AS restored, conflict FROM meta',
    )
    if (meta !== undefined && meta.conflict !== null) return meta.conflict
    if (meta !== undefined && meta.restored !== null)
      return 'this data was restored from a backup: what was said since then may be missing, so nothing is signed'
    if (bytes === undefined) return undefined
    const opened = openCheckpoint(bytes, this.#verifiers(sql))
    if (!opened.ok || opened.checkpoint.origin !== this.#options.origin)
      return 'the file “head” is damaged or belongs to another log, so nothing is signed'
    const head = opened.checkpoint
    if (head.size > this.#size)
      return `the database ends at ${this.#size} statements but ${head.size} were signed: it was rolled back, so nothing is signed`
    const root = treeRoot(head.size, tileReader(sql, OWN_LOG))
    if (Buffer.compare(root, head.root) !== 0)
      return 'the database contradicts the last checkpoint that was signed, so nothing is signed'
    return undefined
  }
}

/** What our own statement consists of: everything, each list whole. */
function partsOf({ sealed, header, items, context, audience }: NewStatement): HeldParts {
  const { entrySalt, partCommits, headerSalt, contentSeed, contextSeed, audienceSalt } = sealed
  return {
    entrySalt,
    partCommits,
    header: { salt: headerSalt, bytes: header },
    content: { seed: contentSeed, items },
    ...(context === undefined || contextSeed === undefined ? {} : { context: { seed: contextSeed, items: context } }),
    ...(audience === undefined || audienceSalt === undefined
      ? {}
      : { audience: { salt: audienceSalt, bytes: audience.bytes } }),
  }
}

/** Puts entries behind the first `from` of a log's bundles, filling the last one first; what lay there before goes. */
export function appendEntries(sql: Sql, log: number, from: number, entries: readonly Uint8Array[]): void {
  for (let done = 0; done < entries.length;) {
    const index = from + done
    const n = Math.floor(index / TILE_WIDTH)
    const room = TILE_WIDTH - (index % TILE_WIDTH)
    const fresh = encodeBundle(entries.slice(done, done + room))
    const kept = bundlePrefix(readEntries(sql, log, n) ?? new Uint8Array(0), index % TILE_WIDTH)
    putEntries(sql, log, n, Buffer.concat([kept, fresh]))
    done += room
  }
}

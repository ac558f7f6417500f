// What must hold in a world at every moment, computed from the stored bytes by means of its own: each log only grows and
// is signed for what it holds, mirrors are prefixes of what their authors wrote, and every statement is the one its
// leaf commits to.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { openCheckpoint, type OpenedCheckpoint } from '#kernel/log/checkpoint.ts'
import { logKeys, type LogKeys, type Seeds } from '#kernel/key-file.ts'
import { itemsOf } from '#kernel/list-part.ts'
import { loadParts } from '#kernel/log/statement-store.ts'
import { Memo, ObjectMemo } from '#kernel/memo.ts'
import { verifyStatement } from '#kernel/statement.ts'
import type { World, WorldMember } from './world.ts'

type LogRow = { id: number; origin: string; size: number; root: Uint8Array }
type StatementRow = { seq: number; log: number; idx: number }

/** What a member holds at one moment: its logs, and the statements that are new since the last look. */
type Holding = {
  readonly member: WorldMember
  readonly logs: readonly LogRow[]
  readonly statements: readonly StatementRow[]
}

/** What an author's log was seen to hold: its entries and the root after each of them. */
type History = { readonly entries: Buffer[]; readonly roots: Buffer[]; readonly peaks: Buffer[][] }

/** Called for every statement that is new at a member: `items` are the bytes it holds of it. */
export type SeeStatement = (holder: string, origin: string, items: readonly Uint8Array[]) => void

export class Check {
  readonly #world: World
  readonly #see: SeeStatement
  #histories = new Map<string, History>()
  /** `member origin`: up to where leaves were looked at. */
  #seen = new Map<string, number>()
  /** Whose log an origin names, by its keys: a member that recovered has had more than one. */
  readonly #authors = new Map<string, Seeds['log']>()
  /** By member, the last statement that was looked at. */
  #read = new Map<string, number>()
  /** Origins whose author shows two histories: each of their mirrors is held against itself alone. */
  readonly #forked = new Set<string>()
  #steps = 0

  constructor(world: World, see: SeeStatement = () => {}) {
    this.#world = world
    this.#see = see
  }

  /** Looks at what is new; every 500 times at everything, from nothing. */
  async step(): Promise<void> {
    this.#steps += 1
    if (this.#steps % 500 === 0) return this.everything()
    for (const { identity, seeds } of this.#world.members.values()) this.#authors.set(identity.origin, seeds.log)
    const holdings = await Promise.all([...this.#world.members.values()].map((member) => this.#holding(member)))
    // Every author's own log first: what a mirror holds is held against it.
    for (const own of [true, false])
      for (const { member, logs } of holdings)
        for (const log of logs) if (wrote(member, log) === own) await this.#log(member, log)
    for (const holding of holdings) await this.#statements(holding)
  }

  async #holding(member: WorldMember): Promise<Holding> {
    const sql = 'SELECT seq, log, idx FROM statement WHERE seq > ? ORDER BY seq'
    const [statements, logs] = await Promise.all([
      member.store.all<StatementRow>(sql, this.#read.get(member.name) ?? 0),
      member.store.all<LogRow>('SELECT id, origin, size, root FROM log'),
    ])
    return { member, logs, statements }
  }

  async everything(): Promise<void> {
    this.#histories = new Map()
    this.#seen = new Map()
    this.#read = new Map()
    this.#steps = 0
    await this.step()
  }

  /** From now on a log of this origin may be another one at each member. */
  expectFork(origin: string): void {
    this.#forked.add(origin)
    for (const key of this.#seen.keys()) if (key.endsWith(` ${origin}`)) this.#seen.delete(key)
  }

  /** A member begins again from a backup: its own log, and all it mirrors, may be shorter than they were. */
  expectShorter(member: string, origin: string): void {
    for (const key of this.#seen.keys()) if (key.startsWith(`${member} `)) this.#seen.delete(key)
    this.#read.delete(member)
    this.#histories.delete(origin)
    for (const key of this.#seen.keys()) if (key.endsWith(` ${origin}`)) this.#seen.delete(key)
  }

  #historyOf(holder: string, origin: string): History {
    const key = this.#forked.has(origin) ? `${holder} ${origin}` : origin
    const history = this.#histories.get(key) ?? { entries: [], roots: [], peaks: [[]] }
    this.#histories.set(key, history)
    return history
  }

  async #log(member: WorldMember, row: LogRow): Promise<void> {
    const key = `${member.name} ${row.origin}`
    const seen = this.#seen.get(key) ?? 0
    assert.ok(row.size >= seen, `${key} shrank`)
    if (row.size === seen) return
    const history = this.#historyOf(member.name, row.origin)
    const own = wrote(member, row) || this.#forked.has(row.origin)
    await this.#leaves({ member, row, from: seen, history, own })
    assert.ok(history.roots[row.size - 1]?.equals(row.root), `${key} has a root that its entries do not have`)
    await this.#head(member, row)
    this.#seen.set(key, row.size)
  }

  async #leaves(log: {
    readonly member: WorldMember
    readonly row: LogRow
    readonly from: number
    readonly history: History
    readonly own: boolean
  }): Promise<void> {
    const { member, row, from, history, own } = log
    const bundles = await member.store.all<{ n: number; bytes: Uint8Array }>(
      'SELECT n, bytes FROM log_entries WHERE log = ? AND n >= ? ORDER BY n',
      row.id,
      Math.floor(from / 256),
    )
    for (const { n, bytes } of bundles)
      for (const [i, entry] of split(bytes).entries()) {
        const index = n * 256 + i
        if (index >= row.size) break
        const known = history.entries[index]
        if (known !== undefined)
          assert.ok(known.equals(entry), `${member.name} has another leaf ${index} of ${row.origin}`)
        else if (own) grow(history, entry)
        else assert.fail(`${member.name} has leaf ${index} of ${row.origin}, which its author never wrote`)
      }
    assert.ok(history.entries.length >= row.size, `${member.name} lacks leaves of ${row.origin}`)
  }

  async #head(holder: WorldMember, { id, origin }: LogRow): Promise<void> {
    const author = this.#authors.get(origin)
    const row = await holder.store.get<{ size: number; root: Uint8Array; checkpoint: Uint8Array }>(
      'SELECT size, root, checkpoint FROM log WHERE id = ? AND checkpoint IS NOT NULL',
      id,
    )
    assert.ok(author !== undefined && row !== undefined)
    const { verifiers } = KEYS.of(author, () => logKeys(origin, author))
    const opened = HEADS.of(signedPart(row.checkpoint, origin), () => openCheckpoint(row.checkpoint, verifiers))
    assert.ok(opened.ok, opened.ok ? '' : opened.reason)
    assert.equal(opened.checkpoint.size, row.size)
    assert.deepEqual(Buffer.from(opened.checkpoint.root), Buffer.from(row.root))
  }

  /** The leaf of a statement. Of a log with two histories it may be one that somebody else proved. */
  async #entryOf(
    member: WorldMember,
    { seq, origin, idx }: { readonly seq: number; readonly origin: string; readonly idx: number },
  ): Promise<Uint8Array> {
    const leaf = this.#historyOf(member.name, origin).entries[idx] ?? new Uint8Array(0)
    if (!this.#forked.has(origin)) return leaf
    const brought = await member.store.get<{ entry: Uint8Array }>('SELECT entry FROM via WHERE statement = ?', seq)
    return brought?.entry ?? leaf
  }

  /** Holds every new statement against its leaf. */
  async #statements({ member, logs, statements }: Holding): Promise<void> {
    const origins = new Map(logs.map(({ id, origin }) => [id, origin]))
    for (const { seq, log, idx } of statements) {
      this.#read.set(member.name, seq)
      const parts = await loadParts(member.store, seq)
      if (parts === undefined) continue
      const origin = origins.get(log) ?? ''
      const entry = await this.#entryOf(member, { seq, origin, idx })
      const verdict = verifyStatement({ entry, ...parts })
      assert.ok(verdict.ok, `${member.name}, ${origin} ${idx}: ${verdict.ok ? '' : verdict.reason}`)
      this.#see(
        member.identity.member,
        origin,
        itemsOf(parts.content).map(({ bytes }) => bytes),
      )
    }
  }
}

/** Keys are made once for each member, and each head is verified once, whoever else mirrors it: that takes the longest. */
const KEYS = new ObjectMemo<Seeds['log'], LogKeys>()
const HEADS = new Memo<OpenedCheckpoint>(1000)

/** Whether a log is a member's own: the one it has, or one that it ended. */
function wrote({ identity: { member } }: WorldMember, { origin }: LogRow): boolean {
  return origin === `${member}/log` || origin.startsWith(`${member}/log/`)
}

/** A head with its log's own lines alone: what the mirrors of one head have in common. */
function signedPart(checkpoint: Uint8Array, origin: string): string {
  const [text = '', lines = ''] = Buffer.from(checkpoint).toString().split('\n\n')
  const own = lines.split('\n').filter((line) => line.startsWith(`— ${origin} `))
  return [text, ...own].join('\n')
}

function split(bundle: Uint8Array): Buffer[] {
  const bytes = Buffer.from(bundle)
  const entries: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at)
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  return entries
}

/** RFC 6962 section 2.1, written down again: peaks of complete subtrees, folded from the right. */
function grow(history: History, entry: Buffer): void {
  const peaks = [...(history.peaks.pop() ?? [])]
  let hash = sha256(0, entry)
  for (let rest = history.entries.length; rest % 2 === 1; rest = (rest - 1) / 2)
    hash = sha256(1, peaks.pop() as Buffer, hash)
  peaks.push(hash)
  history.entries.push(entry)
  history.roots.push(peaks.reduceRight((right, left) => sha256(1, left, right)))
  history.peaks.push(peaks)
}

function sha256(prefix: number, ...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256').update(Uint8Array.of(prefix))
  for (const part of parts) hash.update(part)
  return hash.digest()
}

// Bytes exchanged with each peer today, both ways, as they went over the line; and whether that is as many as people
// allowed. A budget holds back what is large, until midnight UTC; what is small still goes.
import { audit } from '#kernel/audit.ts'
import type { Clock } from '#kernel/clock.ts'
import { command, type Store } from '#kernel/store/types.ts'
import { noPeer } from './peer-standing.ts'

const DAY_MS = 24 * 3600 * 1000
/** Counts are written down this often; a crash forgets what came since. */
const FLUSH_MS = 5000
const DAYS_KEPT = 31

type Counted = { readonly name: string; readonly day: number; readonly bytes: number }

export const noteTraffic = command('federation.note-traffic', (tx, counted: readonly Counted[]): void => {
  for (const { name, day, bytes } of counted)
    tx.run(
      `INSERT INTO peer_traffic (name, day, bytes) VALUES (?, ?, ?)
       ON CONFLICT (name, day) DO UPDATE SET bytes = bytes + excluded.bytes`,
      name,
      day,
      bytes,
    )
  tx.run('DELETE FROM peer_traffic WHERE day < ?', Math.floor(tx.nowMs / DAY_MS) - DAYS_KEPT)
})

export const setBudget = command(
  'federation.set-budget',
  (tx, input: { readonly actor: string; readonly name: string; readonly bytes: number | null }): void => {
    if (tx.run('UPDATE peer SET budget_bytes = ? WHERE name = ?', input.bytes, input.name) !== 1)
      throw noPeer(input.name)
    audit(tx, { actor: input.actor, action: 'peer.budget', subject: input.name, detail: { bytes: input.bytes } })
    tx.emit({ name: 'federation.peers' })
  },
)

export type Budget = { readonly bytes: number; readonly used: number; readonly resetsMs: number }

export class Traffic implements AsyncDisposable {
  readonly #usual: number | undefined
  readonly #store: Store
  readonly #clock: Clock
  #pending = new Map<string, Counted>()
  #flushing: readonly Counted[] = []
  #timer: Disposable | undefined
  #closed = false

  /** `usual` is the budget of a peer that has none of its own. */
  constructor(store: Store, clock: Clock, usual: number | undefined) {
    this.#usual = usual
    this.#store = store
    this.#clock = clock
  }

  /** Bytes went to a peer or came from it. */
  add(name: string, bytes: number): void {
    this.#hold({ name, day: this.#today(), bytes })
  }

  /** Keeps a count until it is written down. */
  #hold({ name, day, bytes }: Counted): void {
    const key = `${name} ${day}`
    this.#pending.set(key, { name, day, bytes: (this.#pending.get(key)?.bytes ?? 0) + bytes })
    if (!this.#closed) this.#timer ??= this.#clock.after(FLUSH_MS, () => void this.#flush())
  }

  /** What a peer's budget is and how much of it is used; undefined where it has none. */
  async budgetOf(name: string): Promise<Budget | undefined> {
    const day = this.#today()
    const row = await this.#store.get<{ budget: number | null; used: number }>(
      `SELECT budget_bytes AS budget, coalesce((SELECT bytes FROM peer_traffic t WHERE t.name = p.name AND day = ?), 0) AS used
       FROM peer p WHERE name = ?`,
      day,
      name,
    )
    const bytes = row?.budget ?? this.#usual
    if (row === undefined || bytes === undefined) return undefined
    const unwritten = [...this.#pending.values(), ...this.#flushing].filter(
      (each) => each.name === name && each.day === day,
    )
    const used = unwritten.reduce((sum, { bytes }) => sum + bytes, row.used)
    return { bytes, used, resetsMs: (day + 1) * DAY_MS }
  }

  async isSpent(name: string): Promise<boolean> {
    const budget = await this.budgetOf(name)
    return budget !== undefined && budget.used >= budget.bytes
  }

  #today(): number {
    return Math.floor(this.#clock.nowMs() / DAY_MS)
  }

  /** Never throws: what could not be written down is with the next. */
  async #flush(): Promise<void> {
    this.#timer = undefined
    if (this.#pending.size === 0) return
    const counted = [...this.#pending.values()]
    this.#flushing = counted
    this.#pending = new Map()
    const isWritten = await this.#store.write(noteTraffic, counted).then(
      () => true,
      () => false,
    )
    this.#flushing = []
    if (!isWritten) for (const each of counted) this.#hold(each)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#timer?.[Symbol.dispose]()
    await this.#flush()
  }
}

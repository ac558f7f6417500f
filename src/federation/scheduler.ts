// When to ask whom: each approved peer now and then, at once after a hint, ever more rarely while it does not answer.
// There is no queue of anything: a peer that is gone for a year costs one timer.
import { msLeft, type Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { backoffMs } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Peer } from './peers.ts'
import type { RoundResult } from './pull.ts'

type Turn = {
  peer: Peer
  failures: number
  /** When the last round began. */
  begunMs: number
  /** Whether it was reached since this node started, and so was told where this node is. */
  greeted: boolean
  running: Promise<RoundResult> | undefined
  again: boolean
  timer: Disposable | undefined
  hintTimer: Disposable | undefined
  lastHintMs: number
}

export type SchedulerOptions = {
  readonly clock: Clock
  /** 0 to 1. */
  readonly jitter: () => number
  readonly everyMs: number
  readonly pull: (name: string) => Promise<RoundResult>
  readonly hint: (peer: Peer) => Promise<void>
  readonly onError: (name: string, error: unknown) => void
}

export class Scheduler implements AsyncDisposable {
  readonly #options: SchedulerOptions
  readonly #turns = new Map<string, Turn>()
  #started = false
  #closed = false

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  setPeers(peers: readonly Peer[]): void {
    const names = new Set(peers.map((peer) => peer.name))
    for (const [name, turn] of this.#turns)
      if (!names.has(name)) {
        this.#stop(turn)
        this.#turns.delete(name)
      }
    for (const peer of peers) {
      const known = this.#turns.get(peer.name)
      if (known !== undefined) known.peer = peer
      else
        this.#turns.set(peer.name, {
          peer,
          failures: 0,
          begunMs: Number.NEGATIVE_INFINITY,
          greeted: false,
          running: undefined,
          again: false,
          timer: undefined,
          hintTimer: undefined,
          lastHintMs: 0,
        })
      if (known === undefined && this.#started) this.pullSoon(peer.name)
    }
  }

  start(): void {
    this.#started = true
    for (const name of this.#turns.keys()) this.pullSoon(name)
  }

  /** A round now; joins the one that runs. */
  pullNow(name: string): Promise<RoundResult> {
    const turn = this.#turns.get(name)
    if (turn === undefined) return this.#options.pull(name)
    turn.running ??= this.#run(name, turn)
    return turn.running
  }

  /** A round of another kind, when the one that runs is over; none with the same peer begins meanwhile. */
  async instead(name: string, round: () => Promise<RoundResult>): Promise<RoundResult> {
    const turn = this.#turns.get(name)
    if (turn === undefined) return round()
    while (turn.running !== undefined) await turn.running.catch(() => {})
    turn.running = round().finally(() => {
      turn.running = undefined
    })
    return turn.running
  }

  /** A round as soon as possible, and one more where one runs already. */
  pullSoon(name: string): void {
    const turn = this.#turns.get(name)
    if (turn === undefined || this.#closed || !this.#started) return
    if (turn.running !== undefined) turn.again = true
    else this.pullNow(name).catch(() => {})
  }

  /** Somebody else says that a peer has news: looked into now and then, and never before its turn where it fails. */
  pullOnHearsay(name: string): void {
    const turn = this.#turns.get(name)
    if (turn === undefined || turn.failures > 0) return
    if (this.#options.clock.nowMs() >= turn.begunMs + LIMITS.gossipIntervalMs) this.pullSoon(name)
  }

  /** Tells a peer there is news: at once, then at most once a second. Lost hints are no loss. */
  hintSoon(name: string): void {
    const turn = this.#turns.get(name)
    if (turn === undefined || this.#closed || !this.#started || turn.hintTimer !== undefined) return
    const { clock } = this.#options
    const waitMs = msLeft(turn.lastHintMs, LIMITS.hintIntervalMs, clock.nowMs())
    const send = (): void => {
      turn.hintTimer = undefined
      turn.lastHintMs = clock.nowMs()
      this.#options.hint(turn.peer).catch((error: unknown) => this.#options.onError(name, error))
    }
    if (waitMs === 0) send()
    else turn.hintTimer = clock.after(waitMs, send)
  }

  hintAll(): void {
    for (const name of this.#turns.keys()) this.hintSoon(name)
  }

  /** Tells every peer that has not been told since then, as far as a clock that may have been set back knows. */
  hintUnlessSince(ms: number): void {
    const nowMs = this.#options.clock.nowMs()
    for (const [name, { lastHintMs }] of this.#turns) if (lastHintMs < ms || lastHintMs > nowMs) this.hintSoon(name)
  }

  async #run(name: string, turn: Turn): Promise<RoundResult> {
    turn.timer?.[Symbol.dispose]()
    turn.begunMs = this.#options.clock.nowMs()
    let askedMs = 0
    try {
      const result = await this.#options.pull(name)
      if (!turn.greeted || turn.failures > 0) this.hintSoon(name)
      turn.greeted = true
      turn.failures = 0
      return result
    } catch (error) {
      turn.failures += 1
      askedMs = ((error instanceof Fault ? error.retryAfterSeconds : undefined) ?? 0) * 1000
      if (!this.#closed) this.#options.onError(name, error)
      throw error
    } finally {
      turn.running = undefined
      this.#next(name, turn, askedMs)
    }
  }

  /** `askedMs` is how long the peer asked to be left alone. Its own word that there is news comes before all waiting. */
  #next(name: string, turn: Turn, askedMs: number): void {
    if (this.#closed || !this.#started || this.#turns.get(name) !== turn) return
    const { everyMs, jitter } = this.#options
    const againMs = turn.failures === 0 ? 0 : LIMITS.hintIntervalMs
    const waitMs = Math.min(LIMITS.jobBackoffMaxMs, Math.max(askedMs, pullDelayMs(everyMs, turn.failures, jitter())))
    const delayMs = turn.again ? againMs : waitMs
    turn.again = false
    turn.timer = this.#options.clock.after(delayMs, () => this.pullSoon(name))
  }

  #stop(turn: Turn): void {
    turn.timer?.[Symbol.dispose]()
    turn.hintTimer?.[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const running = [...this.#turns.values()].map((turn) => turn.running?.catch(() => {}))
    for (const turn of this.#turns.values()) this.#stop(turn)
    await Promise.all(running)
  }
}

/** How long a peer that does not answer is left alone: doubling from the usual interval to an hour. */
export function pullDelayMs(everyMs: number, failures: number, jitter: number): number {
  if (failures === 0) return Math.round(everyMs * (0.75 + jitter / 2))
  return Math.min(LIMITS.jobBackoffMaxMs, Math.max(everyMs, backoffMs(failures, jitter)))
}

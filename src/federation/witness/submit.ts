// Witnesses beyond the peers: those that the trust policy names with an address are sent each new head
// (c2sp.org/tlog-witness, add-checkpoint). Publication never waits for them; one that does not answer is asked again,
// ever more rarely, and holds up no other.
import type { Logger } from 'pino'
import { recordDeed } from '#kernel/audit.ts'
import { msUntil, type Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundResponse } from '#kernel/http/outbound.ts'
import { backoffMs } from '#kernel/job.ts'
import { parseSize } from '#kernel/log/checkpoint.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { storedConsistencyProof } from '#kernel/log/stored-proof.ts'
import { parseNote } from '#kernel/note.ts'
import type { Store } from '#kernel/store/types.ts'
import { formatAddCheckpoint } from '#kernel/witness.ts'
import { witnessVkeys } from '../document.ts'
import { listPeers } from '../peers.ts'
import { loadHead } from '../serve.ts'
import { cosignatures } from './store.ts'
import { currentPolicy, keyNameOf, takeCosignatures } from './trust.ts'
import type { SilentWitness } from './wire.ts'

export type SubmitDeps = {
  readonly store: Store
  readonly outbound: Outbound
  readonly clock: Clock
  readonly origin: string
  /** 0 to 1. */
  readonly jitter: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/** New heads wait this long for more, so that a busy log does not ask for every batch. */
const GATHER_MS = 1000
const ANSWER_BYTES_MAX = 64 * 1024
const REASON_BYTES_MAX = 200

/** Why there was no line, how often in a row, since when, and for how long the witness is not asked. */
type Waiting = {
  readonly reason: string
  readonly failures: number
  readonly sinceMs: number
  readonly delayMs: number
}

type Place = { readonly url: string; readonly vkeys: readonly string[] }

export class Submitter implements Disposable {
  readonly #deps: SubmitDeps
  readonly #subscription: Disposable
  /** Witnesses that have seen another history of this log: each is told of once in a run. */
  readonly #alarmed = new Set<string>()
  /** By address, witnesses that gave no line when they were asked last. */
  readonly #waiting = new Map<string, Waiting>()
  #timer: { readonly dueMs: number; readonly handle: Disposable } | undefined
  #running = false
  #closed = false

  constructor(deps: SubmitDeps) {
    this.#deps = deps
    this.#subscription = deps.store.onCommit((events) => {
      const chosenAnew = events.some(({ name }) => name === 'federation.trust')
      if (chosenAnew) this.#waiting.clear()
      if (chosenAnew || events.some(({ name }) => name === 'log.grown')) this.#soon(GATHER_MS)
    })
  }

  start(): void {
    this.#soon(0)
  }

  /** Witnesses that were asked and gave no line, with the reason. */
  silent(): SilentWitness[] {
    return [...this.#waiting].map(([url, { reason }]) => ({ url, reason }))
  }

  /** Asks after this time, or before, where that was meant already. */
  #soon(delayMs: number): void {
    const dueMs = this.#deps.clock.nowMs() + delayMs
    if (this.#closed || (this.#timer !== undefined && this.#timer.dueMs <= dueMs)) return
    this.#timer?.handle[Symbol.dispose]()
    const handle = this.#deps.clock.after(delayMs, () => {
      this.#timer = undefined
      if (this.#running) this.#soon(GATHER_MS)
      else void this.#run()
    })
    this.#timer = { dueMs, handle }
  }

  async #run(): Promise<void> {
    this.#running = true
    const places = await placesOf(this.#deps.store).catch(() => [])
    const named = new Set(places.map(({ url }) => url))
    for (const url of this.#waiting.keys()) if (!named.has(url)) this.#waiting.delete(url)
    await Promise.all(places.filter(({ url }) => this.#msUntil(url) === 0).map((place) => this.#ask(place)))
    this.#running = false
    const nextMs = Math.min(...[...this.#waiting.keys()].map((url) => this.#msUntil(url)))
    if (Number.isFinite(nextMs)) this.#soon(nextMs)
  }

  #msUntil(url: string): number {
    const { sinceMs, delayMs } = this.#waiting.get(url) ?? { sinceMs: 0, delayMs: 0 }
    return msUntil(sinceMs, delayMs, this.#deps.clock.nowMs())
  }

  async #ask(place: Place): Promise<void> {
    const { clock, jitter, logger } = this.#deps
    try {
      await submit(this.#deps, place)
      this.#waiting.delete(place.url)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const failures = (this.#waiting.get(place.url)?.failures ?? 0) + 1
      this.#waiting.set(place.url, { reason, failures, sinceMs: clock.nowMs(), delayMs: backoffMs(failures, jitter()) })
      if (error instanceof Fault && error.code === 'log.fork') await this.#alarm(place.url, reason)
      else logger.info({ witness: place.url, reason }, 'a witness was not reached')
    }
  }

  /** A witness that nobody here runs speaks of heads that this node did not sign: people must know at once. */
  async #alarm(url: string, reason: string): Promise<void> {
    if (this.#alarmed.has(url)) return
    this.#alarmed.add(url)
    this.#deps.logger.warn({ witness: url, reason }, 'this log may have a second history')
    await this.#deps.store
      .write(recordDeed, {
        actor: `witness:${url}`,
        action: 'log.alarm',
        subject: this.#deps.origin,
        detail: { reason },
      })
      .catch(() => this.#alarmed.delete(url))
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#timer?.handle[Symbol.dispose]()
    this.#subscription[Symbol.dispose]()
  }
}

/** The addresses of the policy's witnesses that are no peers; those come and fetch by themselves. */
async function placesOf(store: Store): Promise<Place[]> {
  const { policy, own } = await currentPolicy(store)
  if (!own) return []
  const ofPeers = new Set((await listPeers(store)).flatMap(({ document }) => witnessVkeys(document)))
  const places = new Map<string, string[]>()
  for (const { url, vkey } of policy.witnesses)
    if (url !== undefined && !ofPeers.has(vkey)) places.set(url, [...(places.get(url) ?? []), vkey])
  return [...places].map(([url, vkeys]) => ({ url, vkeys }))
}

/** Sends the newest head to a witness and keeps its lines. Starts from what it is known to have seen, or from nothing. */
async function submit(deps: SubmitDeps, { url, vkeys }: Place): Promise<void> {
  const head = await loadHead(deps.store)
  if (head === undefined) return
  const known = new Map((await cosignatures(deps.store)).map((each) => [each.key, each.size]))
  const sizes = vkeys.map((vkey) => known.get(keyNameOf(vkey)) ?? 0)
  if (sizes.every((size) => size === head.size)) return
  const send = async (old: number): Promise<OutboundResponse> =>
    deps.outbound.request({
      url: `${url.replace(/\/$/, '')}/add-checkpoint`,
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: formatAddCheckpoint({
        old,
        proof: await storedConsistencyProof(deps.store, OWN_LOG, old, head.size),
        checkpoint: head.checkpoint,
      }),
      bodyBytesMax: ANSWER_BYTES_MAX,
    })
  let response = await send(Math.max(...sizes))
  if (response.status === 409) {
    const seen = sizeSeen(url, response)
    if (seen > head.size) return submitSince(deps, { url, vkeys }, { seen, from: head.size })
    response = await send(seen)
    // As tlog-witness had it before July 2026: another root for a size that it has seen.
    if (response.status === 409 && seen === head.size && sizeSeen(url, response) === seen) throw otherHistory(url)
  }
  if (response.status === 422) throw otherHistory(url)
  if (response.status !== 200) throw refused(url, response)
  const text = parseNote(head.checkpoint).text
  const note = Buffer.concat([Buffer.from(`${text}\n`), response.body])
  await takeCosignatures(deps.store, { origin: deps.origin, note, vkeys, witness: url })
}

/** The log may have grown, and somebody else have shown the witness its newer head, while it was asked about one of `from`. */
async function submitSince(
  deps: SubmitDeps,
  place: Place,
  { seen, from }: { readonly seen: number; readonly from: number },
): Promise<void> {
  const size = (await loadHead(deps.store))?.size ?? 0
  if (size > from && seen <= size) return submit(deps, place)
  throw new Fault('log.fork', `${place.url} has seen ${seen} statements of this log, which has ${size}`, {
    remedy: 'A copy of this node may be running, or it was restored from an old backup.',
  })
}

function sizeSeen(url: string, response: OutboundResponse): number {
  try {
    return parseSize(Buffer.from(response.body).toString('utf8').trim())
  } catch (error) {
    if (error instanceof Fault) throw refused(url, response)
    throw error
  }
}

function otherHistory(url: string): Fault {
  return new Fault('log.fork', `${url} has seen another history of this log, and cosigns no head of this one`, {
    remedy: 'A copy of this node may be running, or it was restored from an old backup.',
  })
}

/** With what it says about it, as far as that is a line of text. */
function refused(url: string, { status, body }: OutboundResponse): Fault {
  const [line = ''] = Buffer.from(body)
    .toString('utf8', 0, REASON_BYTES_MAX)
    .split(/[^\x20-\x7e]/, 1)
  return new Fault('peer.refused', `${url} answers ${status}${line.trim() === '' ? '' : `: ${line.trim()}`}`)
}

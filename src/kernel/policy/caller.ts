// Asks the policy thread: waiting, from inside the writer, which must not let go of its transaction; or not waiting, from
// everywhere else. The thread starts with the first question and ends when nobody has asked for a while. A question that
// is not answered in time is not answered at all, and the thread that was stuck with it is ended.
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { LIMITS } from '../limits.ts'
import type { Verdict } from './engine.ts'
import type { Answer, Numbered, Order } from './orders.ts'
import { NO_NAMES, type Checked } from './read-rules.ts'
import type { Ask } from './request.ts'
import { rulesId } from './system.ts'
import type { RuleFile } from './types.ts'

export type CallerOptions = {
  readonly deadlineMs?: number
  readonly idleMs?: number
  /** The thread's main module; tests give one that misbehaves. */
  readonly thread?: URL
}

type Running = {
  readonly worker: Worker
  readonly port: MessagePort
  readonly signal: Int32Array
  readonly waiting: Map<number, (answer: Answer) => void>
}

export class PolicyCaller implements Disposable {
  readonly #deadlineMs: number
  readonly #idleMs: number
  readonly #thread: URL
  #running: Running | undefined
  #idle: NodeJS.Timeout | undefined
  #last = 0

  constructor({ deadlineMs, idleMs, thread }: CallerOptions = {}) {
    this.#deadlineMs = deadlineMs ?? LIMITS.policyDeadlineMs
    this.#idleMs = idleMs ?? LIMITS.policyIdleMs
    this.#thread = thread ?? new URL('./policy-thread.ts', import.meta.url)
  }

  /** Verdicts in the order of the questions. Blocks the calling thread until they are there or time is up. */
  decideSync(files: readonly RuleFile[], asks: readonly Ask[]): Verdict[] {
    const rules = rulesId(files)
    return batchesOf(asks).flatMap((batch) => {
      const short = this.#callSync({ kind: 'decide', rules, asks: batch })
      if (short.kind !== 'text-please') return verdictsOf(short, batch)
      return verdictsOf(this.#callSync({ kind: 'decide', rules, files, asks: batch }), batch)
    })
  }

  async decide(files: readonly RuleFile[], asks: readonly Ask[]): Promise<Verdict[]> {
    const rules = rulesId(files)
    const verdicts: Verdict[] = []
    for (const batch of batchesOf(asks)) {
      const short = await this.#call({ kind: 'decide', rules, asks: batch })
      const answer =
        short.kind === 'text-please' ? await this.#call({ kind: 'decide', rules, files, asks: batch }) : short
      verdicts.push(...verdictsOf(answer, batch))
    }
    return verdicts
  }

  /** Has rules parsed before the first question about them comes. Waits for nothing. */
  prepare(files: readonly RuleFile[]): void {
    this.#post(this.#start(), { kind: 'hold', files })
  }

  checkSync(files: readonly RuleFile[]): Checked {
    return checkedOf(this.#callSync({ kind: 'check', files }), files)
  }

  async check(files: readonly RuleFile[]): Promise<Checked> {
    return checkedOf(await this.#call({ kind: 'check', files }), files)
  }

  #callSync(order: Order): Answer {
    const running = this.#start()
    const id = this.#post(running, order)
    const until = performance.now() + this.#deadlineMs
    for (;;) {
      const seen = Atomics.load(running.signal, 0)
      const message = receiveMessageOnPort(running.port) as { message: Numbered<Answer> } | undefined
      if (message?.message.id === id) return message.message.body
      if (message !== undefined) {
        settle(running, message.message)
        continue
      }
      const leftMs = until - performance.now()
      if (leftMs <= 0) return this.#giveUp()
      Atomics.wait(running.signal, 0, seen, leftMs)
    }
  }

  async #call(order: Order): Promise<Answer> {
    const running = this.#start()
    const { promise, resolve } = Promise.withResolvers<Answer>()
    running.waiting.set(this.#post(running, order), resolve)
    const timer = setTimeout(() => resolve(this.#giveUp(running)), this.#deadlineMs)
    running.port.ref()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      if (running.waiting.size === 0) running.port.unref()
    }
  }

  #post({ port }: Running, body: Order): number {
    this.#last += 1
    port.postMessage({ id: this.#last, body } satisfies Numbered<Order>)
    return this.#last
  }

  #giveUp(running = this.#running): Answer {
    const answer: Answer = { kind: 'failed', reason: `the policy thread gave no answer in ${this.#deadlineMs} ms` }
    if (running !== undefined && running === this.#running) this.#end(answer)
    return answer
  }

  #start(): Running {
    this.#idle ??= setTimeout(() => this.#rest(), this.#idleMs).unref()
    this.#idle.refresh()
    if (this.#running !== undefined) return this.#running
    const { port1, port2 } = new MessageChannel()
    const signal = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(this.#thread, { workerData: { port: port2, signal }, transferList: [port2] })
    const running: Running = { worker, port: port1, signal, waiting: new Map() }
    port1.on('message', (message: Numbered<Answer>) => settle(running, message))
    port1.unref()
    worker.unref()
    worker.on('error', (error) => this.#lost(running, String(error)))
    worker.on('exit', () => this.#lost(running, 'it ended'))
    this.#running = running
    return running
  }

  /** Nobody asked for a while; who still waits for an answer keeps the thread. */
  #rest(): void {
    if ((this.#running?.waiting.size ?? 0) > 0) this.#idle?.refresh()
    else this[Symbol.dispose]()
  }

  #lost(running: Running, reason: string): void {
    if (this.#running === running) this.#end({ kind: 'failed', reason: `the policy thread is gone: ${reason}` })
  }

  /** Lets the thread go; whoever still waits gets this answer. */
  #end(answer: Answer): void {
    const running = this.#running
    this.#running = undefined
    clearTimeout(this.#idle)
    this.#idle = undefined
    if (running === undefined) return
    for (const resolve of running.waiting.values()) resolve(answer)
    running.waiting.clear()
    running.port.close()
    void running.worker.terminate()
  }

  [Symbol.dispose](): void {
    this.#end({ kind: 'failed', reason: 'the policy thread was ended' })
  }
}

function settle({ waiting }: Running, { id, body }: Numbered<Answer>): void {
  waiting.get(id)?.(body)
  waiting.delete(id)
}

function batchesOf(asks: readonly Ask[]): Ask[][] {
  const batches = []
  for (let from = 0; from < asks.length; from += LIMITS.policyAsksMax)
    batches.push(asks.slice(from, from + LIMITS.policyAsksMax))
  return batches
}

/** One verdict for each question; where there was no answer, each is that there was none. */
function verdictsOf(answer: Answer, asks: readonly Ask[]): Verdict[] {
  if (answer.kind === 'decided' && answer.verdicts.length === asks.length) return [...answer.verdicts]
  const reason = answer.kind === 'failed' ? answer.reason : 'the policy thread answered something else'
  return asks.map(() => ({ ok: false, reason, unheard: true }))
}

function checkedOf(answer: Answer, files: readonly RuleFile[]): Checked {
  if (answer.kind === 'checked') return answer.checked
  const message = answer.kind === 'failed' ? answer.reason : 'the policy thread answered something else'
  const place = { file: files[0]?.name ?? '', line: 1, column: 1, excerpt: '', severity: 'error' as const }
  return { findings: [{ ...place, message, remedy: 'Write shorter and flatter rules.' }], rules: [], names: NO_NAMES }
}

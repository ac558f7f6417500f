// The door to storage for the rest of the program: a reader of committed state and a sequencer that groups
// commands for the one writer. While one group is being made durable the next one gathers, so a busy node
// commits large groups and an idle one answers at once.
import { Worker } from 'node:worker_threads'
import { Fault, faultFromData } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Connection } from './connection.ts'
import type { Command, Row, Store, StoreEvent, StoreStatus, Value, WriterSettings } from './types.ts'
import type { Call, GroupResult } from './writer-core.ts'

/** Executes groups one after the other, in this thread or another. */
export type GroupExecutor = {
  readonly execute: (calls: readonly Call[], transfer: readonly ArrayBuffer[]) => Promise<GroupResult>
  /** Why nothing may be signed at the start, or undefined. */
  readonly frozen: string | undefined
  readonly settings: WriterSettings
  readonly close: () => Promise<void>
}

type Waiting = {
  readonly call: Call
  readonly weight: number
  readonly transfer: readonly ArrayBuffer[]
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Fault) => void
}

/** Builds a store over a reader connection and whatever executes the groups. */
export function makeStore(reader: Connection, executor: GroupExecutor): Store {
  const queue: Waiting[] = []
  const listeners = new Set<(events: readonly StoreEvent[]) => void>()
  let running: Promise<void> | undefined
  let closed = false
  let frozen = executor.frozen

  const write = <I, O>(command: Command<I, O>, input: I, transfer: readonly ArrayBuffer[] = []): Promise<O> => {
    if (closed)
      return Promise.reject(new Fault('node.stopped', 'this node is shutting down', { remedy: 'Send it again later.' }))
    if (queue.length >= LIMITS.queueCommandsMax)
      return Promise.reject(
        new Fault('busy', 'too many changes wait to be written', { remedy: 'Send it again in a moment.' }),
      )
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    queue.push({ call: { name: command.name, input }, weight: command.weigh?.(input) ?? 1, transfer, resolve, reject })
    running ??= drain()
    return promise as Promise<O>
  }

  const drain = async (): Promise<void> => {
    await Promise.resolve()
    while (queue.length > 0) await runGroup(takeGroup(queue))
    running = undefined
  }

  const runGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const result = await executor.execute(
        group.map((waiting) => waiting.call),
        group.flatMap((waiting) => waiting.transfer),
      )
      frozen = result.frozen
      for (const [i, waiting] of group.entries()) settle(waiting, result.outcomes[i])
      if (result.events.length > 0) for (const listener of listeners) listener(result.events)
    } catch (error) {
      const fault = new Fault('storage.failed', 'the writer stopped; what was not acknowledged may be missing', {
        cause: error,
      })
      for (const waiting of group) waiting.reject(fault)
    }
  }

  return {
    all: async <T extends object = Row>(sql: string, ...values: Value[]) => reader.all<T>(sql, ...values),
    get: async <T extends object = Row>(sql: string, ...values: Value[]) => reader.get<T>(sql, ...values),
    write,
    onCommit: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    status: (): StoreStatus => ({ frozen, queued: queue.length, settings: executor.settings }),
    [Symbol.asyncDispose]: async () => {
      closed = true
      await running
      await executor.close()
      reader[Symbol.dispose]()
    },
  }
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let weight = 0
  let count = 0
  while (count < queue.length && count < LIMITS.groupCommandsMax) {
    weight += queue[count]?.weight ?? 0
    if (count > 0 && weight > LIMITS.groupRecordsMax) break
    count += 1
  }
  return queue.splice(0, count)
}

function settle(waiting: Waiting, outcome: GroupResult['outcomes'][number] | undefined): void {
  if (outcome === undefined) waiting.reject(new Fault('internal', 'the writer gave no answer'))
  else if (outcome.ok) waiting.resolve(outcome.value)
  else waiting.reject(faultFromData(outcome.fault))
}

/** Runs the writer in a thread of its own; `url` is the thread's main module, `options` its plain start data. */
export async function threadExecutor(url: URL, options: unknown): Promise<GroupExecutor> {
  const worker = new Worker(url, { workerData: options })
  const started = Promise.withResolvers<{ frozen: string | undefined; settings: WriterSettings }>()
  let current: PromiseWithResolvers<GroupResult> | undefined
  const fail = (error: Error): void => {
    started.reject(error)
    current?.reject(error)
  }
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'ready') started.resolve(message)
    else if (message.kind === 'failed') started.reject(faultFromData(message.fault))
    else current?.resolve(message.result)
  })
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`the writer thread ended with ${code}`)))
  const { frozen, settings } = await started.promise
  return {
    frozen,
    settings,
    execute: (calls, transfer) => {
      current = Promise.withResolvers<GroupResult>()
      worker.postMessage({ kind: 'execute', calls }, transfer)
      return current.promise
    },
    close: async () => {
      worker.removeAllListeners('exit')
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      worker.postMessage({ kind: 'close' })
      await exited
    },
  }
}

/** What the writer's thread says to the thread that started it. */
export type ThreadMessage =
  | { readonly kind: 'ready'; readonly frozen: string | undefined; readonly settings: WriterSettings }
  | { readonly kind: 'failed'; readonly fault: Parameters<typeof faultFromData>[0] }
  | { readonly kind: 'done'; readonly result: GroupResult }

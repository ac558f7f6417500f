// The policy thread: it alone loads Cedar, when something is first to be decided. Whatever rules do to it, the rest of the
// node goes on.
import { workerData } from 'node:worker_threads'
import { CedarEngine } from './engine.ts'
import type { Answer, Numbered, Order, ThreadStart } from './orders.ts'
import type { RuleFile } from './types.ts'

/** Sets of rules whose text is kept, to parse them again after an instance ended. */
const TEXTS_MAX = 16

const { port, signal } = workerData as ThreadStart
const engine = new CedarEngine()
const texts = new Map<string, readonly RuleFile[]>()

function answer(order: Order): Answer {
  if (order.kind === 'check') return { kind: 'checked', checked: engine.check(order.files) }
  const files = order.kind === 'hold' ? order.files : (order.files ?? texts.get(order.rules))
  if (files === undefined) return { kind: 'text-please' }
  const id = engine.hold(files)
  if (texts.size >= TEXTS_MAX && !texts.has(id)) texts.clear()
  texts.set(id, files)
  if (order.kind === 'hold') return { kind: 'held' }
  const verdicts = order.asks.map((ask) => engine.decide(engine.holds(id) ? id : engine.hold(files), ask))
  return { kind: 'decided', verdicts }
}

port.on('message', ({ id, body }: Numbered<Order>) => {
  const say = (reply: Answer): void => {
    port.postMessage({ id, body: reply } satisfies Numbered<Answer>)
    Atomics.add(signal, 0, 1)
    Atomics.notify(signal, 0)
  }
  try {
    say(answer(body))
  } catch (error) {
    say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  }
})

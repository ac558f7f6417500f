// The writer's thread. It owns the only connection that changes the database.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { faultToData } from '#kernel/fault.ts'
import { openWriter, type Place, type WriterIdentity } from '#kernel/store/open.ts'
import type { ThreadMessage } from '#kernel/store/store.ts'
import type { Call } from '#kernel/store/writer-core.ts'
import { writerProgram } from './writer.ts'

type Order = { readonly kind: 'execute'; readonly calls: readonly Call[] } | { readonly kind: 'close' }

const { place, identity } = workerData as { place: Place; identity: WriterIdentity }
const say = (message: ThreadMessage): void => parentPort?.postMessage(message)

try {
  const { core, connection, ownLog } = openWriter({
    place,
    identity,
    program: writerProgram,
    clock: systemClock,
    random: systemRandom,
  })
  parentPort?.on('message', (order: Order) => {
    if (order.kind === 'execute') return say({ kind: 'done', result: core.execute(order.calls) })
    connection[Symbol.dispose]()
    return parentPort?.close()
  })
  say({ kind: 'ready', frozen: ownLog.frozen, settings: connection.settings() })
} catch (error) {
  say({ kind: 'failed', fault: faultToData(error) })
}

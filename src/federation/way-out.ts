// The way out as this part of a node takes it: until the node is stopped. Then nothing more is asked, and nobody waits for
// an answer that is on its way, however slowly a peer gives it.
import { Fault } from '#kernel/fault.ts'
import type { Outbound } from '#kernel/http/outbound.ts'

/** The node is being stopped, and no peer is to blame. */
export class NodeStops extends Fault {
  constructor() {
    super('busy', 'this node is being stopped')
  }
}

/** The same way out, until it is disposed of. */
export function closable(outbound: Outbound): Outbound & Disposable {
  const waiting = new Set<(reason: Fault) => void>()
  let closed = false
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    if (closed) throw new NodeStops()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    waiting.add(reject)
    call().then(resolve, reject)
    try {
      return await promise
    } finally {
      waiting.delete(reject)
    }
  }
  return {
    request: (request) => ask(() => outbound.request(request)),
    open: (request) => ask(() => outbound.open(request)),
    [Symbol.dispose]: () => {
      closed = true
      for (const letGo of waiting) letGo(new NodeStops())
    },
  }
}

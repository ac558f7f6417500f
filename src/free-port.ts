// A port for a node that was given none.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port that is free now: the node document must name it before the node listens on it. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

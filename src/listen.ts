// The address a node listens on: a port where it was given none, and words where it cannot have the one it was given.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Fault } from '#kernel/fault.ts'

/** A port that is free now: the node document must name it before the node listens on it. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Throws `conflict` or `input.invalid` where the machine does not give this address to this program. */
export async function listenOn(app: Pick<FastifyInstance, 'listen'>, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    const known = REFUSED[(cause as NodeJS.ErrnoException).code ?? '']
    if (known === undefined) throw cause
    const [code, message, remedy] = known
    throw new Fault(code, message, { place: `${host} port ${port}`, remedy, cause })
  }
}

const REFUSED: Readonly<Record<string, readonly ['conflict' | 'input.invalid', string, string]>> = {
  EADDRINUSE: [
    'conflict',
    'another program listens on this port already',
    'Stop it, or take another port with --port (and in --public-url, where that names it).',
  ],
  EACCES: [
    'input.invalid',
    'this user may not listen on this port',
    'Take one from 1024 on, behind a reverse proxy where others come in on 443.',
  ],
  EADDRNOTAVAIL: ['input.invalid', 'this machine has no such address', 'Name one of its own with --host, or 0.0.0.0.'],
  ENOTFOUND: ['input.invalid', 'this name has no address', 'Name one of this machine with --host, or 0.0.0.0.'],
}

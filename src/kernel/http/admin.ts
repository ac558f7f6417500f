// Who may use a node's own interface: whoever holds the administrator's token, which lies in the data folder.
import { timingSafeEqual, hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Fault } from '../fault.ts'

/** An onRequest hook that lets only the holder of the token pass. Compared by digest, so length and time tell nothing. */
export function demandToken(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = hash('sha256', `Bearer ${token}`, 'buffer')
  return async (request) => {
    const given = hash('sha256', request.headers.authorization ?? '', 'buffer')
    if (timingSafeEqual(expected, given)) return
    throw new Fault('auth.required', 'this interface needs the administrator’s token', {
      remedy: 'Send “Authorization: Bearer …” with the token in admin.token of the data folder.',
    })
  }
}

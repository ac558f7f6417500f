// What every TAXII route is given, and how it is registered.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Random } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import type { Store } from '#kernel/store/types.ts'
import type { Access } from './access.ts'

/** The one API root. */
export const API_ROOT = '/taxii2/api/'

export type TaxiiDeps = {
  readonly store: Store
  readonly egress: Egress
  /** Without a trailing slash; every URL given out begins with it, never with what Host says. */
  readonly publicUrl: string
  readonly now: () => number
  readonly random: Random
  readonly cursorSecret: Uint8Array
  /** Bytes of the largest envelope taken; what the API root announces. */
  readonly maxContentLength: number
  readonly title: string
}

/** Registers a path with and without its closing slash: redirects would lose bodies and credentials in some clients. */
export type Register = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  handle: (context: TaxiiContext) => unknown,
  /** Refuses by path, headers and who asks, before a body is read. */
  admit?: (context: Omit<TaxiiContext, 'reply'>) => void,
) => void

export type TaxiiContext = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly access: Access
  readonly params: Readonly<Record<string, string>>
}

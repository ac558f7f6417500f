// TAXII clients, for this member's own people, under /api.
import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { formatTime, type Random } from '#kernel/clock.ts'
import { needs } from '#kernel/http/access.ts'
import { NumberedQuery, pageShape } from '#kernel/list-shape.ts'
import { pageView } from '#kernel/listing.ts'
import type { Store } from '#kernel/store/types.ts'
import { addClient, grantsOfClients, listClients, revokeClient, setGrants } from './client-commands.ts'
import { ClientShape, GrantsShape, MadeClientShape, NewClientShape } from './wire.ts'

const TAGS = { tags: ['taxii clients'] }

export function clientRoutes(deps: {
  readonly store: Store
  readonly publicUrl: string
  readonly random: Random
}): (app: FastifyInstance) => Promise<void> {
  const { store, publicUrl, random } = deps
  return async (app) => {
    app.get<{ Querystring: Static<typeof NumberedQuery> }>(
      '/clients',
      {
        config: needs('audit', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'TAXII clients, in the order in which they were made',
          querystring: NumberedQuery,
          response: { 200: pageShape(ClientShape) },
        },
      },
      async ({ query }) => {
        const found = await listClients(store, query)
        const grants = await grantsOfClients(
          store,
          found.rows.map(({ id }) => id),
        )
        return pageView(found, ({ id, name, actsFor, createdMs, revokedMs }) => ({
          name,
          actsFor,
          created: formatTime(createdMs),
          ...(revokedMs === null ? {} : { revoked: formatTime(revokedMs) }),
          grants: grants.get(id) ?? [],
        }))
      },
    )
    app.post<{ Body: Static<typeof NewClientShape> }>(
      '/clients',
      {
        config: needs('administer', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Make a TAXII client; answers with its secret, once',
          body: NewClientShape,
          response: { 201: MadeClientShape },
        },
      },
      async (request, reply) => {
        const secret = Buffer.from(random(16)).toString('base64url')
        await store.write(addClient, {
          actor: request.caller.actor,
          ...request.body,
          secretHash: hash('sha256', secret, 'buffer'),
        })
        return reply.code(201).send({ name: request.body.name, secret, discovery: `${publicUrl}/taxii2/` })
      },
    )
    app.patch<{ Params: { name: string }; Body: Static<typeof GrantsShape> }>(
      '/clients/:name',
      {
        config: needs('administer', 'sharing'),
        schema: { ...TAGS, summary: 'Change what a TAXII client may read and write', body: GrantsShape },
      },
      async (request, reply) => {
        await store.write(setGrants, {
          actor: request.caller.actor,
          name: request.params.name,
          grants: request.body.grants,
        })
        return reply.code(204).send()
      },
    )
    app.delete<{ Params: { name: string } }>(
      '/clients/:name',
      { config: needs('administer', 'sharing'), schema: { ...TAGS, summary: 'Revoke a TAXII client' } },
      async (request, reply) => {
        await store.write(revokeClient, { actor: request.caller.actor, name: request.params.name })
        return reply.code(204).send()
      },
    )
  }
}

// What the graph is drawn from: what is joined to a record, page by page, and a way between two.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { CURSOR, firstOf, lookAs, neighbours, type GraphDeps } from './graph.ts'
import { findPath } from './graph-path.ts'
import { NeighboursShape, PathShape } from './wire.ts'

const Id = Type.String({ maxLength: 400 })
const NeighboursQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.String({ pattern: CURSOR })),
  side: Type.Optional(
    Type.Enum(['out', 'in'], { description: 'Where the first page begins: out (what it points at), or in alone.' }),
  ),
})
const PathQuery = Type.Object({ from: Id, to: Id })

export function graphRoutes(deps: GraphDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Params: { id: string }; Querystring: Static<typeof NeighboursQuery> }>(
      '/records/:id/neighbours',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'What is joined to a record: what it points at, then what points at it, newest first',
          querystring: NeighboursQuery,
          response: { 200: NeighboursShape },
        },
      },
      async ({
        params: { id },
        query: { limit = LIMITS.pageDefault, side, cursor = firstOf(side) },
        caller: { principal },
      }) => neighbours(deps, await lookAs(deps, principal, 'neighbours'), { id, limit, cursor }),
    )
    app.get<{ Querystring: Static<typeof PathQuery> }>(
      '/graph/path',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'A shortest way between two records, within bounds of steps and of records looked at',
          querystring: PathQuery,
          response: { 200: PathShape },
        },
      },
      async ({ query, caller: { principal } }) => findPath(deps, await lookAs(deps, principal, 'path'), query),
    )
  }
}

// The HTTP side of the pictures: the matrix of techniques, and what happened around a record when.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { CURSOR, type GraphDeps } from '../graph.ts'
import { techniqueMatrix } from './matrix.ts'
import { MatrixMemory } from './memory.ts'
import { timeline } from './timeline.ts'
import { MatrixShape, TimelineShape } from './wire.ts'

const MatrixQuery = Type.Object({
  chain: Type.Optional(
    Type.String({
      maxLength: 250,
      description: 'A kill chain; absent: where most of what is used stands, else the largest one.',
    }),
  ),
  by: Type.Optional(
    Type.String({
      maxLength: 400,
      description:
        'A campaign, an intrusion set: what it uses is marked as used, itself or by its software and campaigns.',
    }),
  ),
  tactic: Type.Optional(Type.String({ maxLength: 250, description: 'Only this tactic, by the name of its phase.' })),
  platform: Type.Optional(Type.String({ maxLength: 250, description: 'Only techniques on this platform.' })),
  q: Type.Optional(
    Type.String({ maxLength: 200, description: 'Only techniques with this text in their name or their code.' }),
  ),
})
const TimelineQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.String({ pattern: CURSOR })),
})
const TAGS = { tags: ['sharing'] }

export function pictureRoutes(deps: GraphDeps): (app: FastifyInstance) => Promise<void> {
  const memory = new MatrixMemory()
  return async (app) => {
    app.get<{ Querystring: Static<typeof MatrixQuery> }>(
      '/attack',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'The tactics and techniques of a kill chain that are here, and how much is known about each',
          querystring: MatrixQuery,
          response: { 200: MatrixShape },
        },
      },
      async ({ query, caller: { principal } }) => techniqueMatrix({ ...deps, memory }, principal, query),
    )
    app.get<{ Params: { id: string }; Querystring: Static<typeof TimelineQuery> }>(
      '/records/:id/timeline',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'A record and what stands around it, each with the times it speaks of, by pages',
          querystring: TimelineQuery,
          response: { 200: TimelineShape },
        },
      },
      async ({ params: { id }, query: { limit = LIMITS.pageDefault, cursor }, caller: { principal } }) =>
        timeline(deps, principal, { id, limit, cursor }),
    )
  }
}

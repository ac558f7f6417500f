// The proof of a record under /api, for those who may look at the record.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { parseMicros } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { placeOfObject, versionsOfObject } from './find.ts'
import { proveRecord, type ProofDeps } from './proof.ts'
import { visible } from './visible.ts'
import { RecordProofShape } from './wire.ts'

const VersionQuery = Type.Object({
  added: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Which version: its addedAt. Absent: the newest that may be looked at.',
    }),
  ),
})

export function proofRoutes(deps: ProofDeps & { readonly egress: Egress }): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Params: { id: string }; Querystring: Static<typeof VersionQuery> }>(
      '/records/:id/proof',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'All that shows who said a record, to be checked by whoever asks',
          querystring: VersionQuery,
          response: { 200: RecordProofShape },
        },
      },
      async ({ params: { id }, query: { added }, caller: { principal } }) => {
        const here = await versionsOfObject(deps.store, id)
        const rows = await visible(deps.egress, { principal, route: 'record', cursor: placeOfObject(id, here) }, here)
        const seq = added === undefined ? undefined : parseMicros(added)
        const row = added === undefined ? rows.at(-1) : rows.find((each) => each.seq === seq)
        if (row === undefined)
          throw new Fault('not-found', `no such version of ${id.slice(0, 80)} is here`, {
            remedy: 'See its versions: comity show ID.',
          })
        return proveRecord(deps, row)
      },
    )
  }
}

// The searches somebody keeps, under /api/account/searches.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { FOR_USERS } from '#kernel/http/access.ts'
import type { Store } from '#kernel/store/types.ts'
import { forgetSearch, listSearches, saveSearch } from './saved-search.ts'
import { SavedSearchShape, SearchKeptShape } from './wire.ts'

const TAGS = { tags: ['account'] }

export function searchRoutes({ store }: { readonly store: Store }): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get(
      '/account/searches',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'The searches one keeps',
          response: { 200: Type.Object({ items: Type.Array(SavedSearchShape) }) },
        },
      },
      async ({ caller }) => ({ items: await listSearches(store, caller.user?.account ?? 0) }),
    )
    app.post<{ Body: Static<typeof SearchKeptShape> }>(
      '/account/searches',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'Keep a search',
          body: SearchKeptShape,
          response: { 201: Type.Object({ id: Type.Integer() }) },
        },
      },
      async ({ caller, body }, reply) => {
        const { q, type, collection, tlp, author } = body
        const search = JSON.stringify({ q, type, collection, tlp, author })
        return reply
          .code(201)
          .send({ id: await store.write(saveSearch, { account: caller.user?.account ?? 0, search }) })
      },
    )
    app.delete<{ Params: { id: number } }>(
      '/account/searches/:id',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'Forget a search',
          params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        },
      },
      async ({ caller, params: { id } }, reply) => {
        await store.write(forgetSearch, { account: caller.user?.account ?? 0, id })
        return reply.code(204).send()
      },
    )
  }
}

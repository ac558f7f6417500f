// Collections over HTTP: listed, made and changed.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { needs } from '#kernel/http/access.ts'
import { NumberedQuery, pageShape } from '#kernel/list-shape.ts'
import { pageView } from '#kernel/listing.ts'
import { requireMarking } from '#kernel/marking.ts'
import type { Share } from '#kernel/policy/types.ts'
import type { Store } from '#kernel/store/types.ts'
import { addCollection, collectionPage, requireCollection, setCollection, type Collection } from './collection.ts'
import { CollectionChangeShape, CollectionShape, NewCollectionShape, type CollectionView } from './wire.ts'

const TAGS = { tags: ['sharing'] }
const CollectionQuery = Type.Object({
  ...NumberedQuery.properties,
  own: Type.Optional(Type.Boolean({ description: 'Only this member’s, or only those of others.' })),
})

export function collectionRoutes({ store }: { readonly store: Store }): (app: FastifyInstance) => Promise<void> {
  const view = async (name: string): Promise<CollectionView> => toView(await requireCollection(store, name))
  return async (app) => {
    app.get<{ Querystring: Static<typeof CollectionQuery> }>(
      '/collections',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Collections, in the order in which they were made',
          querystring: CollectionQuery,
          response: { 200: pageShape(CollectionShape) },
        },
      },
      async ({ query: { own, ...page } }) => pageView(await collectionPage(store, page, own), toView),
    )
    app.post<{ Body: Static<typeof NewCollectionShape> }>(
      '/collections',
      {
        config: needs('administer', 'sharing'),
        schema: { ...TAGS, summary: 'Make a collection', body: NewCollectionShape, response: { 201: CollectionShape } },
      },
      async (request, reply) => {
        const uuid = await store.write(addCollection, { actor: request.caller.actor, change: toChange(request.body) })
        return reply.code(201).send(await view(uuid))
      },
    )
    app.patch<{ Params: { name: string }; Body: Static<typeof CollectionChangeShape> }>(
      '/collections/:name',
      {
        config: needs('administer', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Change a collection',
          body: CollectionChangeShape,
          response: { 200: CollectionShape },
        },
      },
      async (request) => {
        const collection = await requireCollection(store, request.params.name)
        await store.write(setCollection, {
          actor: request.caller.actor,
          id: collection.id,
          change: toChange(request.body),
        })
        return view(collection.uuid)
      },
    )
    app.get<{ Params: { name: string } }>(
      '/collections/:name',
      {
        config: needs('read', 'sharing'),
        schema: { ...TAGS, summary: 'One collection, by alias or UUID', response: { 200: CollectionShape } },
      },
      async (request) => view(request.params.name),
    )
  }
}

function toChange<T extends Static<typeof CollectionChangeShape>>(body: T): never {
  const { marking, contextMarking, share, ...rest } = body
  return {
    ...rest,
    ...(marking === undefined ? {} : { marking: requireMarking(marking, 'marking') }),
    ...(contextMarking === undefined
      ? {}
      : { contextMarking: contextMarking === null ? null : requireMarking(contextMarking, 'contextMarking') }),
    ...(share === undefined ? {} : { share: share as Share }),
  } as never
}

function toView(collection: Collection): CollectionView {
  const { id: _, mixed: __, ...view } = collection
  return view as unknown as CollectionView
}

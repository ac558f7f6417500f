// Watch list and warnings under /api: parse, call, render.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { eventStreams } from '#kernel/http/event-stream.ts'
import { LIMITS } from '#kernel/limits.ts'
import { NumberedQuery, pageShape } from '#kernel/list-shape.ts'
import { listing, pageView } from '#kernel/listing.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { refang } from '#kernel/value.ts'
import { addWatches, answerWarning, removeWatch, type NewWatch } from './commands.ts'
import { warningFeed } from './events.ts'
import { parseWatch } from './watch.ts'
import { parseAsset, readWatchList } from './watch-csv.ts'
import { NewWatchShape, WARNING_FILTERS, WarningShape, WatchImportShape, WatchShape, type WatchView } from './wire.ts'
import type { Warning } from './warning.ts'

const TAGS = { tags: ['warning'] }
/** Entries of one import that go to the writer at once. */
const IMPORT_STEP = 5000
const REFUSALS_MAX = 1000

const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 0 })),
})
const WarningQuery = Type.Object({
  ...PageQuery.properties,
  state: Type.Optional(Type.Enum([...WARNING_FILTERS])),
  asset: Type.Optional(Type.String({ maxLength: 200 })),
  assigned: Type.Optional(Type.String({ maxLength: 63, description: 'Whose they are; empty: nobody’s.' })),
  muted: Type.Optional(Type.Boolean({ description: 'Only those that are kept quiet, or only those that are not.' })),
})
const AnswerBody = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 1000 })) },
  { additionalProperties: false },
)
const listWatches = listing<WatchView>({
  columns: 'id, kind, value, asset, note',
  from: 'watch',
  key: 'id',
  order: 'oldest first',
  texts: ['value', 'asset', 'note'],
})
type Numbered = { Params: { id: string } }

export function warningRoutes(warning: Warning): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(watchRoutes(warning))
    await app.register(answerRoutes(warning))
  }
}

function watchRoutes({ store }: Warning): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.post<{ Body: Static<typeof NewWatchShape> }>(
      '/watch',
      {
        config: needs('decide', 'warning'),
        schema: {
          ...TAGS,
          summary: 'Watch something',
          body: NewWatchShape,
          response: { 201: Type.Object({ added: Type.Integer(), known: Type.Integer() }) },
        },
      },
      async (request, reply) => {
        const { value, kind, note = '' } = request.body
        const watch = parseWatch(value, kind)
        if (watch instanceof Fault) throw watch
        const asset = parseAsset(request.body.asset)
        if (asset instanceof Fault) throw asset
        return reply
          .code(201)
          .send(await store.write(addWatches, { actor: request.caller.actor, watches: [{ ...watch, asset, note }] }))
      },
    )
    app.get<{ Querystring: Static<typeof NumberedQuery> }>(
      '/watch',
      {
        config: needs('read', 'warning'),
        schema: {
          ...TAGS,
          summary: 'The watch list',
          querystring: NumberedQuery,
          response: { 200: pageShape(WatchShape) },
        },
      },
      // People look for a value as they were sent it, defanged; the list holds none that is.
      async ({ query: { q = '', ...page } }) => {
        const found = await listWatches(store, { ...page, q: refang(q) })
        return pageView(found, (watch) => watch)
      },
    )
    app.delete<Numbered>(
      '/watch/:id',
      { config: needs('decide', 'warning'), schema: { ...TAGS, summary: 'Watch something no longer' } },
      async (request, reply) => {
        await store.write(removeWatch, { actor: request.caller.actor, id: numberOf(request.params.id) })
        return reply.code(204).send()
      },
    )
    await app.register(async (raw) => {
      raw.removeAllContentTypeParsers()
      raw.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 256 << 20 }, (_request, body, done) =>
        done(null, body),
      )
      raw.post(
        '/watch/import',
        {
          config: needs('decide', 'warning'),
          schema: {
            ...TAGS,
            summary: 'Watch what a CSV lists: value,kind,asset,note',
            response: { 200: WatchImportShape },
          },
        },
        async (request) => importList(store, String(request.body ?? ''), request.caller.actor),
      )
    })
  }
}

async function importList(
  store: Warning['store'],
  text: string,
  actor: string,
): Promise<Static<typeof WatchImportShape>> {
  const refused: Static<typeof WatchImportShape>['refused'] = []
  let [added, known] = [0, 0]
  let batch: NewWatch[] = []
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    const answer = await store.write(addWatches, { actor, watches: batch })
    added += answer.added
    known += answer.known
    batch = []
  }
  for (const row of readWatchList(text)) {
    if (row instanceof Fault) {
      if (refused.length < REFUSALS_MAX) {
        const { message, place, remedy } = row
        refused.push({
          message,
          ...(place === undefined ? {} : { place }),
          ...(remedy === undefined ? {} : { remedy }),
        })
      }
      continue
    }
    batch.push({ ...row.watch, asset: row.asset, note: row.note ?? '' })
    if (batch.length >= IMPORT_STEP) await flush()
  }
  await flush()
  return { added, known, refused }
}

function answerRoutes(warning: Warning): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const answer = eventStreams(app, warning.clock)
    app.get<{ Querystring: Static<typeof WarningQuery> }>(
      '/warnings',
      {
        config: needs('read', 'warning'),
        schema: {
          ...TAGS,
          summary: 'Warnings, newest first',
          querystring: WarningQuery,
          response: { 200: Type.Object({ items: Type.Array(WarningShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async ({ caller, query: { limit = LIMITS.pageDefault, cursor, state, asset, assigned, muted } }) =>
        warning.list(
          {
            limit,
            ...(cursor === undefined ? {} : { before: cursor }),
            ...(state === undefined ? {} : { state }),
            ...(asset === undefined ? {} : { asset }),
            ...(assigned === undefined ? {} : { assigned }),
            ...(muted === undefined ? {} : { muted }),
          },
          caller.principal,
        ),
    )
    app.get(
      '/warnings/stream',
      {
        config: needs('read', 'warning'),
        schema: { ...TAGS, summary: 'Warnings as they come and change (server-sent events)' },
      },
      async (request, reply) => answer(request, reply, warningFeed(warning, request.caller.principal)),
    )
    app.get<Numbered>(
      '/warnings/:id',
      {
        config: needs('read', 'warning'),
        schema: { ...TAGS, summary: 'One warning', response: { 200: WarningShape } },
      },
      async (request) => requireWarning(warning, numberOf(request.params.id), request.caller.principal),
    )
    for (const [verb, state] of [
      ['acknowledge', 'acknowledged'],
      ['close', 'closed'],
    ] as const)
      app.post<Numbered & { Body: Static<typeof AnswerBody> }>(
        `/warnings/:id/${verb}`,
        {
          config: needs('decide', 'warning'),
          schema: {
            ...TAGS,
            summary: `Say that a warning is ${state}${state === 'closed' ? ', and why' : ''}`,
            body: AnswerBody,
            response: { 200: WarningShape },
          },
        },
        async (request) => {
          const id = numberOf(request.params.id)
          const { principal } = request.caller
          await requireWarning(warning, id, principal)
          await warning.store.write(answerWarning, {
            actor: request.caller.actor,
            id,
            state,
            note: request.body.note ?? '',
          })
          return requireWarning(warning, id, principal)
        },
      )
  }
}

async function requireWarning(
  warning: Warning,
  id: number,
  principal: Principal,
): Promise<Static<typeof WarningShape>> {
  const found = await warning.find(id, principal)
  if (found !== undefined) return found
  throw new Fault('not-found', `there is no warning ${id}`, { remedy: 'See “comity warnings”.' })
}

function numberOf(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text)
  throw new Fault('not-found', `“${text.slice(0, 40)}” is no number of anything here`)
}

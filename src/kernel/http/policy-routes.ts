// Policy for this member's own people, under /api: the rules in force, trying others, setting them, asking why.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { Fault, faultToData } from '../fault.ts'
import type { PolicyDesk } from '../policy/desk.ts'
import { listVersions, putInForce } from '../policy/own-rules.ts'
import {
  CheckShape,
  ExplainShape,
  MatrixShape,
  PolicyShape,
  ReachBodyShape,
  ReachShape,
  RulesBodyShape,
  RulesVersionShape,
  type PreviewEvent,
  type ReachBody,
  type RulesBody,
} from '../policy/wire.ts'
import type { Store } from '../store/types.ts'
import { needs } from './access.ts'

const TAGS = { tags: ['policy'] }
const VersionQuery = Type.Object({ version: Type.Optional(Type.Integer({ minimum: 0 })) })
const ExplainQuery = Type.Object({
  id: Type.String({ maxLength: 400 }),
  to: Type.String({ maxLength: 253, description: 'A member id, public, or self.' }),
  via: Type.Optional(Type.Union([Type.Literal('peer'), Type.Literal('machine')])),
})

const MatrixQuery = Type.Object({
  cursor: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
})

export function policyRoutes(deps: {
  readonly store: Store
  readonly desk: PolicyDesk
}): (app: FastifyInstance) => Promise<void> {
  const { store, desk } = deps
  return async (app) => {
    app.get<{ Querystring: Static<typeof VersionQuery> }>(
      '/policy',
      {
        config: needs('read', 'policy'),
        schema: {
          ...TAGS,
          summary: 'The rules in force, or as they were in a version',
          querystring: VersionQuery,
          response: { 200: PolicyShape },
        },
      },
      async ({ query }) => desk.view(query.version),
    )
    app.put<{ Body: RulesBody }>(
      '/policy',
      {
        config: needs('administer', 'policy'),
        schema: {
          ...TAGS,
          summary: 'Put rules of our own in force; no files: none',
          body: RulesBodyShape,
          response: { 200: PolicyShape },
        },
      },
      async ({ body, caller }) => {
        await putInForce(store, { actor: caller.actor, ...body })
        return desk.view()
      },
    )
    app.post<{ Body: RulesBody }>(
      '/policy/check',
      {
        config: needs('read', 'policy'),
        schema: {
          ...TAGS,
          summary: 'Read rules and say what is wrong in them',
          body: RulesBodyShape,
          response: { 200: CheckShape },
        },
      },
      async ({ body }) => {
        const { findings, rules } = await desk.check(body.files)
        return { findings: [...findings], rules: [...rules] }
      },
    )
    app.post<{ Body: RulesBody }>(
      '/policy/preview',
      {
        config: needs('decide', 'policy'),
        schema: {
          ...TAGS,
          summary: 'What would newly flow and what would stop under these rules; answers with NDJSON events',
          body: RulesBodyShape,
        },
      },
      async ({ body, caller }, reply) => {
        const events = await desk.preview(caller.principal, body.files)
        return reply.type('application/x-ndjson').send(Readable.from(lines(events)))
      },
    )
    app.get<{ Querystring: Static<typeof MatrixQuery> }>(
      '/policy/matrix',
      {
        config: needs('read', 'policy'),
        schema: {
          ...TAGS,
          summary: 'Each class of records that is here by each recipient: yes or no, and by which rule',
          querystring: MatrixQuery,
          response: { 200: MatrixShape },
        },
      },
      async ({ caller, query: { cursor = 0, limit = 50 } }) => desk.matrix(caller.principal, { from: cursor, limit }),
    )
    app.get(
      '/policy/versions',
      {
        config: needs('read', 'policy'),
        schema: {
          ...TAGS,
          summary: 'Every version of our own rules, newest first',
          response: { 200: Type.Object({ items: Type.Array(RulesVersionShape) }) },
        },
      },
      async () => ({ items: await listVersions(store) }),
    )
    app.post<{ Body: ReachBody }>(
      '/policy/reach',
      {
        config: needs('read', 'policy'),
        schema: {
          ...TAGS,
          summary: 'Who would receive a record that is not written yet, and why the others would not',
          body: ReachBodyShape,
          response: { 200: ReachShape },
        },
      },
      async ({ body }) => desk.reach(body.collection, body.tlp),
    )
    app.get<{ Querystring: Static<typeof ExplainQuery> }>(
      '/policy/explain',
      {
        config: needs('read', 'policy'),
        schema: {
          ...TAGS,
          summary: 'Why somebody has a record or has not, and what would have to change',
          querystring: ExplainQuery,
          response: { 200: ExplainShape },
        },
      },
      async ({ caller, query: { id, to, via = 'peer' } }) => desk.explain(caller.principal, { id, to, via }),
    )
  }
}

/** One event a line. What breaks off half-way is the last line. */
async function* lines(events: AsyncIterable<PreviewEvent>): AsyncGenerator<string> {
  try {
    for await (const event of events) yield `${JSON.stringify(event)}\n`
  } catch (error) {
    const fault = error instanceof Fault ? faultToData(error) : { code: 'internal', message: 'the preview broke off' }
    yield `${JSON.stringify({ kind: 'failed', ...fault })}\n`
  }
}

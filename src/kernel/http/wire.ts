// The shapes of the node's own part that cross the network: deeds, answers, jobs.
import Type, { type Static } from 'typebox'

export const DeedShape = Type.Object({
  id: Type.Integer({ description: 'Counts up.' }),
  at: Type.String(),
  actor: Type.String({
    description: 'admin (the command line), user:NAME, token:NAME, client:NAME, peer:MEMBER, node.',
  }),
  action: Type.String(),
  subject: Type.String(),
  detail: Type.Unknown(),
})
export type DeedView = Static<typeof DeedShape>

export const AnswerShape = Type.Object({
  id: Type.Integer({ description: 'Counts up.' }),
  at: Type.String(),
  principal: Type.String(),
  route: Type.String(),
  policyEpoch: Type.Integer(),
  cursor: Type.String(),
  count: Type.Integer(),
  digest: Type.String({ description: 'SHA-256 of the sequence numbers that left, 8 bytes each, hex.' }),
})
export type AnswerView = Static<typeof AnswerShape>

/** GET /jobs, POST /jobs/:id/retry. */
export const JobShape = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  key: Type.String({ description: 'What it is about: a member, a collection.' }),
  state: Type.Enum(['waiting', 'failed']),
  due: Type.String(),
  attempts: Type.Integer(),
  lastError: Type.Optional(Type.String()),
  failed: Type.Optional(Type.String({ description: 'When it was given up.' })),
})
export type JobView = Static<typeof JobShape>

/** GET /kept, DELETE /kept/:number. */
export const KeptShape = Type.Object({
  number: Type.Integer(),
  at: Type.String({ description: 'When it was received.' }),
  what: Type.String({ description: 'sharing.put, sharing.withdraw or sharing.erase.' }),
  records: Type.Integer(),
  bytes: Type.Integer(),
})
export type KeptView = Static<typeof KeptShape>
export const KeptPageShape = Type.Object({
  items: Type.Array(KeptShape, { description: 'In the order in which they will be logged.' }),
  next: Type.Optional(Type.String({ description: 'The cursor of the next page.' })),
})
export type KeptPage = Static<typeof KeptPageShape>

/** GET /events: each event is named by its topic. */
export const TOPICS = [
  'warnings',
  'records',
  'peers',
  'deliveries',
  'jobs',
  'policy',
  'trust',
  'watch',
  'users',
  'feeds',
] as const
export type Topic = (typeof TOPICS)[number]

/** A change: what `about` it is may be a number or a name that whoever has the right may read anyway. */
export type News = { readonly topic: Topic; readonly about?: string | number }

// The shapes of feeds: outside sources that this node reads by itself.
import Type, { type Static } from 'typebox'
import { LIMITS } from '#kernel/limits.ts'
import { MarkingShape } from '../wire.ts'

export const FEED_KINDS = ['taxii', 'stix', 'list'] as const
export type FeedKind = (typeof FEED_KINDS)[number]
export const FEED_STATES = ['waiting', 'running', 'ok', 'failing', 'paused'] as const
export type FeedState = (typeof FEED_STATES)[number]

const Source = {
  kind: Type.Enum([...FEED_KINDS], {
    description:
      'taxii: a collection of a TAXII 2.1 server. stix: a STIX 2.1 bundle. list: text or CSV, one value a line.',
  }),
  url: Type.String({ maxLength: 2000, description: 'taxii: the API root, or the collection itself.' }),
  from: Type.Optional(Type.String({ maxLength: 253, description: 'taxii: id or alias of the server’s collection.' })),
  column: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'list: the CSV column with the value, by its name or its number from 1.',
    }),
  ),
  revokeAfterDays: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: LIMITS.feedRevokeDaysMax,
      description: 'list: an entry that is gone for so many days is revoked. Absent: it is left.',
    }),
  ),
}

const Credentials = {
  user: Type.Optional(
    Type.String({ maxLength: 200, description: 'For a password; without it the secret is a bearer token.' }),
  ),
  secret: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4000, description: 'Kept sealed, and shown to nobody.' }),
  ),
}

/** POST /feeds/preview: what a source holds, before it is a feed. */
export const FeedSourceShape = Type.Object(
  { ...Source, ...Credentials, marking: MarkingShape },
  { additionalProperties: false },
)
export type FeedSource = Static<typeof FeedSourceShape>

/** POST /feeds. */
export const NewFeedShape = Type.Object(
  {
    ...FeedSourceShape.properties,
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: 'Lower-case letters, digits, hyphens.' }),
    collection: Type.String({ maxLength: 253, description: 'A collection of this member, by alias or UUID.' }),
    licence: Type.String({
      minLength: 1,
      maxLength: 500,
      pattern: '\\S',
      description: 'What the source allows to be done with it, in words.',
    }),
    everyMinutes: Type.Integer({ minimum: 1, maximum: LIMITS.feedEveryMinutesMax }),
  },
  { additionalProperties: false },
)
export type NewFeed = Static<typeof NewFeedShape>

/** PATCH /feeds/:name. */
export const FeedChangeShape = Type.Object(
  {
    paused: Type.Optional(Type.Boolean()),
    everyMinutes: Type.Optional(NewFeedShape.properties.everyMinutes),
    ...Credentials,
  },
  { additionalProperties: false },
)
export type FeedChange = Static<typeof FeedChangeShape>

export const FeedShape = Type.Object({
  ...Source,
  name: Type.String(),
  collection: Type.String(),
  marking: MarkingShape,
  licence: Type.String(),
  everyMinutes: Type.Integer(),
  credentials: Type.Enum(['none', 'password', 'token']),
  state: Type.Enum([...FEED_STATES], { description: 'waiting: not read yet. failing: the last try failed.' }),
  tried: Type.Optional(Type.String({ description: 'RFC 3339: when it was last asked.' })),
  read: Type.Optional(Type.String({ description: 'When it was last read to its end.' })),
  next: Type.Optional(Type.String({ description: 'When it is asked next.' })),
  failures: Type.Integer({ description: 'In a row.' }),
  error: Type.Optional(Type.Object({ message: Type.String(), remedy: Type.Optional(Type.String()) })),
  added: Type.Integer({ description: 'In the last run, as known and refused are.' }),
  known: Type.Integer(),
  refused: Type.Integer(),
  total: Type.Integer({ description: 'Records that it ever added.' }),
})
export type FeedView = Static<typeof FeedShape>

export const FeedRefusalShape = Type.Object({
  what: Type.String({ description: 'The id of the object, or where in the source it stands.' }),
  at: Type.String(),
  reason: Type.String(),
})
export type FeedRefusalView = Static<typeof FeedRefusalShape>

export const FeedPreviewShape = Type.Object({
  collections: Type.Optional(
    Type.Array(Type.Object({ id: Type.String(), title: Type.String(), mayRead: Type.Boolean() }), {
      description: 'taxii without from: what the server offers; nothing else is read then.',
    }),
  ),
  read: Type.Integer(),
  more: Type.Boolean({ description: 'Whether the source holds more than was looked at.' }),
  kinds: Type.Array(Type.Object({ kind: Type.String(), count: Type.Integer() })),
  refused: Type.Array(Type.Object({ what: Type.String(), reason: Type.String() }), {
    description: 'At most 100.',
  }),
  sample: Type.Array(Type.Object({ kind: Type.String(), name: Type.String(), tlp: Type.String() }), {
    description: 'The first 20, under the marking each would get.',
  }),
})
export type FeedPreview = Static<typeof FeedPreviewShape>

// The shapes of sharing that cross the network: requests and answers of our own interface, for the server, the
// command line and the console alike.
import Type, { type Static } from 'typebox'
import { AnswerShape } from '#kernel/answer-shape.ts'
import { NumberedQuery } from '#kernel/list-shape.ts'

export const MarkingShape = Type.Object({
  tlp: Type.Enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'], {
    description: 'TLP 2.0 label.',
  }),
  pap: Type.Optional(Type.Enum(['CLEAR', 'GREEN', 'AMBER', 'RED'])),
  audience: Type.Object({
    named: Type.Boolean({ description: 'Whether recipients are named one by one.' }),
    communities: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 32 }),
  }),
  personal: Type.Union([Type.Literal('none'), Type.Literal('present')]),
  jurisdiction: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
  exercise: Type.Optional(Type.String({ maxLength: 64 })),
})

export const ShareShape = Type.Enum(['none', 'named', 'community', 'peers'], {
  description: 'How far the collection goes, within what each marking allows.',
})

export const CollectionShape = Type.Object({
  uuid: Type.String(),
  alias: Type.Union([Type.String(), Type.Null()]),
  title: Type.String(),
  description: Type.String(),
  author: Type.String({ description: 'The member whose records it holds.' }),
  own: Type.Boolean({ description: 'Whether this member may write to it.' }),
  marking: MarkingShape,
  contextMarking: Type.Union([MarkingShape, Type.Null()], {
    description: 'How the context of its records may be handled; null: it is this member’s alone.',
  }),
  named: Type.Array(Type.String()),
  strictness: Type.Union([Type.Literal('strict'), Type.Literal('lenient')]),
  share: ShareShape,
  public: Type.Boolean(),
})
export type CollectionView = Static<typeof CollectionShape>

export const CollectionChangeShape = Type.Object(
  {
    alias: Type.Optional(Type.String({ maxLength: 63 })),
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    marking: Type.Optional(MarkingShape),
    contextMarking: Type.Optional(Type.Union([MarkingShape, Type.Null()])),
    named: Type.Optional(Type.Array(Type.String({ maxLength: 253 }), { maxItems: 1000 })),
    strictness: Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('lenient')])),
    share: Type.Optional(ShareShape),
    public: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

export const NewCollectionShape = Type.Object(
  { ...CollectionChangeShape.properties, title: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
)

export const FindingShape = Type.Object({
  code: Type.String(),
  path: Type.String({ description: 'JSON pointer into the object.' }),
  message: Type.String(),
  remedy: Type.Optional(Type.String()),
  clause: Type.String({ description: 'Section of STIX 2.1.' }),
})

/** One line of an import's answer (NDJSON). */
export type ImportEvent =
  | ({ readonly kind: 'progress'; readonly offset: number } & ImportCounts)
  | {
      readonly kind: 'refused'
      readonly outcome: 'refused' | 'conflict'
      /** Place among the objects of the source, from 0. */
      readonly index: number
      /** Bytes from the beginning of the source. */
      readonly offset: number
      readonly line: number
      readonly id?: string
      readonly version?: string
      readonly findings: readonly Static<typeof FindingShape>[]
      /** For a conflict: the value that was sent, and the one that stands here where the caller may read it. */
      readonly sent?: string
      readonly stored?: string
    }
  /** Context of a record that this import did not add: it was not taken. */
  | { readonly kind: 'context'; readonly id: string; readonly message: string }
  | { readonly kind: 'broken'; readonly message: string; readonly place?: string; readonly remedy?: string }
  | ({ readonly kind: 'done' } & ImportCounts)

export type ImportCounts = {
  readonly read: number
  readonly added: number
  readonly known: number
  readonly conflict: number
  readonly refused: number
  /** Received while nothing may be signed: they are logged once the log is resumed. */
  readonly kept: number
}

export const RecordShape = Type.Object({
  id: Type.String(),
  type: Type.String(),
  version: Type.Optional(Type.String()),
  author: Type.String(),
  collection: Type.String(),
  addedAt: Type.String(),
  latest: Type.Boolean(),
  withdrawn: Type.Boolean(),
  tlp: Type.String(),
  exercise: Type.Optional(
    Type.Boolean({ description: 'True for what belongs to an exercise, and not to the real world.' }),
  ),
  name: Type.Optional(
    Type.String({
      description:
        'Its name, or what it says. What a search finds has the names of what it joins where it has none: “A → uses → B”.',
    }),
  ),
})
export type RecordView = Static<typeof RecordShape>

/** GET /records/:id/related: a record that points at another one, and at what it points. */
export const RelatedShape = Type.Object({
  ...RecordShape.properties,
  relationship: Type.Optional(Type.String({ description: 'relationship_type of a relationship.' })),
  links: Type.Array(Type.Object({ property: Type.String(), id: Type.String() }), {
    description: 'What it points at, at most 100.',
  }),
})
export type RelatedView = Static<typeof RelatedShape>

/** GET /records/:id/neighbours and /graph/path: records as points, what says that two belong together as lines. */
const GraphParts = {
  nodes: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      here: Type.Boolean({ description: 'False: others speak of it, and it is not held here or not for this reader.' }),
      name: Type.Optional(Type.String()),
      tlp: Type.Optional(Type.String()),
    }),
  ),
  edges: Type.Array(
    Type.Object({
      id: Type.String({ description: 'The record that says so.' }),
      from: Type.String(),
      to: Type.String(),
      word: Type.String({ description: 'relationship_type, or the property that refers, e.g. object_refs.' }),
    }),
  ),
}
export const NeighboursShape = Type.Object({ ...GraphParts, next: Type.Optional(Type.String()) })
export type NeighboursView = Static<typeof NeighboursShape>
export type GraphNode = NeighboursView['nodes'][number]
export type GraphEdge = NeighboursView['edges'][number]
export const PathShape = Type.Object({
  ...GraphParts,
  found: Type.Boolean({ description: 'Nodes and edges then stand in the order of the way, both ends among them.' }),
  whole: Type.Boolean({
    description:
      'Whether everything within the bounds was looked at: where not, there may be a shorter way, or one at all.',
  }),
})
export type PathView = Static<typeof PathShape>

/** GET /search/facets. */
const Counts = Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }), {
  description: 'The most frequent first, at most 50.',
})
export const FacetsShape = Type.Object({
  count: Type.Integer(),
  whole: Type.Boolean({ description: 'False where there are more matches than are counted; then the newest are.' }),
  type: Counts,
  tlp: Counts,
  author: Counts,
  collection: Counts,
})
export type FacetsView = Static<typeof FacetsShape>

/** The ladder that a statement climbs: nobody waits for it, and policy says what each step may do. */
export const STEPS = ['received', 'logged', 'witnessed'] as const

export const RecordDetailShape = Type.Object({
  id: Type.String(),
  waiting: Type.Optional(
    Type.Array(Type.Object({ number: Type.Integer(), at: Type.String(), what: Type.String() }), {
      description: 'Changes of it that were received and wait to be logged, for whoever may decide about them.',
    }),
  ),
  versions: Type.Array(
    Type.Object({
      ...RecordShape.properties,
      marking: MarkingShape,
      object: Type.Unknown({ description: 'The record as its author said it.' }),
      context: Type.Optional(
        Type.Object(
          {
            object: Type.Unknown(),
            marking: Type.Union([MarkingShape, Type.Null()], { description: 'Null: it is its author’s alone.' }),
          },
          { description: 'What belongs to the record and goes its own way, where it is held here.' },
        ),
      ),
      via: Type.Optional(
        Type.Object(
          { member: Type.String(), at: Type.String() },
          { description: 'Who passed it on, where its author did not bring it.' },
        ),
      ),
      proof: Type.Object({
        origin: Type.String(),
        index: Type.Integer(),
        size: Type.Integer(),
        verified: Type.Boolean({ description: 'Checked just now, from the stored bytes to the signed head.' }),
        reason: Type.Optional(Type.String()),
        disputed: Type.Optional(
          Type.Object(
            { size: Type.Integer(), follows: Type.Optional(Type.String()) },
            { description: 'The log’s keys signed it, and its author ended the log before it: at this size.' },
          ),
        ),
        ladder: Type.Object(
          {
            step: Type.Enum([...STEPS]),
            k: Type.Integer({ description: 'Witnesses, or parts of the quorum, whose lines cover its leaf.' }),
            n: Type.Integer(),
            needed: Type.Integer(),
          },
          {
            description:
              'received: its proof does not hold here. logged: it is in its author’s log. witnessed: enough stand behind that log, by the trust policy for our own, by whom this node knows for others.',
          },
        ),
        witnessed: Type.Optional(
          Type.Object(
            {
              k: Type.Integer(),
              n: Type.Integer(),
              needed: Type.Integer(),
              enough: Type.Boolean(),
              by: Type.Array(Type.String()),
            },
            { description: 'Who stands behind our log here: k of n parts of the trust policy.' },
          ),
        ),
      }),
      withdrawal: Type.Optional(
        Type.Object({
          reason: Type.String(),
          at: Type.String(),
          index: Type.Integer(),
          answers: Type.Array(AnswerShape, { description: 'What those who had it answered, where it is our own.' }),
        }),
      ),
      recipients: Type.Array(
        Type.Object({
          member: Type.String(),
          rule: Type.String(),
          reason: Type.String(),
          at: Type.Optional(Type.String()),
          context: Type.Optional(Type.Boolean({ description: 'Whether the context of the record went along.' })),
          confirmed: Type.Optional(
            Type.Boolean({ description: 'Whether the member has asked for what comes behind it, and so has it.' }),
          ),
          ended: Type.Optional(
            Type.String({ description: 'Why it would not get it today. The copy it has stays with it.' }),
          ),
        }),
      ),
      refused: Type.Array(Type.Object({ member: Type.String(), rule: Type.String(), reason: Type.String() }), {
        description: 'Peers that did not receive it, and the rule that kept it.',
      }),
    }),
  ),
})
export type RecordDetail = Static<typeof RecordDetailShape>

const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' })
/** All that shows who said a version of a record, for somebody who trusts nobody but the keys. Bytes are base64. */
export const RecordProofShape = Type.Object({
  item: Type.Object({
    place: Type.Integer({ description: 'Among the items of its statement, from 0.' }),
    salt: Base64,
    bytes: Base64,
    commits: Type.Array(Base64, { description: 'The commitments of all items of the statement.' }),
  }),
  statement: Type.Object({
    header: Type.Object({ salt: Base64, bytes: Base64 }),
    partCommits: Type.Array(Base64),
    entrySalt: Base64,
  }),
  leaf: Type.Object({ index: Type.Integer(), entry: Base64 }),
  log: Type.Object({ origin: Type.String(), vkeys: Type.Array(Type.String()) }),
  checkpoint: Type.String({ description: 'The signed head, a note.' }),
  trees: Type.Array(
    Type.Object({
      size: Type.Integer(),
      root: Base64,
      path: Type.Array(Base64, { description: 'From the leaf’s sibling up to the root’s child.' }),
    }),
    { description: 'One for the head, one for each size that a witness signed.' },
  ),
  witnesses: Type.Array(
    Type.Object({
      member: Type.String(),
      vkey: Type.String(),
      size: Type.Optional(Type.Integer({ description: 'The tree its line is about; absent where it gave none yet.' })),
      line: Type.Optional(Type.String()),
    }),
  ),
  needed: Type.Integer({ description: 'How many witnesses are enough, by the trust policy here.' }),
})
export type RecordProof = Static<typeof RecordProofShape>

export const QuarantineQuery = Type.Object({
  ...NumberedQuery.properties,
  member: Type.Optional(Type.String({ maxLength: 253, description: 'Only what this member sent.' })),
})
export const QuarantinePageShape = Type.Object({
  items: Type.Array(
    Type.Object({
      member: Type.String({ description: 'Who sent it.' }),
      received: Type.String(),
      at: Type.String({ description: 'Its sequence number, as a time.' }),
      reason: Type.String({ description: 'Why it cannot be used.' }),
    }),
  ),
  next: Type.Optional(Type.String()),
})
export type QuarantinePage = Static<typeof QuarantinePageShape>

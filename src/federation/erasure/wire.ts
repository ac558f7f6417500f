// The shapes of erasing, as people see it: what this member asked others to erase and what they answered, and the reverse.
import Type, { type Static } from 'typebox'
import { AnswerShape } from '#kernel/answer-shape.ts'
import { NumberedQuery, pageShape } from '#kernel/list-shape.ts'

export const ErasuresQuery = Type.Object({
  ...NumberedQuery.properties,
  record: Type.Optional(Type.String({ maxLength: 400, description: 'Only those of this record.' })),
})
export const AskedQuery = Type.Object({
  ...NumberedQuery.properties,
  waiting: Type.Optional(Type.Boolean({ description: 'Only what waits for a person here.' })),
})

export const ErasuresShape = Type.Object({
  ...pageShape(
    Type.Object({
      index: Type.Integer({ description: 'The leaf of the erase.' }),
      leaf: Type.Integer({ description: 'The leaf of the statement that held it.' }),
      items: Type.Array(Type.Integer(), { description: 'The places of its items.' }),
      record: Type.Union([Type.String(), Type.Null()], { description: 'Null where the id would tell the value.' }),
      reason: Type.String(),
      at: Type.String(),
      recipients: Type.Array(AnswerShape),
    }),
  ).properties,
  scrubbing: Type.Boolean({ description: 'Whether traces in files of this node are still being removed.' }),
})
export type ErasuresPage = Static<typeof ErasuresShape>

export const AskedShape = pageShape(
  Type.Object({
    number: Type.Integer({ description: 'By which it is answered.' }),
    member: Type.String({ description: 'Who asks, of its own words.' }),
    kind: Type.Enum(['erase', 'withdraw']),
    leaf: Type.Integer(),
    reason: Type.String(),
    answer: Type.Enum(['asked', 'erased', 'withdrawn', 'refused']),
    why: Type.Optional(Type.String()),
    at: Type.String(),
    receipt: Type.Boolean({ description: 'Whether its author was told.' }),
    records: Type.Array(
      Type.Object({
        id: Type.String(),
        type: Type.String(),
        tlp: Type.String(),
        name: Type.Optional(Type.String()),
      }),
      { description: 'What it is about, as far as it is still here and may be looked at: the first few.' },
    ),
  }),
)
export type AskedPage = Static<typeof AskedShape>

export const AnswerBody = Type.Object(
  {
    answer: Type.Enum(['honour', 'refuse']),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)

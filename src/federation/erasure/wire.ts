// The shapes of erasing, as people see it: what this member asked others to erase and what they answered, and the reverse.
import Type, { type Static } from 'typebox'
import { LIMITS } from '#kernel/limits.ts'

const Cursor = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
}
export const ErasuresQuery = Type.Object({
  ...Cursor,
  record: Type.Optional(Type.String({ maxLength: 400, description: 'Only those of this record.' })),
})
export const AskedQuery = Type.Object(Cursor)

export const ErasuresShape = Type.Object({
  items: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'The leaf of the erase.' }),
      leaf: Type.Integer({ description: 'The leaf of the statement that held it.' }),
      items: Type.Array(Type.Integer(), { description: 'The places of its items.' }),
      record: Type.Union([Type.String(), Type.Null()], { description: 'Null where the id would tell the value.' }),
      reason: Type.String(),
      at: Type.String(),
      recipients: Type.Array(
        Type.Object({
          member: Type.String(),
          passedOn: Type.Optional(Type.Boolean({ description: 'It had it from another member, which passed it on.' })),
          answer: Type.Enum(['erased', 'refused', 'none'], { description: 'none: no answer so far.' }),
          reason: Type.Optional(Type.String()),
          since: Type.String({ description: 'When it answered, or since when it has been asked.' }),
          received: Type.Boolean({ description: 'Whether it has fetched the erase.' }),
        }),
      ),
    }),
  ),
  scrubbing: Type.Boolean({ description: 'Whether traces in files of this node are still being removed.' }),
  next: Type.Optional(Type.String()),
})
export type ErasuresPage = Static<typeof ErasuresShape>

export const AskedShape = Type.Object({
  items: Type.Array(
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
    }),
  ),
  next: Type.Optional(Type.String()),
})
export type AskedPage = Static<typeof AskedShape>

export const AnswerBody = Type.Object(
  {
    answer: Type.Enum(['honour', 'refuse']),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)

// What became of something that was taken back, at one of those who had it.
import Type, { type Static } from 'typebox'

export const AnswerShape = Type.Object({
  member: Type.String(),
  passedOn: Type.Optional(Type.Boolean({ description: 'It had it from another member, which passed it on.' })),
  answer: Type.Enum(['erased', 'withdrawn', 'refused', 'none'], { description: 'none: no answer so far.' }),
  reason: Type.Optional(Type.String({ description: 'Why it refused.' })),
  since: Type.String({ description: 'When it answered, or since when it has been asked.' }),
  received: Type.Boolean({ description: 'Whether it has fetched what asks for it.' }),
})
export type AnswerView = Static<typeof AnswerShape>

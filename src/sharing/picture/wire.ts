// The shapes of two pictures: the matrix of techniques, and what happened around a record when.
import Type, { type Static } from 'typebox'

/** GET /attack: tactics by techniques of one kill chain, with how much is known about each. */
export const MatrixShape = Type.Object({
  chains: Type.Array(Type.Object({ chain: Type.String(), name: Type.String() })),
  chain: Type.Optional(Type.String()),
  tactics: Type.Array(Type.Object({ phase: Type.String(), name: Type.String(), id: Type.Optional(Type.String()) })),
  platforms: Type.Array(Type.String(), { description: 'Platforms that techniques of the kill chain name.' }),
  techniques: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      code: Type.Optional(Type.String({ description: 'T1059, T1059.001' })),
      parent: Type.Optional(Type.String({ description: 'The code of the technique it is part of.' })),
      phases: Type.Array(Type.String()),
      known: Type.Array(Type.Object({ type: Type.String(), count: Type.Integer() }), {
        description: 'Records that speak of it, by type; of a relationship the type at its other end.',
      }),
      used: Type.Boolean({ description: 'By the record that was asked about, or by its software and campaigns.' }),
      through: Type.Optional(
        Type.Boolean({ description: 'True where only its software or its campaigns are known to use it.' }),
      ),
    }),
  ),
  whole: Type.Boolean({ description: 'False where a bound was reached: then the newest are counted.' }),
})
export type MatrixView = Static<typeof MatrixShape>
export type Technique = MatrixView['techniques'][number]

const TimesShape = Type.Array(Type.Object({ property: Type.String(), at: Type.String() }), {
  description: 'The times a record speaks of, by the name of the property, e.g. first_seen, valid_until.',
})
/** GET /records/:id/timeline: the record (on the first page) and what stands around it, each with the times it speaks of. */
export const TimelineShape = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      name: Type.Optional(Type.String()),
      tlp: Type.String(),
      times: TimesShape,
      word: Type.Optional(
        Type.String({ description: 'How it is joined to the record; absent for the record itself.' }),
      ),
      joined: Type.Optional(TimesShape),
    }),
  ),
  next: Type.Optional(Type.String()),
})
export type TimelineView = Static<typeof TimelineShape>
export type TimelineItem = TimelineView['items'][number]

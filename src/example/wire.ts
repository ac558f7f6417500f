// The shape of what loading the example answers.
import Type, { type Static } from 'typebox'

/** POST /example. */
export const ExampleShape = Type.Object({
  collection: Type.String({ description: 'The alias of the collection it is in.' }),
  added: Type.Integer({ description: 'Records that were not here before.' }),
  known: Type.Integer({ description: 'Records that were here already.' }),
  kept: Type.Integer({ description: 'Received while nothing may be signed: they are logged once the log is resumed.' }),
})
export type ExampleView = Static<typeof ExampleShape>

/** DELETE /example. */
export const ExampleGoneShape = Type.Object({
  erased: Type.Integer({ description: 'Records that are gone, also what was written beside them.' }),
  kept: Type.Optional(
    Type.Boolean({ description: 'The log may not be signed now: it is kept, and done once the log is resumed.' }),
  ),
})
export type ExampleGoneView = Static<typeof ExampleGoneShape>

/** What the example tells of. */
export const EXAMPLE_CAMPAIGN = 'campaign--2fde68f7-c660-4739-bd14-777720ee20b0'

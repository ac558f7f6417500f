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

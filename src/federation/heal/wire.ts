// The shapes of healing.
import Type, { type Static } from 'typebox'

/** Where a peer stands in our stream to it: `<seq> <hash of the last item>`. */
export const STREAM_HEADER = 'comity-stream'

export const HealedShape = Type.Object({
  confirmedBy: Type.Array(Type.String(), { description: 'Peers that answered with a head of this log.' }),
  sizeBefore: Type.Integer(),
  size: Type.Integer(),
  returned: Type.Integer({ description: 'Statements whose content came back.' }),
  lost: Type.Integer({ description: 'Statements that are in the log and whose content nobody had.' }),
})
export type HealedView = Static<typeof HealedShape>

// The shapes of healing.
import Type, { type Static } from 'typebox'

/** Bits of `peer.accept_gap`: a hole in its stream is passed over; it is asked what it holds of our logs; for that, too. */
export const ACCEPT_GAP = 1
export const ASK_HELD = 2
export const ASK_RETURNS = 4

/** Where a peer stands in our stream to it: `<seq> <hash of the last item>`. */
export const STREAM_HEADER = 'comity-stream'

/** Up to where our stream has come to that peer, where it goes on behind items that were committed to and are lost. */
export const APPLIED_HEADER = 'comity-applied'

export const HealedShape = Type.Object({
  confirmedBy: Type.Array(Type.String(), { description: 'Peers that answered with a head of this log.' }),
  sizeBefore: Type.Integer(),
  size: Type.Integer(),
  returned: Type.Integer({ description: 'Statements whose content came back.' }),
  lost: Type.Integer({ description: 'Statements that are in the log and whose content nobody had.' }),
  unheard: Type.Array(Type.Object({ member: Type.String(), reason: Type.String() }), {
    description:
      'Peers whose answer was broken, and why. They are asked again by themselves, and given nothing before.',
  }),
})
export type HealedView = Static<typeof HealedShape>

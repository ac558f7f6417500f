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

/** Statements told of in one answer. */
export const HELD_MAX = 10_000
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** What a peer holds of a log of ours: the claims are Base64 of 16 bytes for each statement. */
export const HeldShape = Type.Object({
  origin: Type.String({ maxLength: 300 }),
  ranges: Type.Array(Type.Tuple([Index, Index]), { maxItems: HELD_MAX }),
  claims: Type.String({ maxLength: 4 * Math.ceil((HELD_MAX * 16) / 3) }),
  next: Type.Optional(Index),
})

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

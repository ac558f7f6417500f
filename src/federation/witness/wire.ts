// The shapes of trust and evidence.
import Type, { type Static } from 'typebox'

export const WitnessedShape = Type.Object({
  k: Type.Integer({ description: 'Parts of the quorum that hold.' }),
  n: Type.Integer({ description: 'Parts there are.' }),
  needed: Type.Integer({ description: 'How many are enough.' }),
  enough: Type.Boolean(),
  by: Type.Array(Type.String(), { description: 'Witnesses whose lines cover it.' }),
})

const SilentShape = Type.Object({
  url: Type.String(),
  reason: Type.String({ description: 'What it answered, or why it was not reached.' }),
})
export type SilentWitness = Static<typeof SilentShape>

export const TrustShape = Type.Object({
  text: Type.String({ description: 'The policy in force, in the tlog-policy format.' }),
  own: Type.Boolean({ description: 'Whether a person set it; else it follows from the peers.' }),
  size: Type.Integer({ description: 'Statements in the log; the counts are about the last of them.' }),
  ...WitnessedShape.properties,
  silent: Type.Array(SilentShape, {
    description: 'Witnesses that are no peers and gave no line when they were asked last.',
  }),
})
export type TrustView = Static<typeof TrustShape>

export const EvidenceShape = Type.Object({
  id: Type.Integer(),
  member: Type.String({ description: 'Whose log forked.' }),
  origin: Type.String(),
  source: Type.String({ description: 'Who found it.' }),
  at: Type.String(),
  file: Type.String({ description: 'The evidence; anyone can check it with “comity log verify-evidence”.' }),
})
export type EvidenceView = Static<typeof EvidenceShape>

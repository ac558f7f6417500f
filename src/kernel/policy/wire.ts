// The shapes of policy in a node's own interface.
import Type, { type Static } from 'typebox'

export const RuleFileShape = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80, description: 'The name of the file, without a folder.' }),
    text: Type.String({ maxLength: 1 << 20, description: 'Cedar rules.' }),
  },
  { additionalProperties: false },
)

export const RulesBodyShape = Type.Object(
  {
    files: Type.Array(RuleFileShape, { maxItems: 100 }),
    after: Type.Optional(Type.Integer({ minimum: 0, description: 'The version that was looked at.' })),
    reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why, for whoever reads the history.' })),
  },
  { additionalProperties: false },
)
export type RulesBody = Static<typeof RulesBodyShape>

export const FindingShape = Type.Object({
  file: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  message: Type.String(),
  remedy: Type.String(),
  excerpt: Type.String(),
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
})

export const RuleShape = Type.Object({
  id: Type.String(),
  effect: Type.Union([Type.Literal('permit'), Type.Literal('forbid')]),
  reason: Type.Optional(Type.String()),
  file: Type.String(),
  line: Type.Integer(),
  text: Type.String(),
})
export type RuleView = Static<typeof RuleShape>

export const CheckShape = Type.Object({ findings: Type.Array(FindingShape), rules: Type.Array(RuleShape) })
export type CheckView = Static<typeof CheckShape>

export const PolicyShape = Type.Object({
  version: Type.Integer({ description: '0: there are no rules of our own.' }),
  since: Type.Optional(Type.String()),
  actor: Type.Optional(Type.String()),
  inForce: Type.Boolean({ description: 'False for an earlier version.' }),
  floors: Type.Array(RuleShape),
  base: Type.Array(RuleShape),
  own: Type.Array(RuleShape),
  files: Type.Array(RuleFileShape),
})
export type PolicyView = Static<typeof PolicyShape>

export const RulesVersionShape = Type.Object({
  version: Type.Integer(),
  at: Type.String(),
  actor: Type.String(),
  reason: Type.String({ description: 'Why, in the words of who set it; empty where nothing was said.' }),
  files: Type.Array(Type.String()),
  rules: Type.Array(Type.String()),
})
export type RulesVersion = Static<typeof RulesVersionShape>

const ExplainedVersionShape = Type.Object({
  version: Type.Optional(Type.String()),
  tlp: Type.String(),
  collection: Type.String(),
  allow: Type.Boolean(),
  rules: Type.Array(Type.Object({ id: Type.String(), reason: Type.String() }), {
    description: 'Every rule that decided, the one that people see first.',
  }),
  changes: Type.Array(Type.Array(Type.String()), {
    description: 'What would have to change for the answer to be yes: each a set of changes that suffices.',
  }),
})

export const ExplainShape = Type.Object({
  id: Type.String(),
  to: Type.String(),
  versions: Type.Array(ExplainedVersionShape),
})
export type ExplainView = Static<typeof ExplainShape>

/** What one class of records does under rules that are only being tried. */
export const FlowShape = Type.Object({
  to: Type.String({ description: 'The recipient, as records of what left name it.' }),
  collection: Type.String(),
  marking: Type.String(),
  records: Type.Integer(),
  rule: Type.String({ description: 'The rule that decides then.' }),
  examples: Type.Array(Type.String()),
})
export type Flow = Static<typeof FlowShape>

export const MatrixRowShape = Type.Object({
  collection: Type.String(),
  marking: Type.String(),
  tlp: Type.String(),
  records: Type.Integer(),
  answers: Type.Array(Type.Union([Type.Literal('yes'), Type.Literal('some'), Type.Literal('no')]), {
    description: 'For each recipient in order; some: only what names it.',
  }),
  rules: Type.Array(Type.String(), { description: 'For each recipient in order, the rule that people see first.' }),
})
export type MatrixRow = Static<typeof MatrixRowShape>

export const MatrixShape = Type.Object({
  recipients: Type.Array(Type.String(), { description: 'As records of what left name them.' }),
  items: Type.Array(MatrixRowShape, { description: 'Each class of records that is here, the largest first.' }),
  reasons: Type.Record(Type.String(), Type.String(), { description: 'A sentence for each rule that is named.' }),
  next: Type.Optional(Type.String()),
})
export type MatrixView = Static<typeof MatrixShape>

type FlowSide = { readonly records: number; readonly to: number; readonly flows: readonly Flow[] }

export type PreviewView = {
  readonly kind: 'result'
  /** The version in force that this was held against. */
  readonly version: number
  readonly recipients: number
  readonly classes: number
  readonly records: number
  readonly decisions: number
  readonly newly: FlowSide
  readonly stops: FlowSide
  /** What this member's own people and programs would not see any more. */
  readonly unread: FlowSide
  /** Rules that fail when they are asked about what is here; the answer is no each time. */
  readonly failing: readonly string[]
  /** Rules that decide nothing that is here today. */
  readonly idle: readonly string[]
}

export type PreviewEvent =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly place?: string
      readonly remedy?: string
    }
  | PreviewView

/** POST /policy/reach: who would receive a record that is not written yet. */
export const ReachBodyShape = Type.Object(
  {
    collection: Type.String({ maxLength: 100, description: 'UUID or alias.' }),
    tlp: Type.Enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED']),
  },
  { additionalProperties: false },
)
export type ReachBody = Static<typeof ReachBodyShape>
export const ReachShape = Type.Object({
  items: Type.Array(
    Type.Object({
      to: Type.String({ description: 'As records of what left name it.' }),
      allow: Type.Boolean(),
      rule: Type.String({ description: 'The rule that decides.' }),
      reason: Type.String({ description: 'What it says, for people.' }),
    }),
  ),
})
export type ReachView = Static<typeof ReachShape>

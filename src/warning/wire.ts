// The shapes of warnings that cross the network.
import Type, { type Static } from 'typebox'

export const WARNING_STATES = ['new', 'acknowledged', 'closed', 'retracted'] as const

export const WatchShape = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  value: Type.String(),
  asset: Type.String(),
  note: Type.String(),
})
export type WatchView = Static<typeof WatchShape>

export const NewWatchShape = Type.Object(
  {
    value: Type.String({ minLength: 1, maxLength: 8192, description: 'As people write it, defanged or not.' }),
    kind: Type.Optional(Type.String({ maxLength: 20 })),
    asset: Type.String({ minLength: 1, maxLength: 200, description: 'What is protected.' }),
    note: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  { additionalProperties: false },
)

export const WatchImportShape = Type.Object({
  added: Type.Integer(),
  known: Type.Integer(),
  refused: Type.Array(
    Type.Object({ message: Type.String(), place: Type.Optional(Type.String()), remedy: Type.Optional(Type.String()) }),
  ),
})
export type WatchImport = Static<typeof WatchImportShape>

/** What GET /warnings may be asked for: a state, or `open` for what is neither closed nor retracted. */
export const WARNING_FILTERS = ['open', ...WARNING_STATES] as const

export const WarningShape = Type.Object({
  id: Type.Integer(),
  state: Type.Enum([...WARNING_STATES]),
  reason: Type.String({ description: 'Why it was retracted, or the note of whoever answered it.' }),
  asset: Type.String(),
  what: Type.String({ description: 'The name its author gave to what is warned of.' }),
  object: Type.String({ description: 'STIX id of the indicator or observable.' }),
  type: Type.String(),
  author: Type.String({ description: 'The member that said it.' }),
  tlp: Type.String(),
  assigned: Type.Optional(Type.String({ description: 'The user who took it on.' })),
  muted: Type.Optional(
    Type.Object({ until: Type.String(), reason: Type.String() }, { description: 'Kept quiet until then.' }),
  ),
  firstSeen: Type.String(),
  changed: Type.String(),
  matches: Type.Array(
    Type.Object({ watched: Type.String(), kind: Type.String(), value: Type.String(), at: Type.String() }),
  ),
  proof: Type.Optional(Type.Object({ origin: Type.String(), index: Type.Integer(), size: Type.Integer() })),
})
export type WarningView = Static<typeof WarningShape>

/** POST /warnings/:id/assign. */
export const AssignShape = Type.Object(
  { to: Type.String({ maxLength: 63, description: 'A user’s name; empty: nobody’s.' }) },
  { additionalProperties: false },
)
/** GET /warnings/assignees: who may be given a warning. */
export const AssigneeShape = Type.Object({
  name: Type.String({ description: 'The user’s name, as POST /warnings/:id/assign takes it.' }),
  display: Type.String(),
})
export type AssigneeView = Static<typeof AssigneeShape>

/** POST /warnings/:id/mute. */
export const MuteShape = Type.Object(
  {
    until: Type.String({ maxLength: 40, description: 'RFC 3339, in UTC; within ninety days.' }),
    reason: Type.String({ minLength: 1, maxLength: 1000 }),
  },
  { additionalProperties: false },
)
/** GET /warnings/:id/deeds. */
export const WarningDeedShape = Type.Object({
  at: Type.String(),
  actor: Type.String(),
  what: Type.String({ description: 'acknowledged, closed, assign, mute, unmute.' }),
  detail: Type.Unknown(),
})
export type WarningDeedView = Static<typeof WarningDeedShape>

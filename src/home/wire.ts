// The shapes of what a person needs first: what waits for somebody, how the others are, what left.
import Type, { type Static } from 'typebox'

/** Most urgent first. */
export const NEED_KINDS = [
  'frozen',
  'alarm',
  'kept',
  'rules',
  'fork',
  'warnings',
  'stopped',
  'doubt',
  'pending',
  'asked',
  'withdrawals',
  'quarantine',
  'jobs',
  'feeds',
  'silent',
  'folder',
  'certificate',
  'tokens',
] as const

export const NeedShape = Type.Object({
  kind: Type.Enum([...NEED_KINDS], {
    description:
      'frozen: the log may not be signed. alarm: somebody met heads of this log, or lines for them, that this node did not sign, in the last week. kept: changes that wait until it may. doubt: a peer does not give what it committed to. rules: of policy that fail when they are asked, or that cannot be asked now. folder: everybody on the machine may read the data. feeds: sources that failed three times in a row. asked: a member asks to erase what it gave, and waits for an answer. withdrawals: taken back, and the peer has not asked since. certificate, tokens: end within two weeks.',
  }),
  count: Type.Integer({ description: 'How many; at most 100 warnings are counted.' }),
  since: Type.Optional(Type.String({ description: 'RFC 3339: the oldest of them, or when it ends.' })),
  about: Type.Optional(Type.String({ description: 'The peer or the thing, where there is one.' })),
  reason: Type.Optional(Type.String()),
})
export type NeedView = Static<typeof NeedShape>

export const NeighbourShape = Type.Object({
  member: Type.String(),
  state: Type.String(),
  lastContact: Type.Optional(Type.String()),
  behind: Type.Integer({ description: 'Items it committed to giving that have not come.' }),
  waiting: Type.Integer({ description: 'Items of ours that it has not asked beyond.' }),
  witnesses: Type.Integer({ description: 'Other members whose lines stand under its head here.' }),
})
export type NeighbourView = Static<typeof NeighbourShape>

/** GET /home. */
export const HomeShape = Type.Object({
  at: Type.String(),
  log: Type.Object({
    size: Type.Integer(),
    witnessed: Type.Object({ k: Type.Integer(), n: Type.Integer(), needed: Type.Integer(), enough: Type.Boolean() }),
  }),
  needs: Type.Array(NeedShape),
  example: Type.Optional(Type.Integer({ description: 'Records of the example, where it is here.' })),
  peers: Type.Array(NeighbourShape),
})
export type HomeView = Static<typeof HomeShape>

/** GET /node: how the node itself is. */
export const NodeShape = Type.Object({
  version: Type.String(),
  since: Type.String({ description: 'RFC 3339: when it began to answer.' }),
  records: Type.Integer({ description: 'Versions of records here, withdrawn ones too.' }),
  statements: Type.Integer({ description: 'In this member’s own log.' }),
  jobs: Type.Object({ waiting: Type.Integer(), failed: Type.Integer() }),
  storeBytes: Type.Integer({ description: 'Of the database, without its write-ahead log.' }),
  memoryBytes: Type.Integer({ description: 'Resident, files mapped into it included.' }),
  cpuPercent: Type.Number({ description: 'Of one core, on average since it began.' }),
})
export type NodeView = Static<typeof NodeShape>

/** GET /left?hours=24: what left this node, for whom, by which way and under which rules. */
export const LeftShape = Type.Object({
  since: Type.String(),
  items: Type.Array(
    Type.Object({
      to: Type.String({ description: 'As in the record of answers: member:NAME, self/machine, public.' }),
      way: Type.String({ description: 'delivery, or the way of the answer: taxii/objects, export, …' }),
      count: Type.Integer({ description: 'Statements of a delivery, records of an answer.' }),
      last: Type.String(),
      rules: Type.Array(Type.String(), { description: 'Rules of policy that let it go; empty for answers.' }),
    }),
  ),
})
export type LeftView = Static<typeof LeftShape>

// The shapes of bundles: what a file says of itself, and what the interface tells of writing and reading one.
import { HeldShape } from '../heal/wire.ts'
import Type, { type Static, type TInteger, type TObject, type TString } from 'typebox'

const Name = Type.String({ minLength: 1, maxLength: 253 })
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** An item of the reader’s stream: that goes on behind it, and its numbers end as those of `comity-stream` do. */
const itemOf = (description: string): TObject<{ seq: TInteger; hash: TString }> =>
  Type.Object({
    seq: Type.Integer({ minimum: 0, maximum: 999_999_999_999_999, description }),
    hash: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of that item.' }),
  })

/** `manifest.json`: from whom, for whom, and from where it goes on. Believed as far as `manifest.sig` proves it. */
export const ManifestShape = Type.Object({
  format: Type.Literal(1),
  id: Type.String({ pattern: '^[0-9a-f]{32}$', description: 'The same in all parts.' }),
  part: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  from: Name,
  to: Name,
  time: Type.String({ maxLength: 40 }),
  log: Type.Object({
    origin: Type.String({ minLength: 1, maxLength: 255 }),
    from: Type.Integer({ ...Count, description: 'The first leaf that is in this part.' }),
    size: Type.Integer({ ...Count, description: 'Of the head that all parts together lead to.' }),
  }),
  deliveries: Type.Object({
    after: Type.Integer({ ...Count, description: 'The item behind which this part goes on.' }),
    until: Type.Integer({ ...Count, description: 'The last item of all parts together.' }),
  }),
  received: itemOf('The last item of the reader’s stream that the writer has applied.'),
  told: Type.Optional(itemOf('The last item that the reader committed to, where it is behind that.')),
  held: Type.Optional(
    Type.Object(
      { ...HeldShape.properties, after: Type.Integer({ minimum: -1, maximum: Number.MAX_SAFE_INTEGER }) },
      { description: 'What a writer without a network holds of the reader’s log behind a leaf.' },
    ),
  ),
})
export type Manifest = Static<typeof ManifestShape>

/** `end.json`, the last file: whether this was all, and where the next part begins. */
export const EndShape = Type.Object({ last: Type.Boolean(), leaf: Count, seq: Count })
export type BundleEnd = Static<typeof EndShape>

/** What reading a bundle tells, one a line. */
export type BundleEvent =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | {
      readonly kind: 'done'
      readonly from: string
      readonly part: number
      readonly leaves: number
      readonly statements: number
      /** Heads of other logs that were compared, and lines that were taken for this member's own log. */
      readonly heads: number
      readonly cosignatures: number
      /** Items of our stream that the writer has: confirmed up to here. */
      readonly confirmed: number
      /** Whether another part follows. */
      readonly more: boolean
    }
  | { readonly kind: 'broken'; readonly message: string; readonly place?: string; readonly remedy?: string }

/** POST /bundles/look: what a bundle says of itself. Only reading it verifies it whole. */
export const BundleLookShape = Type.Object({
  manifest: ManifestShape,
  signed: Type.Boolean({
    description:
      'Whether a key of its writer that is known here signed this. After a change of keys reading finds out.',
  }),
  refused: Type.Optional(
    Type.Object(
      { message: Type.String(), remedy: Type.Optional(Type.String()) },
      { description: 'Why reading it would be refused now.' },
    ),
  ),
})
export type BundleLook = Static<typeof BundleLookShape>

export const BundleShape = Type.Object({
  id: Type.String(),
  part: Type.Integer(),
  member: Type.String(),
  at: Type.String(),
  leaves: Type.Object({ from: Type.Integer(), until: Type.Integer() }),
  items: Type.Object({ after: Type.Integer(), until: Type.Integer() }),
  bytes: Type.Integer(),
  state: Type.Enum(['begun', 'written', 'confirmed'], {
    description: 'begun: it was broken off. confirmed: the member answered that it has all items.',
  }),
  last: Type.Boolean({ description: 'Whether no further part follows.' }),
})
export type BundleView = Static<typeof BundleShape>

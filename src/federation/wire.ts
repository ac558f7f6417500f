// The shapes of federation that cross the network: the node document, pairing, and the answers about peers.
import Type, { type Static } from 'typebox'
import { MEMBER_KINDS } from '#kernel/id.ts'
import { LIMITS } from '#kernel/limits.ts'

const Text = Type.String({ maxLength: 1000 })
const Url = Type.String({ maxLength: 2000, pattern: '^https?://' })
const Names = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9-]{1,35}$' }),
  Type.String({ minLength: 1, maxLength: 200 }),
)

/** A key for signing requests: an Ed25519 JWK (RFC 8037) with the time it holds. */
export const HttpKeyShape = Type.Object({
  kid: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'As it stands in `keyid`.' }),
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  nbf: Type.Integer({ minimum: 0, description: 'Valid from, seconds since 1970.' }),
  exp: Type.Integer({ minimum: 0, description: 'Valid until, seconds since 1970.' }),
})

/** Protocol section 1. Unknown properties are kept and ignored. */
export const NodeDocumentShape = Type.Object({
  member: Type.String({ maxLength: 253 }),
  names: Names,
  kind: Type.Enum([...MEMBER_KINDS]),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
  protocol: Type.Array(Type.Integer(), { minItems: 1, maxItems: 16 }),
  log: Type.Object({
    origin: Type.String({ minLength: 1, maxLength: 255 }),
    vkeys: Type.Array(Type.String({ maxLength: 4000 }), { minItems: 2, maxItems: 8 }),
    prefix: Url,
    earlier: Type.Array(
      Type.Object({
        origin: Text,
        vkeys: Type.Array(Type.String({ maxLength: 4000 }), { maxItems: 8 }),
        size: Type.Optional(
          Type.Integer({ minimum: 1, description: 'Of the head that its statements are proven under.' }),
        ),
        root: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })),
      }),
      { maxItems: 16 },
    ),
  }),
  http: Type.Array(HttpKeyShape, { minItems: 1, maxItems: 8 }),
  witness: Type.Optional(
    Type.Object({
      name: Type.String({ minLength: 1, maxLength: 255 }),
      vkeys: Type.Array(Type.String({ maxLength: 4000 }), { minItems: 1, maxItems: 8 }),
      submission: Url,
      monitoring: Url,
    }),
  ),
  recipients: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 8, description: 'age recipients.' }),
  tls: Type.Array(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }), {
    maxItems: 8,
    description: 'SPKI SHA-256 of certificates made by the node.',
  }),
  endpoint: Url,
  limits: Type.Object({ pageBytes: Type.Integer({ minimum: 1 }), requests: Type.Integer({ minimum: 1 }) }),
  contact: Type.Optional(Text),
  recovery: Type.Optional(
    Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the recovery public key.' }),
  ),
  version: Type.Integer({ minimum: 1, maximum: LIMITS.documentVersionMax }),
  time: Type.String({ maxLength: 40 }),
})
export type NodeDocument = Static<typeof NodeDocumentShape>

/** A note by the recovery key (kernel/recovery-note.ts), with the key it is signed under. */
export const ShownRecoveryShape = Type.Object({
  vkey: Type.String({ maxLength: 500 }),
  note: Type.String({ maxLength: 8000 }),
})

const proof = {
  recovery: Type.Optional(ShownRecoveryShape),
  entry: Type.String({ maxLength: 200 }),
  entrySalt: Type.String({ maxLength: 100 }),
  partCommits: Type.Array(Type.String({ maxLength: 100 }), { minItems: 4, maxItems: 4 }),
  header: Type.String({ maxLength: 20_000 }),
  headerSalt: Type.String({ maxLength: 100 }),
  contentSeed: Type.String({ maxLength: 100 }),
  proof: Type.String({ maxLength: 40_000 }),
}

/** An earlier document that brought new keys, base64, with what proves it under the keys before. */
export const ShownStepShape = Type.Object({ document: Type.String({ maxLength: 100_000 }), ...proof })
export type ShownStep = Static<typeof ShownStepShape>

/** What `/.well-known/comity.proof` answers: the statement whose item the document is, and where it is in the log. */
export const DocumentProofShape = Type.Object({
  ...proof,
  steps: Type.Optional(
    Type.Array(ShownStepShape, { maxItems: 32, description: 'How the keys came to be those of today, oldest first.' }),
  ),
})
export type DocumentProof = Omit<Static<typeof DocumentProofShape>, 'steps'>

/** Where a member's node is, as it says itself in a signed hint: enough to fetch its newest document. */
export const WhereaboutsShape = Type.Object({
  version: Type.Integer({ minimum: 1, description: 'Version of the node document.' }),
  endpoint: Url,
})
export type Whereabouts = Static<typeof WhereaboutsShape>

/** There is news: the log's size, and where its node is now. */
export const HintShape = Type.Object({
  origin: Type.String({ maxLength: 255 }),
  size: Type.Integer({ minimum: 0 }),
  urgent: Type.Optional(Type.Boolean()),
  node: Type.Optional(WhereaboutsShape),
})
export type Hint = Static<typeof HintShape>

/** What a node sends to accept an invitation, and what it gets back. Documents travel as their exact bytes, base64. */
export const PairRequestShape = Type.Object(
  {
    invitation: Type.String({ maxLength: 100, description: 'Id of the invitation.' }),
    document: Type.String({ maxLength: 100_000 }),
    mac: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)
/** An invitation with the inviter's node document (its exact bytes, base64), for who cannot fetch it. */
export const InvitationFileShape = Type.Object(
  {
    invitation: Type.String({ minLength: 20, maxLength: 8000, description: 'The line.' }),
    document: Type.String({ maxLength: 100_000 }),
  },
  { additionalProperties: false },
)
export const PairAnswerShape = Type.Object({
  document: Type.String({ maxLength: 100_000 }),
  mac: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})

/** GET and PATCH /member. */
export const MemberShape = Type.Object({
  member: Type.String(),
  names: Names,
  kind: Type.Enum([...MEMBER_KINDS]),
  country: Type.Optional(Type.String()),
  contact: Type.Optional(Text),
  announced: Type.Boolean({ description: 'Whether the log says so already; else it does once it may be signed.' }),
})
export type MemberView = Static<typeof MemberShape>
/** What is not given stays; null takes away. */
export const MemberChangeShape = Type.Object(
  {
    names: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'By language tag; replaces all.' })),
    kind: Type.Optional(Type.Enum([...MEMBER_KINDS])),
    country: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'ISO 3166-1 alpha-2.' })),
    contact: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'As in security.txt.' })),
  },
  { additionalProperties: false },
)

export const PEER_STATES = ['pending', 'approved', 'removed'] as const
export type PeerState = (typeof PEER_STATES)[number]

export const PeerShape = Type.Object({
  member: Type.String(),
  names: Names,
  url: Type.String(),
  network: Type.Boolean({ description: 'Whether it can be called; else it is exchanged with by bundles.' }),
  state: Type.Enum([...PEER_STATES]),
  words: Type.Array(Type.String(), { description: 'Eight words that both sides show; compare them by telephone.' }),
  communities: Type.Array(Type.String()),
  kind: Type.Optional(Type.String({ description: 'What it said it was when it was approved.' })),
  country: Type.Optional(Type.String()),
  saysNow: Type.Optional(
    Type.String({ description: 'What its newest document says instead; approving it again takes that.' }),
  ),
  adequate: Type.Array(Type.String(), {
    description: 'Jurisdictions whose personal data is protected well enough there.',
  }),
  agreements: Type.Record(Type.String(), Type.String(), {
    description: 'Jurisdictions whose personal data may go there, each with the agreement.',
  }),
  /** Why replication from this peer stands still, where a person must look. */
  stopped: Type.Optional(Type.String()),
  lastContact: Type.Optional(Type.String()),
  lastError: Type.Optional(Type.String()),
  /** What its stream to us was committed to and is not: withheld, rewritten, or no longer proven. */
  doubt: Type.Optional(
    Type.Object({ kind: Type.String(), reason: Type.String(), since: Type.String(), proof: Type.Boolean() }),
  ),
  committed: Type.Optional(
    Type.Integer({
      description: 'Items of its stream to us that its log commits to, as far as was shown and verified.',
    }),
  ),
  budget: Type.Optional(
    Type.Object(
      { bytes: Type.Integer(), used: Type.Integer(), spent: Type.Boolean(), resets: Type.String() },
      { description: 'Bytes a day to and from it, where people set a bound; when it is spent, what is large waits.' },
    ),
  ),
  logSize: Type.Integer({ description: 'Statements of its log that stand here, verified.' }),
  received: Type.Integer({ description: 'Items of its stream to us that were applied.' }),
  delivered: Type.Integer({ description: 'Items of our stream to it.' }),
})
export type PeerView = Static<typeof PeerShape>

/** What a peer told of its stream to us, as a file for others, and what it shows. */
export const DeliveryProofShape = Type.Object({
  member: Type.String(),
  finding: Type.String({ description: 'complete, open, rewritten, or why it does not hold.' }),
  committed: Type.Optional(Type.Integer()),
  shown: Type.Optional(Type.Integer()),
  index: Type.Optional(Type.Integer({ description: 'The leaf that commits to it.' })),
  file: Type.String(),
})
export type DeliveryProofView = Static<typeof DeliveryProofShape>

/** Items of our stream to a peer. */
export const GivenPageShape = Type.Object({
  member: Type.String(),
  confirmed: Type.Integer({ description: 'The last item the peer asked beyond: it has everything up to there.' }),
  confirmedAt: Type.Optional(Type.String()),
  items: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      at: Type.String(),
      reason: Type.String({ description: 'new, widened, withdrawn or erased.' }),
      indexes: Type.Array(Type.Integer(), { description: 'Leaves of this member’s log.' }),
      rules: Type.Array(Type.String()),
      confirmed: Type.Boolean(),
      bundled: Type.Optional(Type.String({ description: 'When it was last put into a bundle, while not confirmed.' })),
    }),
  ),
  next: Type.Optional(Type.String({ description: 'Goes on, also where this page is short or empty.' })),
})
export type GivenPage = Static<typeof GivenPageShape>

/** Statements that came from a peer. */
export const TakenPageShape = Type.Object({
  member: Type.String(),
  received: Type.Integer({ description: 'Items of its stream that were applied.' }),
  items: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'Leaf of its log.' }),
      kind: Type.String(),
      records: Type.Integer(),
      said: Type.String(),
      received: Type.String(),
    }),
  ),
  next: Type.Optional(Type.String()),
})
export type TakenPage = Static<typeof TakenPageShape>

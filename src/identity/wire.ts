// The shapes of people, sessions and tokens that cross the network. All paths are under /api.
//
// A browser begins with GET /session. Writes that a cookie carries also carry the header `x-comity-csrf` with the
// session's `csrf`. Problems have stable codes: `auth.required` (sign in), `auth.code` (the second factor is missing or
// wrong), `auth.denied`, `rate.limited` (with Retry-After).
import Type, { type Static } from 'typebox'
import { MEMBER_KINDS } from '#kernel/id.ts'
import { NODE_PARTS, RIGHTS, ROLES } from '#kernel/role.ts'

export const CSRF_HEADER = 'x-comity-csrf'
/** Sent (with any value) by what a page asks for by itself: such a request does not keep a session alive. */
export const BACKGROUND_HEADER = 'x-comity-background'
/** A one-time link is this page with the code behind a number sign, so that no server's log sees it. */
export const WELCOME_PATH = '/welcome'

export const PASSWORD_CHARS_MIN = 12
export const PASSWORD_CHARS_MAX = 256

/** As long as a token may last that expires. */
export const TOKEN_DAYS_MAX = 3650

const Time = Type.String({ description: 'RFC 3339, UTC.' })
const UserName = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,62}$',
  description: 'Lower-case letters, digits, dots, hyphens, underscores.',
})
const Display = Type.String({ minLength: 1, maxLength: 200, description: 'The name people read.' })
const Password = Type.String({ minLength: PASSWORD_CHARS_MIN, maxLength: PASSWORD_CHARS_MAX })
const Code = Type.String({ minLength: 4, maxLength: 40 })
const Names = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9-]{1,35}$' }),
  Type.String({ minLength: 1, maxLength: 200 }),
)
const Title = Type.String({ minLength: 1, maxLength: 100, description: 'What its owner calls it.' })

/** GET, POST, PATCH, DELETE /users and /users/:name. */
export const USER_STATES = ['invited', 'active', 'suspended'] as const
export const UserShape = Type.Object({
  name: UserName,
  display: Type.String(),
  role: Type.Enum([...ROLES]),
  state: Type.Enum([...USER_STATES], { description: 'invited: has not yet chosen how to sign in.' }),
  red: Type.Boolean({ description: 'Named for TLP:RED: sees RED records on this node.' }),
  created: Time,
  lastSignIn: Type.Optional(Time),
  ways: Type.Object({
    password: Type.Boolean(),
    totp: Type.Boolean(),
    passkeys: Type.Integer(),
    oidc: Type.Boolean(),
  }),
})
export type UserView = Static<typeof UserShape>

export const NewUserShape = Type.Object(
  {
    name: UserName,
    display: Type.Optional(Display),
    role: Type.Enum([...ROLES]),
    red: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export const UserChangeShape = Type.Object(
  {
    display: Type.Optional(Display),
    role: Type.Optional(Type.Enum([...ROLES])),
    red: Type.Optional(Type.Boolean()),
    suspended: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
/** POST /users and POST /users/:name/reset: the link lets that person choose how to sign in, once. */
export const WelcomeShape = Type.Object({
  user: UserShape,
  code: Type.String({ description: 'Shown this once.' }),
  link: Type.String({ description: 'Opens the page where the code is used.' }),
  expires: Time,
})
export type Welcome = Static<typeof WelcomeShape>

/** GET /session, and the answer of every way to sign in (POST /session …, POST /welcome). */
export const SESSION_STATES = ['set-up', 'first-administrator', 'signed-out', 'signed-in'] as const
export const SessionShape = Type.Object({
  state: Type.Enum([...SESSION_STATES], {
    description:
      'set-up: no member yet (POST /setup). first-administrator: a member, nobody who could sign in (POST /welcome).',
  }),
  member: Type.Optional(Type.Object({ id: Type.String(), names: Names, country: Type.Optional(Type.String()) })),
  version: Type.String(),
  /** Ways to sign in that this node offers at the address the page was called at. */
  ways: Type.Object({
    password: Type.Boolean(),
    passkey: Type.Optional(
      Type.String({
        description: 'The host name passkeys are bound to: offer them where the page was opened under it.',
      }),
    ),
    oidc: Type.Optional(Type.Object({ title: Type.String(), start: Type.String({ description: 'Go there.' }) })),
  }),
  user: Type.Optional(UserShape),
  rights: Type.Optional(Type.Array(Type.Enum([...RIGHTS]))),
  csrf: Type.Optional(Type.String({ description: 'Send it as x-comity-csrf with everything that changes something.' })),
  news: Type.Optional(
    Type.String({ description: 'Where the news stand: GET /events?after=… tells what comes since.' }),
  ),
  idleExpires: Type.Optional(Type.String({ description: 'RFC 3339: when the session ends if nothing is asked.' })),
  expires: Type.Optional(Type.String({ description: 'RFC 3339: when it ends in any case.' })),
})
export type SessionView = Static<typeof SessionShape>

/** Back from the provider without success, the page opens as `/?refused=WORD`. */
export const REFUSED_PARAMETER = 'refused'
export const OIDC_REFUSALS = ['denied', 'role', 'name', 'suspended', 'stale', 'unreachable'] as const

/** POST /session. `auth.code` asks for `code`: one of the authenticator, or a recovery code. */
export const SignInShape = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 63 }),
    password: Type.String({ minLength: 1, maxLength: PASSWORD_CHARS_MAX }),
    code: Type.Optional(Code),
  },
  { additionalProperties: false },
)
export type SignIn = Static<typeof SignInShape>

/** POST /session/passkey/options and its kin: `options` go to the browser as they are (WebAuthn JSON). */
export const PasskeyOptionsShape = Type.Object({ options: Type.Record(Type.String(), Type.Unknown()) })
/** POST /session/passkey: what the browser answered, as WebAuthn’s toJSON() writes it. */
export const PasskeyAnswerShape = Type.Object(
  { response: Type.Record(Type.String(), Type.Unknown()) },
  { additionalProperties: false },
)

/** POST /welcome/look: what a code is for. */
export const WELCOME_KINDS = ['first-administrator', 'invitation', 'reset'] as const
export const WelcomeLookShape = Type.Object({ code: Code }, { additionalProperties: false })
export const WelcomeInfoShape = Type.Object({
  kind: Type.Enum([...WELCOME_KINDS]),
  user: Type.Optional(UserShape),
  expires: Time,
})
/** POST /welcome: uses a code. For a first administrator `name` is chosen here. Answers SessionShape, signed in. */
export const WelcomeUseShape = Type.Object(
  { code: Code, name: Type.Optional(UserName), display: Type.Optional(Display), password: Password },
  { additionalProperties: false },
)
/** POST /welcome/passkey/options, then POST /welcome/passkey with the browser’s answer. */
export const WelcomePasskeyOptionsShape = Type.Object(
  { code: Code, name: Type.Optional(UserName), display: Type.Optional(Display) },
  { additionalProperties: false },
)
export const WelcomePasskeyShape = Type.Object(
  { ...WelcomePasskeyOptionsShape.properties, title: Title, response: Type.Record(Type.String(), Type.Unknown()) },
  { additionalProperties: false },
)

/** GET /account: the signed-in user’s own things. PATCH /account { display }. */
export const AccountShape = Type.Object({
  user: UserShape,
  passkeys: Type.Array(
    Type.Object({ id: Type.Integer(), title: Type.String(), created: Time, lastUsed: Type.Optional(Time) }),
  ),
  recoveryCodes: Type.Integer({ description: 'How many are left.' }),
})
export type AccountView = Static<typeof AccountShape>
export const AccountChangeShape = Type.Object({ display: Display }, { additionalProperties: false })
/** PUT /account/password. */
export const PasswordChangeShape = Type.Object(
  { current: Type.Optional(Type.String({ maxLength: PASSWORD_CHARS_MAX })), password: Password },
  { additionalProperties: false },
)
/** POST /account/totp begins; PUT /account/totp { code } confirms and answers recovery codes; DELETE ends it. */
export const TotpShape = Type.Object({
  secret: Type.String({ description: 'Base32, to type in.' }),
  uri: Type.String({ description: 'otpauth://totp/…, to draw as a QR code.' }),
})
export const CodeShape = Type.Object({ code: Code }, { additionalProperties: false })
export const RecoveryCodesShape = Type.Object({
  session: SessionShape,
  recoveryCodes: Type.Array(Type.String(), { description: 'Each works once. Shown this once.' }),
})
/** POST /account/passkeys/options, then POST /account/passkeys; DELETE /account/passkeys/:id. */
export const NewPasskeyShape = Type.Object(
  { title: Title, response: Type.Record(Type.String(), Type.Unknown()) },
  { additionalProperties: false },
)

/** GET, POST /account/searches; DELETE /account/searches/:id. What is asked for, as GET /search takes it. */
export const SearchKeptShape = Type.Object(
  {
    q: Type.Optional(Type.String({ maxLength: 500 })),
    type: Type.Optional(Type.String({ maxLength: 250 })),
    collection: Type.Optional(Type.String({ maxLength: 253 })),
    tlp: Type.Optional(Type.String({ maxLength: 20 })),
    author: Type.Optional(Type.String({ maxLength: 253 })),
  },
  { additionalProperties: false },
)
export const SavedSearchShape = Type.Object({ id: Type.Integer(), search: SearchKeptShape, created: Time })
export type SavedSearchView = Static<typeof SavedSearchShape>

/** GET /account/sessions (own) and GET /sessions (all); DELETE /account/sessions/:id and /sessions/:id. */
export const SessionRowShape = Type.Object({
  id: Type.Integer(),
  user: Type.String(),
  way: Type.String({ description: 'password, passkey, oidc or welcome.' }),
  address: Type.String(),
  agent: Type.String({ description: 'What the browser calls itself.' }),
  created: Time,
  lastSeen: Time,
  expires: Time,
  current: Type.Boolean(),
})
export type SessionRow = Static<typeof SessionRowShape>

/** GET, POST /tokens; DELETE /tokens/:name. */
export const TokenShape = Type.Object({
  name: UserName,
  role: Type.Enum([...ROLES]),
  parts: Type.Array(Type.String(), { description: 'Empty: every part.' }),
  made: Type.String({ description: 'By whom.' }),
  created: Time,
  expires: Type.Optional(Time),
  lastUsed: Type.Optional(Time),
  revoked: Type.Optional(Time),
})
export type TokenView = Static<typeof TokenShape>
export const NewTokenShape = Type.Object(
  {
    name: UserName,
    role: Type.Enum([...ROLES]),
    parts: Type.Optional(Type.Array(Type.Enum([...NODE_PARTS]), { maxItems: NODE_PARTS.length })),
    days: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: TOKEN_DAYS_MAX }), Type.Null()], {
        description: 'Until it expires (default 90). Null: never, until somebody revokes it.',
      }),
    ),
  },
  { additionalProperties: false },
)
export const MadeTokenShape = Type.Object({
  token: TokenShape,
  secret: Type.String({ description: 'Shown this once.' }),
})
export type MadeToken = Static<typeof MadeTokenShape>

/** POST /setup, only before there is a member; the code stands in the terminal. */
export const SetUpShape = Type.Object(
  {
    code: Code,
    member: Type.String({ maxLength: 253, description: 'A domain-like name, for ever.' }),
    names: Names,
    kind: Type.Enum([...MEMBER_KINDS]),
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
    contact: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  { additionalProperties: false },
)
export type SetUp = Static<typeof SetUpShape>
/** The node then runs at the same address, and `welcome` makes the first administrator there (POST /welcome). */
export const SetUpDoneShape = Type.Object({
  member: Type.String(),
  page: Type.String({ description: 'Where the node is opened from now on.' }),
  recoveryKey: Type.String({ description: 'Shown this once; kept nowhere.' }),
  welcome: Type.String({ description: 'A code for POST /welcome.' }),
})
export type SetUpDone = Static<typeof SetUpDoneShape>

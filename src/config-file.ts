// The file `comity.json`: what may stand in it, and what each key means.
import Type, { type Static } from 'typebox'
import { LIMITS } from '#kernel/limits.ts'
import { ROLES } from '#kernel/role.ts'

const Tls = Type.Union([
  Type.Literal('off'),
  Type.Literal('self-signed'),
  Type.Object(
    { certFile: Type.String({ minLength: 1 }), keyFile: Type.String({ minLength: 1 }) },
    { additionalProperties: false },
  ),
])

/** The file `comity.json`: every key is optional. The descriptions are the documentation of docs/operating/configure.md. */
export const ConfigFile = Type.Object(
  {
    host: Type.Optional(Type.String({ description: 'Address to listen on.', default: '127.0.0.1' })),
    port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description: 'Port to listen on; 0 takes a free one.',
        default: 7411,
      }),
    ),
    publicUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^/?#]+(/[^?#]*)?$',
        description:
          'The URL others reach this node at. Needed behind a reverse proxy; signatures are checked against it, never against Host.',
      }),
    ),
    trustedProxies: Type.Optional(
      Type.Array(Type.String(), {
        maxItems: 64,
        description: 'Addresses or networks of reverse proxies in front of this node.',
        default: [],
      }),
    ),
    tls: Type.Optional(Tls),
    logLevel: Type.Optional(
      Type.Enum(['silent', 'error', 'warn', 'info', 'debug'], {
        description: 'How much is logged to standard output.',
        default: 'info',
      }),
    ),
    metrics: Type.Optional(
      Type.Object(
        {
          token: Type.Optional(
            Type.String({
              minLength: 16,
              description: 'Lets other machines read /metrics; without it only this machine may.',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          bodyBytes: Type.Optional(
            Type.Integer({
              minimum: 65_536,
              maximum: 1_073_741_824,
              description: 'Largest request body.',
              default: LIMITS.bodyBytesMax,
            }),
          ),
          requestsPerMinute: Type.Optional(
            Type.Integer({
              minimum: 60,
              description: 'Requests a minute from one address.',
              default: LIMITS.requestsPerMinuteMax,
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    audit: Type.Optional(
      Type.Object(
        {
          retentionDays: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 36_500,
              description: 'How long the audit log and the record of answers are kept.',
              default: 3650,
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    backup: Type.Optional(
      Type.Object(
        {
          folder: Type.Optional(
            Type.String({ minLength: 1, description: 'Where the running node puts the backups it is asked for.' }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    keys: Type.Optional(
      Type.Object(
        {
          command: Type.Optional(
            Type.Array(Type.String({ maxLength: 4000 }), {
              minItems: 1,
              maxItems: 64,
              description:
                'A program and its arguments that print the passphrase of the keys. No shell reads them; it has 30 seconds.',
            }),
          ),
          passphraseFile: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'A file with the passphrase of the keys in its first line, readable by its owner only.',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    outbound: Type.Optional(
      Type.Object(
        {
          allowPrivate: Type.Optional(
            Type.Boolean({ description: 'Whether peers may have private or loopback addresses.', default: false }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    oidc: Type.Optional(
      Type.Object(
        {
          issuer: Type.String({
            pattern: '^https?://',
            description: 'The provider’s issuer, as its documents say it.',
          }),
          clientId: Type.String({ minLength: 1, description: 'The name of this node at the provider.' }),
          clientSecretFile: Type.Optional(
            Type.String({ description: 'A file with the secret of this node at the provider; none without a secret.' }),
          ),
          title: Type.Optional(Type.String({ description: 'What the button says.', default: 'Single sign-on' })),
          scopes: Type.Optional(Type.String({ description: 'Scopes asked for.', default: 'openid profile' })),
          nameClaim: Type.Optional(
            Type.String({ description: 'The claim user names are made from.', default: 'preferred_username' }),
          ),
          roleClaim: Type.Optional(Type.String({ description: 'The claim roles are read from.', default: 'groups' })),
          roles: Type.Record(Type.String(), Type.Enum([...ROLES]), {
            description:
              'Value of that claim → role. Who has none does not come in; of several the last of the roles counts.',
          }),
          allowPrivate: Type.Optional(
            Type.Boolean({ description: 'Whether the provider may have a private address.', default: false }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    sessions: Type.Optional(
      Type.Object(
        {
          idleMinutes: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 10_080,
              description: 'After how long without a request a signed-in user is signed out.',
              default: 60,
            }),
          ),
          hours: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 720,
              description: 'After how long a user signs in again in any case.',
              default: 12,
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    federation: Type.Optional(
      Type.Object(
        {
          pullSeconds: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 86_400,
              description: 'How often each peer is asked for news when no hint came.',
              default: 30,
            }),
          ),
          dailyBytes: Type.Optional(
            Type.Integer({
              minimum: 0,
              description:
                'Bytes a day to and from each peer that has no budget of its own (comity peer set). Beyond them what is large waits until midnight UTC.',
            }),
          ),
          network: Type.Optional(
            Type.Boolean({
              description:
                'Whether this node reaches others and is reached. Without a network it calls nobody, says so in its node document, and exchanges by bundles.',
              default: true,
            }),
          ),
          erasure: Type.Optional(
            Type.Enum(['honour', 'ask'], {
              description:
                'What happens when another member asks to erase what it gave: honour it at once, or ask a person here, who honours or refuses it (comity erasures).',
              default: 'honour',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
export type ConfigFile = Static<typeof ConfigFile>

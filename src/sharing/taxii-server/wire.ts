// The shapes of TAXII clients that cross the network.
import Type, { type Static } from 'typebox'

/** Writing is adding to a collection and withdrawing from it. */
export const ClientGrantShape = Type.Object(
  { collection: Type.String({ maxLength: 253 }), read: Type.Boolean(), write: Type.Boolean() },
  { additionalProperties: false },
)
export type ClientGrant = Static<typeof ClientGrantShape>

/** POST /clients. */
export const NewClientShape = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 63 }),
    actsFor: Type.String({ maxLength: 253, description: 'self, public, or a member id.' }),
    grants: Type.Array(ClientGrantShape, { maxItems: 1000 }),
  },
  { additionalProperties: false },
)
export const MadeClientShape = Type.Object({
  name: Type.String(),
  secret: Type.String({ description: 'Shown this once.' }),
  discovery: Type.String({ description: 'What to give to the client as the server’s address.' }),
})
export type MadeClient = Static<typeof MadeClientShape>

/** PATCH /clients/:name. */
export const GrantsShape = Type.Pick(NewClientShape, ['grants'])

/** GET /clients. */
export const ClientShape = Type.Object({
  name: Type.String(),
  actsFor: Type.String(),
  created: Type.String(),
  revoked: Type.Optional(Type.String()),
  grants: Type.Array(ClientGrantShape),
})
export type ClientView = Static<typeof ClientShape>

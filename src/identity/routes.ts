// Everything of identity under /api, in one list.
import type { FastifyInstance } from 'fastify'
import { accountRoutes } from './account-routes.ts'
import type { Gate } from './gate.ts'
import { oidcRoutes } from './oidc-routes.ts'
import { passkeyRoutes } from './passkey-routes.ts'
import { searchRoutes } from './search-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { userRoutes } from './user-routes.ts'
import { welcomeRoutes } from './welcome-routes.ts'

export function identityRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(sessionRoutes(gate))
    await app.register(welcomeRoutes(gate))
    await app.register(accountRoutes(gate))
    await app.register(passkeyRoutes(gate))
    await app.register(searchRoutes(gate.deps))
    await app.register(userRoutes(gate))
    if (gate.deps.oidc !== undefined) await app.register(oidcRoutes(gate, gate.deps.oidc))
  }
}

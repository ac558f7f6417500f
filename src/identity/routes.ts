// Everything of identity under /api, in one list.
import type { FastifyInstance } from 'fastify'
import type { Gate } from './gate.ts'
import { sessionRoutes } from './session-routes.ts'
import { userRoutes } from './user-routes.ts'
import { welcomeRoutes } from './welcome-routes.ts'

export function identityRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(sessionRoutes(gate))
    await app.register(welcomeRoutes(gate))
    await app.register(userRoutes(gate))
  }
}

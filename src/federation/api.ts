// What the composition and other capabilities may ask of federation.
export { federationApiRoutes } from './api-routes.ts'
export { federationCommands } from './commands.ts'
export { deliverSealed } from './deliver.ts'
export { makeFederation, type Federation, type Recipients } from './federation.ts'
export { federationMigrations } from './migrations.ts'
export { applyEvidence } from './witness/fork.ts'
export { trustRoutes } from './witness/api-routes.ts'
export { federationRoutes } from './routes.ts'

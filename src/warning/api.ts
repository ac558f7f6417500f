// What the composition and other capabilities may ask of warning.
export { careRoutes } from './care-routes.ts'
export { forgetWarnings, warningCommands } from './commands.ts'
export { warningMigrations } from './migrations.ts'
export { warningRoutes } from './routes.ts'
export { makeWarning, type Warning } from './warning.ts'

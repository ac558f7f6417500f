// What the composition may ask of identity.
export { makeGate, type Gate } from './gate.ts'
export { siteOf } from './browser.ts'
export { newCode } from './secret.ts'
export type { Oidc, OidcSettings } from './oidc.ts'
export { setUpRoutes } from './set-up-routes.ts'
export { identityRoutes } from './routes.ts'

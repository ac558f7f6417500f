// The HTTP side of sharing under /api: parse, call, render. Nothing is decided here.
import type { FastifyInstance } from 'fastify'
import { collectionRoutes } from './collection-routes.ts'
import type { DetailDeps } from './detail.ts'
import type { RecordRow } from './find.ts'
import { graphRoutes } from './graph-routes.ts'
import { importRoutes, type ImportRouteDeps } from './import-routes.ts'
import { pictureRoutes } from './picture/routes.ts'
import { proofRoutes } from './proof-routes.ts'
import type { ProofDeps } from './proof.ts'
import { quarantineRoutes } from './quarantine-routes.ts'
import { recordRoutes } from './record-routes.ts'
import { toRecordViews } from './record-view.ts'
import { relatedRoutes } from './related-routes.ts'

export type SharingRouteDeps = DetailDeps & ProofDeps & ImportRouteDeps

export function sharingRoutes(deps: SharingRouteDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(collectionRoutes(deps))
    await app.register(importRoutes(deps))
    await app.register(recordRoutes(deps))
    const withViews = { ...deps, views: (rows: readonly RecordRow[]) => toRecordViews(deps.store, rows) }
    await app.register(relatedRoutes(withViews))
    await app.register(graphRoutes(withViews))
    await app.register(pictureRoutes(withViews))
    await app.register(proofRoutes(deps))
    await app.register(quarantineRoutes(deps))
  }
}

// What a person needs first, in one small answer: it crosses parts, so it stands beside them and not in one.
import { X509Certificate } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime, type Clock } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { needs } from '#kernel/http/access.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { loadSight } from '#kernel/sight.ts'
import type { Store } from '#kernel/store/types.ts'
import { neighbours, type Federation, type Neighbour } from '#federation/api.ts'
import type { Warning } from '#warning/api.ts'
import { exampleRecords } from '#src/example/api.ts'
import { whatLeft } from './left.ts'
import { needsOf } from './needs.ts'
import { howIsTheNode } from './node.ts'
import { HomeShape, LeftShape, NodeShape, type NeighbourView } from './wire.ts'

const TAGS = { tags: ['node'] }
const HOUR_MS = 3600_000
const LeftQuery = Type.Object({ hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 744 })) })

export type HomeDeps = {
  readonly store: Store
  readonly egress: Egress
  readonly clock: Clock
  readonly warning: Warning
  readonly federation: Pick<Federation, 'witnessedOf'>
  /** The node's certificate, PEM, as it is shown now. */
  readonly certificate: () => string | undefined
  readonly isFolderOpen: () => boolean
}

export function homeRoutes(deps: HomeDeps): (app: FastifyInstance) => Promise<void> {
  const { store, egress, clock, warning, federation } = deps
  const sinceMs = clock.nowMs()
  return async (app) => {
    app.get(
      '/home',
      {
        config: needs('read', 'node'),
        schema: {
          ...TAGS,
          summary: 'What waits for a person, and how the peers are',
          response: { 200: HomeShape },
        },
      },
      async ({ caller }) => {
        const nowMs = clock.nowMs()
        const peers = await neighbours(store)
        const size = (await store.get<{ size: number }>('SELECT size FROM log WHERE id = ?', OWN_LOG))?.size ?? 0
        const { by: _, ...witnessed } = await federation.witnessedOf(size - 1)
        const certificate = deps.certificate()
        const certificateEndsMs =
          certificate === undefined ? undefined : new X509Certificate(certificate).validToDate.getTime()
        const { frozen } = store.status()
        const example = await exampleRecords(store)
        return {
          at: formatTime(nowMs),
          log: { size, witnessed },
          needs: await needsOf(
            { store, egress, warning, frozen, peers, certificateEndsMs, folderOpen: deps.isFolderOpen(), nowMs },
            caller,
          ),
          ...(example === undefined ? {} : { example }),
          peers: peers.map(toView),
        }
      },
    )
    app.get(
      '/node',
      {
        config: needs('audit', 'node'),
        schema: { ...TAGS, summary: 'How the node itself is', response: { 200: NodeShape } },
      },
      async () => {
        const { user, system } = process.cpuUsage()
        const memoryBytes = process.memoryUsage.rss()
        return howIsTheNode(store, { sinceMs, nowMs: clock.nowMs(), cpuMs: (user + system) / 1000, memoryBytes })
      },
    )
    app.get<{ Querystring: Static<typeof LeftQuery> }>(
      '/left',
      {
        config: needs('read', 'node'),
        schema: {
          ...TAGS,
          summary: 'What left this node in the last hours, for whom, by which way and under which rules',
          querystring: LeftQuery,
          response: { 200: LeftShape },
        },
      },
      async ({ query: { hours = 24 }, caller: { principal } }) =>
        whatLeft(store, clock.nowMs() - hours * HOUR_MS, await loadSight(deps, principal)),
    )
  }
}

function toView({ name, state, lastContactMs, behind, waiting, witnesses }: Neighbour): NeighbourView {
  return {
    member: name,
    state,
    ...(lastContactMs === null ? {} : { lastContact: formatTime(lastContactMs) }),
    behind,
    waiting,
    witnesses,
  }
}

// Backups over the interface: what there is, one more, and whether one is whole. Where they lie is set in the configuration;
// no path comes over the network.
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { needs } from '#kernel/http/access.ts'
import { BACKUP_NAME, type BackupDesk } from './desk.ts'
import { BackupsShape } from './wire.ts'

const TAGS = { tags: ['node'] }
const BegunShape = Type.Object({ name: Type.String() })

export function backupRoutes(desk: BackupDesk): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get(
      '/backups',
      {
        config: needs('administer', 'node'),
        schema: {
          ...TAGS,
          summary: 'Backups in the folder for them, newest first, and what is being done with one',
          response: { 200: BackupsShape },
        },
      },
      async () => desk.look(),
    )
    app.post(
      '/backups',
      {
        config: needs('administer', 'node'),
        schema: {
          ...TAGS,
          summary: 'Begin to make a backup; GET /backups tells how far it is',
          response: { 202: BegunShape },
        },
      },
      async ({ caller }, reply) => reply.code(202).send({ name: desk.make(caller.actor) }),
    )
    app.post<{ Params: { name: string } }>(
      '/backups/:name/check',
      {
        config: needs('administer', 'node'),
        schema: {
          ...TAGS,
          summary: 'Begin to read a backup again and hold it against its manifest',
          params: Type.Object({ name: Type.String({ pattern: BACKUP_NAME }) }),
          response: { 202: BegunShape },
        },
      },
      async ({ caller, params: { name } }, reply) => {
        desk.check(caller.actor, name)
        return reply.code(202).send({ name })
      },
    )
  }
}

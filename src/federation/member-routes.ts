// What this member says of itself, for its own people, under /api: they read it, and change it while the node runs.
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { needs } from '#kernel/http/access.ts'
import { parseNodeDocument } from './document.ts'
import type { Federation } from './federation.ts'
import { loadOwnDocument } from './own-document.ts'
import { MemberChangeShape, MemberShape, type MemberView } from './wire.ts'

const TAGS = { tags: ['federation'] }

export function memberRoutes(federation: Federation): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get(
      '/member',
      {
        config: needs('read', 'federation'),
        schema: { ...TAGS, summary: 'What this member says of itself', response: { 200: MemberShape } },
      },
      async () => memberView(federation),
    )
    app.patch<{ Body: Static<typeof MemberChangeShape> }>(
      '/member',
      {
        config: needs('administer', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Say something else of this member: it is logged, and peers are told, at once',
          body: MemberChangeShape,
          response: { 200: MemberShape },
        },
      },
      async ({ body, caller }) => {
        await federation.describe(caller.actor, body)
        return memberView(federation)
      },
    )
  }
}

async function memberView({ self, deps }: Federation): Promise<MemberView> {
  const { member, names, kind, country, contact } = self()
  const said = {
    names: { ...names },
    kind,
    ...(country === undefined ? {} : { country }),
    ...(contact === undefined ? {} : { contact }),
  }
  return { member, ...said, announced: await isAnnounced(deps.store, said) }
}

/** Whether the newest document in the log says the same. */
async function isAnnounced(
  store: Federation['deps']['store'],
  said: Omit<MemberView, 'member' | 'announced'>,
): Promise<boolean> {
  const bytes = await loadOwnDocument(store)
  const parsed = bytes === undefined ? undefined : parseNodeDocument(bytes)
  if (parsed?.ok !== true) return false
  const { names, kind, country, contact } = parsed.document
  return isDeepStrictEqual({ names, kind, country, contact }, { country: undefined, contact: undefined, ...said })
}

// Taking on a warning, keeping it quiet, and what was done about it, under /api.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { parseMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { needs, type Caller } from '#kernel/http/access.ts'
import { assignWarning, deedsAbout, muteWarning, unmuteWarning } from './care-commands.ts'
import type { Warning } from './warning.ts'
import {
  AssigneeShape,
  AssignShape,
  MuteShape,
  WarningDeedShape,
  WarningShape,
  type AssigneeView,
  type WarningView,
} from './wire.ts'

const TAGS = { tags: ['warning'] }
const Params = Type.Object({ id: Type.Integer({ minimum: 1 }) })
type Numbered = { Params: Static<typeof Params> }

export type CareDeps = {
  readonly warning: Warning
  /** The users who decide about warnings. */
  readonly assignees: () => Promise<readonly AssigneeView[]>
}

export function careRoutes({ warning, assignees }: CareDeps): (app: FastifyInstance) => Promise<void> {
  const { store } = warning
  const view = async (id: number, { principal }: Caller): Promise<WarningView> => {
    const found = await warning.find(id, principal)
    if (found !== undefined) return found
    throw new Fault('not-found', `there is no warning ${id}`, { remedy: 'See “comity warnings”.' })
  }
  const route = (summary: string) => ({ ...TAGS, summary, params: Params, response: { 200: WarningShape } })
  return async (app) => {
    app.get(
      '/warnings/assignees',
      {
        config: needs('decide', 'warning'),
        schema: {
          ...TAGS,
          summary: 'The people of this node who may be given a warning',
          response: { 200: Type.Object({ items: Type.Array(AssigneeShape) }) },
        },
      },
      async () => ({ items: [...(await assignees())] }),
    )
    app.post<Numbered & { Body: Static<typeof AssignShape> }>(
      '/warnings/:id/assign',
      {
        config: needs('decide', 'warning'),
        schema: { ...route('Say whose a warning is; nobody’s where the name is empty'), body: AssignShape },
      },
      async ({ caller, params: { id }, body: { to } }) => {
        await view(id, caller)
        if (to !== '' && !(await assignees()).some(({ name }) => name === to))
          throw new Fault('not-found', `there is no user “${to}” who decides about warnings`, {
            place: 'to',
            remedy: 'See “comity user list”: analysts and administrators do.',
          })
        await store.write(assignWarning, { actor: caller.actor, id, to })
        return view(id, caller)
      },
    )
    app.post<Numbered & { Body: Static<typeof MuteShape> }>(
      '/warnings/:id/mute',
      {
        config: needs('decide', 'warning'),
        schema: { ...route('Keep a warning quiet until a time, with a reason'), body: MuteShape },
      },
      async ({ caller, params: { id }, body: { until, reason } }) => {
        const micros = parseMicros(until)
        if (micros === undefined)
          throw new Fault('input.invalid', 'this is not a time in UTC', {
            place: 'until',
            remedy: 'Like 2026-01-31T12:00:00Z.',
          })
        await view(id, caller)
        await store.write(muteWarning, { actor: caller.actor, id, untilMs: Math.floor(micros / 1000), reason })
        return view(id, caller)
      },
    )
    app.post<Numbered>(
      '/warnings/:id/unmute',
      { config: needs('decide', 'warning'), schema: route('Let a muted warning speak again') },
      async ({ caller, params: { id } }) => {
        await view(id, caller)
        await store.write(unmuteWarning, { actor: caller.actor, id })
        return view(id, caller)
      },
    )
    app.get<Numbered>(
      '/warnings/:id/deeds',
      {
        config: needs('read', 'warning'),
        schema: {
          ...TAGS,
          summary: 'What was done about a warning, oldest first',
          params: Params,
          response: { 200: Type.Object({ items: Type.Array(WarningDeedShape) }) },
        },
      },
      async ({ caller, params: { id } }) => {
        await view(id, caller)
        return { items: await deedsAbout(store, id) }
      },
    )
  }
}

// An invented campaign to look around in. It is an exercise by its marking and shared with nobody: no rule lets it out,
// and it never warns, so that nobody takes it for the real world.
import { createReadStream } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { recordDeed } from '#kernel/audit.ts'
import type { Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import type { Store } from '#kernel/store/types.ts'
import { addCollection, findCollection, requireCollection, type Collection } from '#sharing/collection.ts'
import { eraseRecords } from '#sharing/erase-command.ts'
import { importObjects } from '#sharing/import.ts'
import { ALIAS, isExample, MARKING } from './collection.ts'
import { ExampleGoneShape, ExampleShape, type ExampleGoneView, type ExampleView } from './wire.ts'

const FILE = new URL('../../examples/northern-lantern.json', import.meta.url)
const BEGINNING = { offset: 0, objects: 0, line: 1 }

export type ExampleDeps = { readonly store: Store; readonly clock: Clock }

export function exampleRoutes(deps: ExampleDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.post(
      '/example',
      {
        config: needs('administer', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'Load an invented campaign, marked as an exercise; what is here already stays as it is',
          response: { 200: ExampleShape },
        },
      },
      async ({ caller }) => loadExample(deps, caller.actor),
    )
    app.delete(
      '/example',
      {
        config: needs('administer', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'Erase all that stands in the collection of the example; the empty collection stays',
          response: { 200: ExampleGoneShape },
        },
      },
      async ({ caller }) => removeExample(deps, caller.actor),
    )
  }
}

async function loadExample({ store, clock }: ExampleDeps, actor: string): Promise<ExampleView> {
  const collection = (await exampleHere(store)) ?? (await makeCollection(store, actor))
  await store.write(recordDeed, { actor, action: 'record.import', subject: ALIAS, detail: { example: true } })
  const events = importObjects(
    { store, now: clock.nowMs },
    { collection, source: createReadStream(FILE), start: BEGINNING },
  )
  for await (const event of events) {
    if (event.kind !== 'done') continue
    const { added, known, kept } = event
    return { collection: ALIAS, added, known, kept }
  }
  throw new Fault('internal', 'the example was not read to its end')
}

async function removeExample({ store }: ExampleDeps, actor: string): Promise<ExampleGoneView> {
  const collection = await exampleHere(store)
  if (collection === undefined) throw new Fault('not-found', 'there is no example here')
  const { erased, kept } = await store.write(eraseRecords, {
    actor,
    of: { collection: collection.id },
    reason: 'sent-in-error',
    keepHeader: false,
  })
  return { erased, ...(kept === undefined ? {} : { kept }) }
}

/** The collection, where it was made before; another of its name is nobody's exercise and is left alone. */
async function exampleHere(store: Store): Promise<Collection | undefined> {
  const found = await findCollection(store, ALIAS)
  if (found === undefined || isExample(found)) return found
  throw new Fault('conflict', `a collection of this member is called “${ALIAS}” already, and is no exercise`, {
    remedy: `Give it another alias: comity collection set ${ALIAS} --alias NAME`,
  })
}

async function makeCollection(store: Store, actor: string): Promise<Collection> {
  const change = {
    alias: ALIAS,
    title: 'Example (exercise)',
    description: 'An invented campaign to look around in. Nothing in it is real, and nobody receives it.',
    marking: MARKING,
    share: 'none' as const,
  }
  return requireCollection(store, await store.write(addCollection, { actor, change }))
}

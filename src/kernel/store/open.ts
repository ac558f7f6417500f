// Opens a node's store: migrations first, then the one writer, then the reader.
import { join } from 'node:path'
import type { Clock, Random } from '../clock.ts'
import { headFile, memoryHead, type HeadFile } from '../log/head-file.ts'
import { logKeys, type Seeds } from '../key-file.ts'
import { OwnLog } from '../log/own-log.ts'
import { PolicyCaller } from '../policy/caller.ts'
import { Judge } from '../policy/judge.ts'
import { Connection, storageFault } from './connection.ts'
import { migrate } from './migrate.ts'
import { makeStore, threadExecutor, type GroupExecutor } from './store.ts'
import type { Store, WriterProgram } from './types.ts'
import { enterPhase, WriterCore } from './writer-core.ts'

/** Who writes: plain data, so that it can be handed to the writer's thread. */
export type WriterIdentity = {
  readonly member: string
  readonly origin: string
  readonly seeds: Seeds['log']
}

export type Place =
  | { readonly kind: 'memory' }
  /** The data folder: `comity.db` and `head` lie in it. */
  | { readonly kind: 'folder'; readonly path: string }

const WRITER_CACHE_KIB = 49_152
const READER_CACHE_KIB = 8192

export type Opened = { readonly core: WriterCore; readonly connection: Connection; readonly ownLog: OwnLog }

/** Opens the writer's side in the calling thread: migrate, hold against `head`, recover. */
export function openWriter(options: {
  readonly place: Place
  readonly identity: WriterIdentity
  readonly program: WriterProgram
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Random
  /** Who asks Cedar. Stores that live in one process may share one; without it the store has its own. */
  readonly policy?: PolicyCaller
}): Opened {
  const { place, identity, program, clock, random, policy = new PolicyCaller() } = options
  enterPhase('recovering')
  const path = databasePath(place)
  const connection = new Connection({ path, role: 'writer', cacheKib: WRITER_CACHE_KIB })
  try {
    migrate(connection, program.migrations, path)
    const head: HeadFile = place.kind === 'memory' ? memoryHead() : headFile(join(place.path, 'head'))
    const { member, origin, seeds } = identity
    const { outgoing } = seeds
    const ownLog = new OwnLog({
      member,
      origin,
      keys: logKeys(origin, seeds),
      outgoing: outgoing === undefined ? undefined : { keys: logKeys(origin, outgoing), overlapMs: outgoing.overlapMs },
      head,
      nowMs: clock.nowMs,
    })
    ownLog.open(connection)
    const judge = new Judge(policy)
    return { core: new WriterCore({ connection, program, ownLog, clock, random, judge }), connection, ownLog }
  } catch (error) {
    connection[Symbol.dispose]()
    throw storageFault(error)
  }
}

/** A store whose writer runs in the calling thread: for tests, worlds of many nodes, and one-off commands. */
export function openInlineStore(options: Parameters<typeof openWriter>[0]): Store {
  const { core, connection, ownLog } = openWriter(options)
  const executor: GroupExecutor = {
    frozen: ownLog.frozen,
    settings: connection.settings(),
    execute: async (calls) => core.execute(structuredClone(calls)),
    close: async () => {
      if (options.place.kind !== 'memory') connection[Symbol.dispose]()
    },
  }
  const reader = options.place.kind === 'memory' ? connection : openReader(options.place)
  return makeStore(reader, executor)
}

/** A store whose writer has a thread of its own; `thread` is that thread's main module. */
export async function openThreadStore(options: {
  readonly place: Extract<Place, { kind: 'folder' }>
  readonly identity: WriterIdentity
  readonly thread: URL
}): Promise<Store> {
  const executor = await threadExecutor(options.thread, { place: options.place, identity: options.identity })
  return makeStore(openReader(options.place), executor)
}

function openReader(place: Place): Connection {
  return new Connection({ path: databasePath(place), role: 'reader', cacheKib: READER_CACHE_KIB })
}

export function databasePath(place: Place): string {
  return place.kind === 'memory' ? ':memory:' : join(place.path, 'comity.db')
}

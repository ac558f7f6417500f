// Durable work: a job row is written in the transaction that makes it necessary and deleted when its work is done,
// so a crash in between repeats it. Handlers must therefore bear being run twice. One job per (kind, key).
import { audit } from './audit.ts'
import type { Clock } from './clock.ts'
import { LIMITS } from './limits.ts'
import { command, type Reader, type Store, type Tx } from './store/types.ts'

export type NewJob = {
  readonly kind: string
  readonly key: string
  readonly payload?: unknown
  readonly delayMs?: number
}

/** Asks for work in the same transaction. Where the same job waits already, it keeps the earlier time and takes the new payload. */
export function enqueue(tx: Tx, job: NewJob): void {
  tx.run(
    `INSERT INTO job (kind, key, payload, due_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload, due_ms = min(due_ms, excluded.due_ms),
       failed_ms = NULL, attempts = 0`,
    job.kind,
    job.key,
    JSON.stringify(job.payload ?? null),
    tx.nowMs + (job.delayMs ?? 0),
  )
  tx.emit({ name: 'job.new' })
}

export const enqueueJob = command('kernel.enqueue-job', enqueue)

const finishJob = command('kernel.finish-job', (tx, job: { readonly id: number; readonly payload: string }): void => {
  tx.run('DELETE FROM job WHERE id = ? AND payload = ?', job.id, job.payload)
})

const postponeJob = command(
  'kernel.postpone-job',
  (tx, job: { readonly id: number; readonly dueMs: number; readonly error: string; readonly final: boolean }): void => {
    tx.run(
      'UPDATE job SET attempts = attempts + 1, due_ms = ?, last_error = ?, failed_ms = ? WHERE id = ?',
      job.dueMs,
      job.error.slice(0, 500),
      job.final ? tx.nowMs : null,
      job.id,
    )
    if (job.final) tx.emit({ name: 'job.failed' })
  },
)

type Continued = { readonly id: number; readonly before: string; readonly payload: string; readonly delayMs: number }

/**
 * Puts a job off without counting it as a failure: the handler did a bounded piece and has more to do. Where other work was
 * asked for meanwhile, that is what is left.
 */
const continueJob = command('kernel.continue-job', (tx, { id, before, payload, delayMs }: Continued): void => {
  tx.run('UPDATE job SET payload = ?, due_ms = ? WHERE id = ? AND payload = ?', payload, tx.nowMs + delayMs, id, before)
})

/** A person asks for it to be tried again now, from the first attempt. False where it is not there. */
export const retryJob = command(
  'kernel.retry-job',
  (tx, input: { readonly actor: string; readonly id: number }): boolean => {
    const job = tx.get<{ kind: string; key: string }>('SELECT kind, key FROM job WHERE id = ?', input.id)
    if (job === undefined) return false
    tx.run('UPDATE job SET failed_ms = NULL, attempts = 0, due_ms = ? WHERE id = ?', tx.nowMs, input.id)
    audit(tx, { actor: input.actor, action: 'job.retry', subject: `${job.kind} ${job.key}` })
    tx.emit({ name: 'job.new' })
    return true
  },
)

export const jobCommands = [enqueueJob, finishJob, postponeJob, continueJob, retryJob]

/**
 * Does a bounded piece of work. Returns what is left as the next payload, or undefined when done. Throws to be tried again
 * later. The signal tells that the node stops: what was done so far is repeated then.
 */
export type JobHandler = (payload: unknown, key: string, signal: AbortSignal) => Promise<unknown>

/** What a handler returns that wants to go on with this payload, and not before this time has passed. */
export class Later {
  readonly payload: unknown
  readonly delayMs: number

  constructor(payload: unknown, delayMs: number) {
    this.payload = payload
    this.delayMs = delayMs
  }
}

type JobRow = { id: number; kind: string; key: string; payload: string; attempts: number }

export type JobRunner = AsyncDisposable & {
  /** Runs everything that is due now, once each, in order; returns how many ran when all have ended. */
  readonly tick: () => Promise<number>
}

export function makeJobRunner(deps: {
  readonly store: Store
  readonly clock: Clock
  /** By kind. Work of other kinds is left to other runners. */
  readonly handlers: Readonly<Record<string, JobHandler>>
  /** How many run at once; one by default. More are for work that mostly waits for others. */
  readonly lanes?: number
  readonly jitter: () => number
  readonly onError: (job: { kind: string; key: string }, error: unknown) => void
}): JobRunner {
  const { store, clock, handlers, lanes = 1 } = deps
  const kinds = JSON.stringify(Object.keys(handlers))
  const running = new Map<number, Promise<void>>()
  const stop = new AbortController()
  let starting: Promise<number> | undefined
  let timer: Disposable | undefined
  let closed = false

  const runOne = async (job: JobRow): Promise<void> => {
    const handler = handlers[job.kind]
    if (handler === undefined) return
    try {
      const rest = await handler(JSON.parse(job.payload), job.key, stop.signal)
      const { payload, delayMs } = rest instanceof Later ? rest : new Later(rest, 0)
      const { id, payload: before } = job
      if (rest === undefined) await store.write(finishJob, { id, payload: before })
      else await store.write(continueJob, { id, before, payload: JSON.stringify(payload), delayMs })
    } catch (error) {
      if (closed) return
      deps.onError(job, error)
      const dueMs = clock.nowMs() + backoffMs(job.attempts, deps.jitter())
      const final = job.attempts + 1 >= LIMITS.jobAttemptsMax
      await store.write(postponeJob, { id: job.id, dueMs, error: String(error), final })
    }
  }

  /** Starts what is due, each as soon as a lane is free. */
  const startDue = async (): Promise<number> => {
    const found = await store.all<JobRow>(DUE_SQL, kinds, clock.nowMs())
    const due = found.filter(({ id }) => !running.has(id))
    for (const job of due) {
      while (running.size >= lanes) await Promise.race(running.values())
      if (closed) break
      running.set(
        job.id,
        runOne(job)
          .catch((error: unknown) => deps.onError(job, error))
          .finally(() => {
            running.delete(job.id)
            void schedule()
          }),
      )
    }
    return due.length
  }

  const start = (): Promise<number> => {
    starting ??= startDue().finally(() => {
      starting = undefined
    })
    return starting
  }

  const tick = async (): Promise<number> => {
    const ran = await start()
    await Promise.all(running.values())
    return ran
  }

  const schedule = async (): Promise<void> => {
    timer?.[Symbol.dispose]()
    if (closed) return
    const next = await nextDueMs(store, kinds, JSON.stringify([...running.keys()]))
    if (closed || next === undefined) return
    timer?.[Symbol.dispose]()
    timer = clock.after(Math.max(0, next - clock.nowMs()), () => {
      start().then(schedule, schedule)
    })
  }

  const subscription = store.onCommit((events) => {
    if (events.some((event) => event.name === 'job.new')) void schedule()
  })
  void schedule()

  return {
    tick,
    [Symbol.asyncDispose]: async () => {
      closed = true
      stop.abort()
      timer?.[Symbol.dispose]()
      subscription[Symbol.dispose]()
      await starting?.catch(() => {})
      await Promise.allSettled(running.values())
    },
  }
}

const DUE_SQL = `SELECT id, kind, key, payload, attempts FROM job WHERE kind IN (SELECT value FROM json_each(?))
  AND failed_ms IS NULL AND due_ms <= ? ORDER BY due_ms, id LIMIT 100`

/** When the next of these kinds is due that does not run already. */
async function nextDueMs(reader: Reader, kinds: string, running: string): Promise<number | undefined> {
  const row = await reader.get<{ due: number | null }>(
    `SELECT min(due_ms) AS due FROM job WHERE kind IN (SELECT value FROM json_each(?)) AND failed_ms IS NULL
       AND id NOT IN (SELECT value FROM json_each(?))`,
    kinds,
    running,
  )
  return row?.due ?? undefined
}

/** Doubles from a second to an hour, times 0.5 to 1.5 so that nodes that failed together do not return together. */
export function backoffMs(attempts: number, jitter: number): number {
  const base = Math.min(LIMITS.jobBackoffMinMs * 2 ** Math.min(attempts, 20), LIMITS.jobBackoffMaxMs)
  return Math.round(base * (0.5 + jitter))
}

// Writes that come while nothing may be signed (a restored node that waits for its peers): received, kept durably, and said
// in the order they came as soon as the log may be signed again. Commands that offer an answer for that case are kept.
import { deserialize, serialize } from 'node:v8'
import type { Logger } from 'pino'
import { audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { lookedAt, type Looked } from '../egress.ts'
import { Fault } from '../fault.ts'
import { backoffMs } from '../job.ts'
import { LIMITS } from '../limits.ts'
import type { Marking } from '../marking.ts'
import type { Principal } from '../policy/types.ts'
import { inSight, type Seen, type Sight } from '../sight.ts'
import { internLabel } from '../standing.ts'
import { askToScrub } from '../store/scrub.ts'
import { command, type AnyCommand, type Command, type Reader, type Store, type Tx } from '../store/types.ts'

export const keptMigration = {
  name: 'kernel/008-kept-write',
  sql: `
CREATE TABLE kept_write (
  seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, command TEXT NOT NULL, records INTEGER NOT NULL, input BLOB NOT NULL
) STRICT;
`,
}

/** What became of a kept write, so that its copies in backups go where what it said goes. */
export const keptDoneMigration = {
  name: 'kernel/010-kept-done',
  sql: `
-- first and last: the sequence numbers between which what it said lies; NULL where it was let go of
CREATE TABLE kept_done (seq INTEGER PRIMARY KEY, first INTEGER, last INTEGER) STRICT;
CREATE INDEX kept_done_first ON kept_done (first);
`,
}

/** The ids of the records that a kept write is about, so that whoever asks for one is told that it was received. */
export const keptAboutMigration = {
  name: 'kernel/011-kept-about',
  sql: `ALTER TABLE kept_write ADD COLUMN about TEXT NOT NULL DEFAULT '[]'`,
}

/** For whom those records are, each at its place there: nobody else is told that they wait. */
export const keptClassesMigration = {
  name: 'kernel/015-kept-classes',
  sql: `
ALTER TABLE kept_write ADD COLUMN collection INTEGER;
ALTER TABLE kept_write ADD COLUMN classes TEXT NOT NULL DEFAULT '[]';
`,
}

type KeptCall = {
  readonly name: string
  readonly input: unknown
  readonly records: number
  readonly about: readonly string[]
  /** How each of these will be marked, and where it will stand; absent for what is about records that are here. */
  readonly marked?: { readonly collection: number; readonly markings: readonly Marking[] } | undefined
}

/** Keeps one write. Throws `node.restored` where as many are kept as are allowed. */
export function keepWrite(tx: Tx, { name, input, records, about, marked }: KeptCall): void {
  const bytes = serialize(input)
  const kept = tx.get<{ n: number; bytes: number | null }>(
    'SELECT count(*) AS n, sum(length(input)) AS bytes FROM kept_write',
  ) as { n: number; bytes: number | null }
  if (kept.n >= LIMITS.keptWritesMax || (kept.bytes ?? 0) + bytes.length > LIMITS.keptBytesMax)
    throw new Fault('node.restored', 'nothing may be signed, and as much is kept until then as there is room for', {
      remedy: 'Resume the log first: docs/operating/restore.md',
    })
  const seq = tx.reserve(1)
  tx.run(
    `INSERT INTO kept_write (seq, time_ms, command, records, input, about, collection, classes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    seq,
    tx.nowMs,
    name,
    records,
    bytes,
    JSON.stringify(about),
    marked?.collection ?? null,
    JSON.stringify(marked?.markings.map((marking) => internLabel(tx, marking)) ?? []),
  )
  audit(tx, { actor: 'node', action: 'write.kept', subject: name, detail: { number: seq, records } })
  tx.emit({ name: 'log.kept' })
}

const CLASS_OF_KEPT = { collection: 'k.collection', labelClass: 'c.value' } as const

/** Whether all that a kept write `k` holds is in sight. */
export function keptInSight(sight: Sight): Seen {
  const { sql, values } = inSight(sight, CLASS_OF_KEPT)
  return { sql: `NOT EXISTS (SELECT 1 FROM json_each(k.classes) c WHERE NOT ${sql})`, values }
}

type KeptAbout = {
  readonly number: number
  readonly timeMs: number
  readonly what: string
  /** 1 where its own marking says for whom it is; else that is for whom the record is that it is about. */
  readonly marked: number
}

/** What is kept about one record, in the order in which it will be said, as far as its own marking lets it be seen. */
export function keptAbout(reader: Reader, id: string, sight: Sight): Promise<KeptAbout[]> {
  const seen = inSight(sight, CLASS_OF_KEPT)
  return reader.all(
    `SELECT k.seq AS number, k.time_ms AS timeMs, k.command AS what, max(c.value IS NOT NULL) AS marked
     FROM kept_write k JOIN json_each(k.about) a LEFT JOIN json_each(k.classes) c ON c.key = a.key
     WHERE a.value = ? AND (c.value IS NULL OR ${seen.sql}) GROUP BY k.seq ORDER BY k.seq LIMIT ?`,
    id,
    ...seen.values,
    LIMITS.pageMax,
  )
}

const SAY_KEPT = 'kernel.say-kept'

/** Does what was kept under a number, as its caller asked for it. */
export function sayKeptCommand(commands: readonly AnyCommand[]): Command<{ readonly seq: number }, void> {
  const byName = new Map(commands.map((each) => [each.name, each]))
  return command(SAY_KEPT, (tx, { seq }: { readonly seq: number }): void => {
    const row = tx.get<{ command: string; input: Uint8Array }>(
      'SELECT command, input FROM kept_write WHERE seq = ?',
      seq,
    )
    if (row === undefined) return
    const { run, kept } = byName.get(row.command) as AnyCommand
    const first = tx.reserve(1)
    const outcome = kept?.outcome(run(tx, deserialize(row.input) as never) as never)
    tx.run('INSERT INTO kept_done (seq, first, last) VALUES (?, ?, ?)', seq, first, tx.reserve(1))
    audit(tx, { actor: 'node', action: 'write.said', subject: row.command, detail: { number: seq, ...outcome } })
    tx.run('DELETE FROM kept_write WHERE seq = ?', seq)
    tx.emit({ name: 'log.kept' })
  })
}

/** How the rest of the program names the command, whose work the writer's thread knows. */
const sayKept: Command<{ readonly seq: number }, void> = {
  name: SAY_KEPT,
  run: () => {
    throw new Error('only the writer says what was kept')
  },
}

type Drop = {
  readonly actor: string
  /** Who asks: what it may not look at is not there. Absent where the node itself does. */
  readonly principal?: Principal
  readonly seq: number
  readonly reason?: string
}

/** Takes away what was kept: a person does not want it any more, or it turned out that it cannot be. */
export const dropKept = command('kernel.drop-kept', (tx, { actor, principal, seq, reason = '' }: Drop): boolean => {
  const row = tx.get<{ command: string; records: number }>('SELECT command, records FROM kept_write WHERE seq = ?', seq)
  if (row === undefined || (principal !== undefined && !maySee(tx, principal, seq))) return false
  tx.run('DELETE FROM kept_write WHERE seq = ?', seq)
  tx.run('INSERT INTO kept_done (seq) VALUES (?)', seq)
  askToScrub(tx)
  const detail = { number: seq, records: row.records, ...(reason === '' ? {} : { reason }) }
  audit(tx, { actor, action: 'write.dropped', subject: row.command, detail })
  tx.emit({ name: 'log.kept' })
  return true
})

function maySee(tx: Tx, principal: Principal, seq: number): boolean {
  const classes = tx.all<Looked>(
    `SELECT DISTINCT k.collection, c.value AS labelClass FROM kept_write k JOIN json_each(k.classes) c WHERE k.seq = ?`,
    seq,
  )
  return lookedAt(tx, principal, classes).length === classes.length
}

type Sayer = {
  readonly store: Store
  readonly clock: Pick<Clock, 'after'>
  readonly jitter: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/**
 * Says what is kept as soon as the log may be signed, now and whenever it has been resumed; what cannot be said then is
 * tried again later. Disposed, it stops.
 */
export function sayKeptWhenResumed({ store, clock, jitter, logger }: Sayer): AsyncDisposable {
  let [closed, saying, failures] = [false, Promise.resolve(), 0]
  let timer: Disposable | undefined
  const sayAll = async (): Promise<void> => {
    for (let said = 0; !closed && store.status().frozen === undefined; said += 1) {
      const next = await store.get<{ seq: number | null }>('SELECT min(seq) AS seq FROM kept_write')
      if (next === undefined || next.seq === null) {
        if (said > 0) logger.info({ said }, 'what was kept while nothing could be signed is in the log now')
        return
      }
      await sayOne(store, next.seq)
      failures = 0
    }
  }
  const tryAgain = (error: unknown): void => {
    if (closed) return
    logger.warn({ err: error }, 'what is kept could not be said; it stays kept and is tried again')
    timer?.[Symbol.dispose]()
    timer = clock.after(backoffMs(failures, jitter()), go)
    failures += 1
  }
  const go = (): void => {
    timer?.[Symbol.dispose]()
    saying = saying.then(sayAll).catch(tryAgain)
  }
  const subscription = store.onCommit((events) => {
    if (events.some(({ name }) => name === 'log.replaced')) go()
  })
  go()
  return {
    [Symbol.asyncDispose]: async () => {
      closed = true
      timer?.[Symbol.dispose]()
      subscription[Symbol.dispose]()
      await saying
    },
  }
}

/** What is refused today (its record is gone, or there already with another value) is let go of, and written down. */
async function sayOne(store: Store, seq: number): Promise<void> {
  try {
    await store.write(sayKept, { seq })
  } catch (error) {
    if (!(error instanceof Fault) || error.status >= 500) throw error
    await store.write(dropKept, { actor: 'node', seq, reason: error.message })
  }
}

// The one writer of a node. It executes groups of commands in one transaction, each in a savepoint so that it
// fails alone, grows the log, commits, writes the `head` file, and only then answers (protocol section 3,
// "Order per batch"). It runs in a thread of its own in production and in the caller's thread in tests.
import { channel } from 'node:diagnostics_channel'
import type { Clock, Random } from '../clock.ts'
import { Fault, faultToData, type FaultData } from '../fault.ts'
import { keepWrite } from '../log/kept.ts'
import type { OwnLog } from '../log/own-log.ts'
import type { Judge } from '../policy/judge.ts'
import { type Connection, storageFault } from './connection.ts'
import type { AnyCommand, LoggedStatement, StoreEvent, Tx, WriterProgram } from './types.ts'

/** Where a group stands; published on the diagnostics channel `comity:writer` for tracing and crash tests. */
export type WriterPhase = 'begin' | 'before-commit' | 'committed' | 'head-written' | 'answering' | 'recovering'

const phases = channel('comity:writer')

export function enterPhase(phase: WriterPhase, commands: readonly string[] = []): void {
  if (phases.hasSubscribers) phases.publish({ phase, commands })
}

export type Call = { readonly name: string; readonly input: unknown }
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: FaultData }
export type GroupResult = {
  readonly outcomes: readonly Outcome[]
  readonly events: readonly StoreEvent[]
  readonly frozen: string | undefined
}

export type WriterCoreOptions = {
  readonly connection: Connection
  readonly program: WriterProgram
  readonly ownLog: OwnLog
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Random
  readonly judge: Judge
}

export class WriterCore {
  readonly #options: WriterCoreOptions
  readonly #commands: ReadonlyMap<string, AnyCommand>
  #lastSeq: number

  constructor(options: WriterCoreOptions) {
    this.#options = options
    this.#commands = new Map(options.program.commands.map((each) => [each.name, each]))
    this.#lastSeq = readLastSeq(options.connection)
  }

  execute(calls: readonly Call[]): GroupResult {
    const { connection, ownLog } = this.#options
    const names = calls.map((call) => call.name)
    const seqBefore = this.#lastSeq
    const group = new Group()
    try {
      enterPhase('begin', names)
      connection.run('BEGIN IMMEDIATE')
      const outcomes = calls.map((call) => this.#runOne(call, group))
      this.#seal(group)
      if (this.#lastSeq !== seqBefore) connection.run('UPDATE meta SET last_seq = ?', this.#lastSeq)
      enterPhase('before-commit', names)
      connection.run('COMMIT')
      enterPhase('committed', names)
      for (const work of group.afterCommit) work()
      // The log was replaced by a longer one of the same history: look at it, and at the head, as at a start.
      if (group.events.some(({ name }) => name === 'log.replaced')) ownLog.open(connection)
      return { outcomes: this.#publish(outcomes, names), events: group.events, frozen: ownLog.frozen }
    } catch (error) {
      return this.#abandon(calls, storageFault(error))
    }
  }

  /** Writes the head. Where that fails, what is committed stays and is told to nobody as done; the next head covers it. */
  #publish(outcomes: readonly Outcome[], names: readonly string[]): readonly Outcome[] {
    try {
      this.#options.ownLog.publishHead()
      enterPhase('head-written', names)
      enterPhase('answering', names)
      return outcomes
    } catch (error) {
      const fault = faultToData(storageFault(error))
      return outcomes.map(() => ({ ok: false, fault }))
    }
  }

  #runOne(call: Call, group: Group): Outcome {
    const { connection, ownLog } = this.#options
    const command = this.#commands.get(call.name)
    if (command === undefined) return { ok: false, fault: { code: 'internal', message: `no command ${call.name}` } }
    const logMark = ownLog.mark()
    const groupMark = group.mark()
    connection.run('SAVEPOINT command')
    try {
      const value = command.run(this.#tx(group), call.input as never)
      connection.run('RELEASE command')
      return { ok: true, value }
    } catch (error) {
      if (!connection.database.isTransaction) throw error
      connection.run('ROLLBACK TO command')
      connection.run('RELEASE command')
      ownLog.rollback(logMark)
      group.rollback(groupMark)
      const fault = storageFault(error)
      if (fault instanceof Fault && fault.code.startsWith('storage.')) throw error
      const waits = fault instanceof Fault && fault.code === 'node.restored'
      return (waits ? this.#keep(command, call, group) : undefined) ?? { ok: false, fault: faultToData(fault) }
    }
  }

  /** What would have to be signed, and may wait until something may be. */
  #keep({ name, kept, weigh }: AnyCommand, { input }: Call, group: Group): Outcome | undefined {
    if (kept === undefined) return undefined
    const groupMark = group.mark()
    try {
      const about = kept.about(input as never)
      const tx = this.#tx(group)
      const marked = kept.marked?.(tx, input as never)
      keepWrite(tx, { name, input, about, marked, records: weigh?.(input as never) ?? 1 })
      return { ok: true, value: kept.answer(input as never) }
    } catch (error) {
      group.rollback(groupMark)
      if (error instanceof Fault && error.code === 'node.restored') return { ok: false, fault: faultToData(error) }
      throw error
    }
  }

  /** Hooks may themselves append (a later statement about who got what), so they run until nothing new is left. */
  #seal(group: Group): void {
    for (let done = 0; done < group.statements.length;) {
      const fresh = group.statements.slice(done)
      done = group.statements.length
      for (const hook of this.#options.program.sealing) hook(this.#tx(group), fresh)
    }
    const sealed = this.#options.ownLog.seal(this.#options.connection)
    if (sealed !== undefined) group.events.push({ name: 'log.grown', data: { size: sealed.size } })
  }

  /** A failed commit undoes the whole group; every caller hears why, and nothing was acknowledged. */
  #abandon(calls: readonly Call[], error: unknown): GroupResult {
    const { connection, ownLog } = this.#options
    if (connection.database.isTransaction) connection.run('ROLLBACK')
    ownLog.reload(connection)
    this.#lastSeq = readLastSeq(connection)
    const fault = faultToData(error)
    return { outcomes: calls.map(() => ({ ok: false, fault })), events: [], frozen: ownLog.frozen }
  }

  #tx(group: Group): Tx {
    const { connection, ownLog, clock, random, judge } = this.#options
    const nowMs = clock.nowMs()
    const reserve = (count: number): number => {
      const first = Math.max(nowMs * 1000, this.#lastSeq + 1)
      this.#lastSeq = first + count - 1
      return first
    }
    return {
      nowMs,
      random,
      judge,
      run: (sql, ...values) => connection.run(sql, ...values),
      get: (sql, ...values) => connection.get(sql, ...values),
      all: (sql, ...values) => connection.all(sql, ...values),
      reserve,
      append: (statement) => {
        const logged = ownLog.append(connection, statement, reserve(Math.max(1, statement.items.length)))
        group.statements.push(logged)
        return logged
      },
      afterCommit: (work) => group.afterCommit.push(work),
      emit: (event) => group.events.push(event),
    }
  }
}

function readLastSeq(connection: Connection): number {
  return connection.get<{ seq: number }>('SELECT last_seq AS seq FROM meta')?.seq ?? 0
}

type GroupMark = { readonly statements: number; readonly events: number; readonly afterCommit: number }

/** What the commands of one transaction have done so far, with marks to undo one of them. */
class Group {
  readonly statements: LoggedStatement[] = []
  readonly events: StoreEvent[] = []
  readonly afterCommit: (() => void)[] = []

  mark(): GroupMark {
    return {
      statements: this.statements.length,
      events: this.events.length,
      afterCommit: this.afterCommit.length,
    }
  }

  rollback(mark: GroupMark): void {
    this.statements.length = mark.statements
    this.events.length = mark.events
    this.afterCommit.length = mark.afterCommit
  }
}

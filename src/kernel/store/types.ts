// What the rest of the program knows of storage: who may read, who may write, and what a command is.
// Reading is asynchronous in type, so that an engine behind a socket can follow; writing happens only inside
// a command, in the one thread (or, later, the one transaction) that owns the connection.
import type { Marking } from '../marking.ts'
import type { Random } from '../clock.ts'
import type { Judge } from '../policy/judge.ts'
import type { SealedStatement } from '../statement.ts'

export type Value = null | number | string | Uint8Array
export type Row = Record<string, Value>

/** Reads committed state. Statements are prepared once and kept by their text, so pass constant text. */
export type Reader = {
  readonly all: <T extends object = Row>(sql: string, ...values: Value[]) => Promise<T[]>
  readonly get: <T extends object = Row>(sql: string, ...values: Value[]) => Promise<T | undefined>
}

/** One statement that a command adds to this member's log. */
export type NewStatement = {
  readonly sealed: SealedStatement
  readonly id: string
  readonly kind: string
  readonly timeMs: number
  readonly header: Uint8Array
  readonly items: readonly Uint8Array[]
  /** As long as `items`: what belongs to each, empty where there is nothing (part 2). */
  readonly context?: readonly Uint8Array[]
  readonly labelClass: number
  /** Label class of the context's marking; absent: the context is ours alone. */
  readonly contextClass?: number
  readonly collection: number | null
  /** The named recipients (part 3), where there are any. */
  readonly audience?: { readonly bytes: Uint8Array; readonly members: readonly number[] }
  /** For a statement about an earlier one (a withdrawal): the statement it is about. */
  readonly about?: number
}

/** A statement as it stands once it is in the log. */
export type LoggedStatement = {
  /** Row id of the statement = sequence number of its first item. */
  readonly seq: number
  readonly index: number
  readonly kind: string
  readonly labelClass: number
  readonly collection: number | null
  /** Label class of its context, where it has one that others may have. */
  readonly contextClass: number | null
  readonly named: readonly number[]
  readonly about: number | null
  /** Bytes of all its items together. */
  readonly bytes: number
}

/** What a command works with. Valid only until its handler returns. */
export type Tx = {
  readonly nowMs: number
  readonly random: Random
  /** Who may have what, by the rules in force in this transaction. */
  readonly judge: Judge
  readonly run: (sql: string, ...values: Value[]) => number
  readonly get: <T extends object = Row>(sql: string, ...values: Value[]) => T | undefined
  readonly all: <T extends object = Row>(sql: string, ...values: Value[]) => T[]
  /** Reserves `count` sequence numbers (microseconds, strictly increasing, never reused) and returns the first. */
  readonly reserve: (count: number) => number
  /** Adds a statement to this member's log; refused while the log may not be signed. */
  readonly append: (statement: NewStatement) => LoggedStatement
  /** Does something once the transaction is committed, before callers are answered: the answer may be filled in there. */
  readonly afterCommit: (work: () => void) => void
  /** Tells listeners on the other side, after the commit. Small plain data. */
  readonly emit: (event: StoreEvent) => void
}

export type StoreEvent = { readonly name: string; readonly data?: unknown }

/** A named, bounded, plain message and what the writer does with it. Input and output must be cloneable. */
export type Command<I, O> = {
  readonly name: string
  readonly run: (tx: Tx, input: I) => O
  /** How many records the input carries, so that a group stays bounded. */
  readonly weigh?: (input: I) => number
  /** With it the command is kept where nothing may be signed, and done once something may; without, its caller is refused. */
  readonly kept?: {
    /** The ids of the records it is about. */
    readonly about: (input: I) => readonly string[]
    /** Where it brings these records: how each is marked now, and the collection it will stand in. */
    readonly marked?: (tx: Tx, input: I) => { readonly collection: number; readonly markings: readonly Marking[] }
    /** What the caller is answered meanwhile. */
    readonly answer: (input: I) => O
    /** What the audit log is told of the outcome in the end. */
    readonly outcome: (output: O) => Readonly<Record<string, unknown>>
  }
}

export type AnyCommand = Command<never, unknown>

export function command<I, O>(
  name: string,
  run: (tx: Tx, input: I) => O,
  options: Pick<Command<I, O>, 'weigh' | 'kept'> = {},
): Command<I, O> {
  return { name, run, ...options }
}

/** Forward only, numbered, listed in code: `sharing/001-record`. */
export type Migration = { readonly name: string; readonly sql: string }

/** Runs before the commit of a group in which the log grew, e.g. to write who gets the new statements. */
export type SealingHook = (tx: Tx, statements: readonly LoggedStatement[]) => void

/** Everything the writer runs: capabilities add to it in `src/writer.ts`. */
export type WriterProgram = {
  readonly migrations: readonly Migration[]
  readonly commands: readonly AnyCommand[]
  readonly sealing: readonly SealingHook[]
}

export type Writer = {
  /** Executes one command durably: when this resolves, its effect survives a crash. */
  readonly write: <I, O>(command: Command<I, O>, input: I, transfer?: readonly ArrayBuffer[]) => Promise<O>
}

export type Store = Reader &
  Writer &
  AsyncDisposable & {
    /** Called after each commit with what its commands emitted. Returns the way to stop. */
    readonly onCommit: (listener: (events: readonly StoreEvent[]) => void) => Disposable
    readonly status: () => StoreStatus
  }

export type StoreStatus = {
  /** Why nothing may be signed, or undefined where all is well. */
  readonly frozen: string | undefined
  readonly queued: number
  readonly settings: WriterSettings
}

/** What the live writer answers about itself, not what it was asked to be. */
export type WriterSettings = Readonly<Record<(typeof WRITER_SETTINGS)[number] | 'sqlite', string>>

export const WRITER_SETTINGS = ['journal_mode', 'synchronous', 'secure_delete', 'page_size', 'foreign_keys'] as const

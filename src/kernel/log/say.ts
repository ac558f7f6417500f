// Saying something in the own log: the header, the parts under fresh salts, the leaf.
import { formatTime } from '../clock.ts'
import type { StatementRef } from '../header.ts'
import { uuidv7 } from '../id.ts'
import type { Marking } from '../marking.ts'
import { internLabel, internMember } from '../standing.ts'
import { sealStatement } from '../statement.ts'
import type { LoggedStatement, NewStatement, Tx } from '../store/types.ts'
import { readEntry } from './entry-store.ts'
import { OWN_LOG } from './tile-store.ts'

export type OwnStatement = {
  readonly kind: string
  readonly marking: Marking
  readonly labelClass: number
  readonly named: readonly string[]
  readonly collection: number | null
  readonly mediaType: string
  readonly items: readonly Uint8Array[]
  /** As many as there are items; without a marking it is ours alone. */
  readonly context?: { readonly items: readonly Uint8Array[]; readonly marking: Marking | undefined }
  /** What this answers: as headers refer to it, and its row here, where it is here. */
  readonly about?: StatementRef & { readonly statement?: number }
}

/** Writes the header, seals the parts under fresh salts and adds the leaf. */
export function appendOwn(tx: Tx, statement: OwnStatement): LoggedStatement {
  const log = tx.get<{ origin: string; name: string }>(
    'SELECT l.origin, m.name FROM log l JOIN member m ON m.id = l.member WHERE l.id = ?',
    OWN_LOG,
  ) as { origin: string; name: string }
  const id = uuidv7(tx.nowMs, tx.random(10))
  const { about, context } = statement
  const contextClass = context?.marking === undefined ? undefined : internLabel(tx, context.marking)
  const header = Buffer.from(
    JSON.stringify({
      v: 1,
      member: log.name,
      origin: log.origin,
      id,
      kind: statement.kind,
      time: formatTime(tx.nowMs),
      marking: statement.marking,
      ...(context?.marking === undefined ? {} : { contextMarking: context.marking }),
      mediaType: statement.mediaType,
      count: statement.items.length,
      ...(about === undefined
        ? {}
        : { re: { origin: about.origin, index: about.index, commitment: about.commitment } }),
    }),
  )
  const audience =
    statement.named.length === 0
      ? undefined
      : {
          bytes: Buffer.from(JSON.stringify({ named: statement.named })),
          members: [...new Set(statement.named)].map((name) => internMember(tx, name)),
        }
  const sealed = sealStatement({
    header,
    content: statement.items,
    ...(context === undefined ? {} : { context: context.items }),
    ...(audience === undefined ? {} : { audience: audience.bytes }),
    random: tx.random,
  })
  const stored: NewStatement = {
    sealed,
    id,
    kind: statement.kind,
    timeMs: tx.nowMs,
    header,
    items: statement.items,
    ...(context === undefined ? {} : { context: context.items }),
    labelClass: statement.labelClass,
    ...(contextClass === undefined ? {} : { contextClass }),
    collection: statement.collection,
    ...(audience === undefined ? {} : { audience }),
    ...(about?.statement === undefined ? {} : { about: about.statement }),
  }
  return tx.append(stored)
}

/** How headers refer to a statement of a log that is here; undefined where its leaf is not. */
export function referTo(tx: Pick<Tx, 'get'>, log: number, index: number): StatementRef | undefined {
  const row = tx.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', log)
  const entry = readEntry(tx, log, index)
  return row === undefined || entry === undefined
    ? undefined
    : { origin: row.origin, index, commitment: entry.subarray(1, 33).toHex() }
}

/** The log that a statement of `log` names by its origin: itself, or another of the same member, which it goes on from. */
export function logNamed(tx: Pick<Tx, 'get'>, log: number, origin: string): number | undefined {
  return tx.get<{ id: number }>(
    'SELECT named.id FROM log own JOIN log named ON named.member = own.member WHERE own.id = ? AND named.origin = ?',
    log,
    origin,
  )?.id
}

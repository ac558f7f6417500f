// What an honest program never says: erases, receipts and withdrawals of anything, and any record, sent all the same.
import type { StatementRef } from '#kernel/header.ts'
import { ERASE_MEDIA_TYPE, RECEIPT_MEDIA_TYPE } from '#kernel/log/erase.ts'
import { appendOwn, referTo } from '#kernel/log/say.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Marking } from '#kernel/marking.ts'
import { internLabel } from '#kernel/standing.ts'
import { sealStatement } from '#kernel/statement.ts'
import { WITHDRAW_MEDIA_TYPE } from '#sharing/withdraw-command.ts'
import { command, type AnyCommand, type Tx } from '#kernel/store/types.ts'

const MEDIA_TYPES = {
  erase: ERASE_MEDIA_TYPE,
  receipt: RECEIPT_MEDIA_TYPE,
  'records.withdraw': WITHDRAW_MEDIA_TYPE,
} as const

type Forged = {
  readonly kind: keyof typeof MEDIA_TYPES
  readonly content: string
  readonly to: string
  readonly re: StatementRef | undefined
  /** Row of the statement that it is delivered after. */
  readonly behind?: number
}

const MARKING: Marking = { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' }

function say(tx: Tx, { kind, content, to, re, behind }: Forged): void {
  const placed = behind === undefined ? {} : { statement: behind }
  appendOwn(tx, {
    kind,
    marking: MARKING,
    labelClass: internLabel(tx, MARKING),
    named: [to],
    collection: null,
    mediaType: MEDIA_TYPES[kind],
    items: [Buffer.from(content)],
    ...(re === undefined ? {} : { about: { ...re, ...placed } }),
  })
}

type ErasedAbout = { readonly about: StatementRef; readonly content?: string; readonly to: string }

/** Row and index of this member's first records. */
const firstPut = (tx: Tx): { readonly seq: number; readonly idx: number } =>
  tx.get("SELECT seq, idx FROM statement WHERE log = ? AND kind = 'records.put'", OWN_LOG) as {
    seq: number
    idx: number
  }

/** An erase about anything, delivered to whoever has this member's first records. */
const erase = command('test.say-erase', (tx, { about, content, to }: ErasedAbout): void => {
  say(tx, {
    kind: 'erase',
    content: content ?? '{"reason":"legal","items":[0]}',
    to,
    re: about,
    behind: firstPut(tx).seq,
  })
})

/** A withdrawal of whatever the content names, delivered to whoever has this member's first records. */
const withdraw = command('test.say-withdraw', (tx, { content, to }: { content: string; to: string }): void => {
  const { seq, idx } = firstPut(tx)
  say(tx, { kind: 'records.withdraw', content, to, re: referTo(tx, OWN_LOG, idx), behind: seq })
})

type Receipted = {
  readonly about?: StatementRef
  readonly outcome: string
  readonly to: string
  readonly told?: string
}

const receipt = command('test.say-receipt', (tx, { about, outcome, to, told }: Receipted): void => {
  say(tx, { kind: 'receipt', content: JSON.stringify({ outcome, told }), to, re: about })
})

/** What another member said, header and all, said once more in the own log, for all peers. */
const copy = command('test.say-copy', (tx, { member }: { readonly member: string }): void => {
  const row = tx.get<{ seq: number; uuid: string; header: Uint8Array; bytes: Uint8Array; label: number }>(
    `SELECT s.seq, s.uuid, s.header, i.bytes, s.label_class AS label FROM statement s JOIN item i ON i.seq = s.seq
     JOIN log l ON l.id = s.log JOIN member m ON m.id = l.member WHERE m.name = ? AND s.kind = 'records.put'`,
    member,
  )
  const own = tx.get<{ id: number }>('SELECT id FROM collection WHERE author = 1')
  if (row === undefined || own === undefined) throw new Error('there is nothing to copy')
  const { uuid: id, label: labelClass } = row
  const [header, items] = [Buffer.from(row.header), [Buffer.from(row.bytes)]]
  const sealed = sealStatement({ header, content: items, random: tx.random })
  const kind = 'records.put'
  tx.append({ sealed, id, kind, timeMs: tx.nowMs, header, items, labelClass, collection: own.id })
})

/** Records that no honest program would say, for one member, and RED where nothing else is said. */
const put = command(
  'test.say-put',
  (
    tx,
    {
      collection,
      content,
      to,
      marking = MARKING,
    }: { collection: string; content: string; to: string; marking?: Marking },
  ): void => {
    const row = tx.get<{ id: number }>('SELECT id FROM collection WHERE alias = ?', collection)
    appendOwn(tx, {
      kind: 'records.put',
      marking,
      labelClass: internLabel(tx, marking),
      named: [to],
      collection: row?.id ?? null,
      mediaType: 'application/stix+json;version=2.1',
      items: [Buffer.from(content)],
    })
  },
)

/** How this member's headers refer to its own leaf. */
const refer = command('test.refer', (tx, index: number): StatementRef => referTo(tx, OWN_LOG, index) as StatementRef)

export const saying = { erase, withdraw, receipt, copy, put, refer }
export const sayingCommands = Object.values(saying) as unknown as AnyCommand[]

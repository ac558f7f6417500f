// Answering those who take something back: a person's answer where this member decides for itself, and the receipts.
import { audit } from '#kernel/audit.ts'
import { lookedAt, type Looked } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { parseErase, RECEIPT_MEDIA_TYPE, toldHash, type ReceiptContent } from '#kernel/log/erase.ts'
import { eraseHere, type Forget } from '#kernel/log/erase-store.ts'
import { appendOwn } from '#kernel/log/say.ts'
import type { Marking } from '#kernel/marking.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { internLabel } from '#kernel/standing.ts'
import { command, type Command, type Tx } from '#kernel/store/types.ts'
import { referToHeld } from '../forward/via.ts'
import { askForReceipts, placesToErase, type Copies } from './apply.ts'

export type Answer = {
  readonly actor: string
  /** Who answers: what it may not look at is not there. */
  readonly principal: Principal
  /** Row id of the erase statement, as the list shows it. */
  readonly erase: number
  readonly answer: 'honour' | 'refuse'
  /** Why not; needed for a refusal. */
  readonly reason: string
}

const ANSWER = 'federation.answer-erase'
type Row = { log: number; index: number; outcome: string; bytes: Uint8Array; member: string }

/** The statement that takes back, and the one it takes back, where that is here. */
const CONCERNED = `SELECT s.label_class AS labelClass, s.collection FROM taken_back t
  JOIN statement s ON s.seq = t.statement OR (s.log = t.log AND s.idx = t.idx) WHERE t.statement = ?`

/** Honours an erase that waits, or refuses it with a reason; what was refused can still be honoured later. */
export function answerEraseCommand(forget: Forget, copies: Copies): Command<Answer, void> {
  return command(ANSWER, (tx, { actor, principal, erase, answer, reason }: Answer): void => {
    const row = tx.get<Row>(
      `SELECT t.log, t.idx AS "index", t.outcome, i.bytes, m.name AS member
       FROM taken_back t JOIN item i ON i.seq = t.statement JOIN member m ON m.id = t.member
       WHERE t.statement = ? AND t.kind = 'erase'`,
      erase,
    )
    const concerned = tx.all<Looked>(CONCERNED, erase)
    const seen = concerned.length === lookedAt(tx, principal, concerned).length
    const content = row === undefined || !seen ? undefined : parseErase(row.bytes)
    if (row === undefined || content === undefined)
      throw new Fault('not-found', `nobody asked to erase anything under ${erase}`, {
        remedy: 'See “comity erasures”.',
      })
    if (row.outcome === 'erased') throw new Fault('conflict', 'this is erased already; what is gone cannot be kept')
    if (answer === 'refuse' && reason === '')
      throw new Fault('input.invalid', 'a refusal needs a reason', {
        place: 'reason',
        remedy: 'Its author is told it.',
      })
    if (answer === 'honour') {
      const { items, keepHeader = false } = content
      for (const place of placesToErase(tx, { ...row, items, by: erase }, copies))
        eraseHere(tx, { ...place, keepHeader }, forget)
    }
    tx.run(
      'UPDATE taken_back SET outcome = ?, reason = ?, receipt = NULL, time_ms = ? WHERE statement = ?',
      answer === 'honour' ? 'erased' : 'refused',
      reason,
      tx.nowMs,
      erase,
    )
    askForReceipts(tx)
    audit(tx, {
      actor,
      action: answer === 'honour' ? 'erase.honoured' : 'erase.refused',
      subject: `leaf ${row.index}`,
      detail: { member: row.member, reason },
    })
  })
}

/** How the rest of the program names the command, whose work the writer's thread knows. */
export const answerErase: Command<Answer, void> = {
  name: ANSWER,
  run: () => {
    throw new Error('only the writer erases')
  },
}

const FOR_AUTHOR: Marking = { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' }
/** Receipts written in one command. */
const RECEIPTS_STEP = 200

type Due = {
  statement: number
  name: string
  log: number
  index: number
  salt: Uint8Array
  outcome: string
  reason: string
}

/** Writes receipts that are due, each for the author alone. Answers whether there are more. */
export const writeReceipts = command('federation.write-receipts', (tx, _input: null): boolean => {
  const due = tx.all<Due>(
    `SELECT t.statement, m.name, s.log, s.idx AS "index", s.entry_salt AS salt, t.outcome, t.reason
     FROM taken_back t JOIN member m ON m.id = t.member JOIN statement s ON s.seq = t.statement
     WHERE t.receipt IS NULL AND t.outcome <> 'asked' ORDER BY t.statement LIMIT ?`,
    RECEIPTS_STEP,
  )
  const { name: own } = tx.get<{ name: string }>('SELECT name FROM member WHERE id = 1') as { name: string }
  for (const each of due)
    tx.run('UPDATE taken_back SET receipt = ? WHERE statement = ?', say(tx, own, each), each.statement)
  return due.length === RECEIPTS_STEP
})

function say(tx: Tx, own: string, { name, log, index, salt, outcome, reason }: Due): number {
  const about = referToHeld(tx, log, index)
  if (about === undefined) throw new Fault('internal', 'a statement without its leaf')
  const content = { outcome, ...(reason === '' ? {} : { reason }), told: toldHash(salt, own) } as ReceiptContent
  return appendOwn(tx, {
    kind: 'receipt',
    marking: FOR_AUTHOR,
    labelClass: internLabel(tx, FOR_AUTHOR),
    named: [name],
    collection: null,
    mediaType: RECEIPT_MEDIA_TYPE,
    items: [Buffer.from(JSON.stringify(content))],
    about,
  }).seq
}

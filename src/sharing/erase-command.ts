// Erasing records: a statement of its own for each statement they stand in, which names them by their places there and by
// nothing else, for whoever that statement went to; and everything this node made from them goes.
import { audit } from '#kernel/audit.ts'
import { lookedAt, type Looked } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { ERASE_MEDIA_TYPE, type EraseContent, type EraseReason } from '#kernel/log/erase.ts'
import { eraseHere, type Forget } from '#kernel/log/erase-store.ts'
import { appendOwn } from '#kernel/log/say.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { SELF } from '#kernel/standing.ts'
import { command, type Command, type Tx } from '#kernel/store/types.ts'
import { CLASS_OF_HOLDER, HOLDERS } from './record-store.ts'
import { isNameOfValue, objectKey } from './stix-id.ts'
import { likeStatement, statementOf } from './withdraw-command.ts'

export type EraseInput = {
  readonly actor: string
  /** Who asks: what it may not look at is not there. Absent where a whole collection goes. */
  readonly principal?: Principal
  /** What goes: a record by its STIX id, or all that a collection of this member holds, by its row id. */
  readonly of: { readonly id: string } | { readonly collection: number }
  /** Versions in microseconds; absent for all. */
  readonly versions?: readonly number[]
  readonly reason: EraseReason
  /** Whether headers stay of statements of which nothing else does. */
  readonly keepHeader: boolean
}

export type EraseOutput = {
  readonly erased: number
  readonly statements: readonly number[]
  /** Nothing may be signed: it is done once something may. */
  readonly kept?: boolean
}

const ERASE = 'sharing.erase'

/** Erases versions of a record this member said, withdrawn or not. */
export function eraseRecordsCommand(forget: Forget): Command<EraseInput, EraseOutput> {
  const run = (tx: Tx, input: EraseInput): EraseOutput => {
    const doomed = findDoomed(tx, { ...input, whose: 'own' })
    if (doomed.length === 0)
      throw new Fault('not-found', `this member has no record ${nameOf(input.of)} that could be erased`, {
        place: nameOf(input.of),
        remedy: 'A copy of what another member said is erased only here: comity erase ID --only-here.',
      })
    const statements = doomed.map((each) => eraseFrom(tx, each, { input, forget }))
    tx.emit({ name: 'sharing.withdrawn' })
    return { erased: versionsIn(doomed), statements }
  }
  return command(ERASE, run, {
    kept: {
      about: ({ of }) => ('id' in of ? [of.id] : []),
      answer: () => ({ erased: 0, statements: [], kept: true }),
      outcome: ({ erased }) => ({ erased }),
    },
  })
}

/** How the rest of the program names the command, whose work the writer's thread knows. */
export const eraseRecords: Command<EraseInput, EraseOutput> = {
  name: ERASE,
  run: () => {
    throw new Error('only the writer erases')
  },
}

/** What goes of one statement: its row id, its place in a log, and the items, ascending. */
export type DoomedItems = {
  readonly statement: number
  readonly log: number
  readonly index: number
  readonly items: readonly number[]
  /** How many of them no other item repeats. */
  readonly versions: number
}

type Sought = Pick<EraseInput, 'principal' | 'of' | 'versions'>

/** The items that hold what is to be erased, said by this member or by others. */
export function findDoomed(
  tx: Tx,
  { principal, of, versions, whose }: Sought & { readonly whose: 'own' | 'others' },
): DoomedItems[] {
  const all = rowsOf(tx, of, whose === 'own' ? `c.author = ${SELF}` : `c.author <> ${SELF}`)
  const there = principal === undefined ? all : lookedAt(tx, principal, all)
  const rows = there.filter(({ version }) => versions === undefined || versions.includes(version))
  return [...Map.groupBy(rows, ({ seq }) => statementOf(tx, seq))].map(([statement, group]) => ({
    statement,
    ...(tx.get('SELECT log, idx AS "index" FROM statement WHERE seq = ?', statement) as { log: number; index: number }),
    items: group.map(({ seq }) => seq - statement).toSorted((a, b) => a - b),
    versions: group.filter(({ copy }) => copy === 0).length,
  }))
}

export const versionsIn = (doomed: readonly DoomedItems[]): number =>
  doomed.reduce((sum, { versions }) => sum + versions, 0)

/** `copy` is 1 where another item stands for the version. */
type Row = Looked & { readonly seq: number; readonly version: number; readonly copy: number }

function rowsOf(tx: Tx, of: EraseInput['of'], whose: string): Row[] {
  const sql = `SELECT r.seq, r.version, r.collection, r.copy, ${CLASS_OF_HOLDER} AS labelClass FROM ${HOLDERS} r JOIN collection c ON c.id = r.collection`
  if ('collection' in of) return tx.all(`${sql} WHERE c.id = ? AND ${whose}`, of.collection)
  const key = objectKey(of.id)
  if (key === undefined) return []
  return tx.all(
    `${sql} JOIN stix_type t ON t.id = r.type WHERE r.oid = ? AND t.name = ? AND ${whose}`,
    key.oid,
    key.type,
  )
}

const nameOf = (of: EraseInput['of']): string => ('id' in of ? of.id : `in collection ${of.collection}`)

/** Says it, and does it here. Returns the place of what was said in the log. */
function eraseFrom(
  tx: Tx,
  { statement, log, index, items }: DoomedItems,
  { input, forget }: { readonly input: EraseInput; readonly forget: Forget },
): number {
  const like = likeStatement(tx, statement)
  const { reason, keepHeader } = input
  const content: EraseContent = { reason, items, ...(keepHeader ? { keepHeader } : {}) }
  const said = appendOwn(tx, {
    ...like,
    kind: 'erase',
    mediaType: ERASE_MEDIA_TYPE,
    items: [Buffer.from(JSON.stringify(content))],
  })
  const subject = 'collection' in input.of || isNameOfValue(input.of.id) ? null : input.of.id
  tx.run('INSERT INTO erasure (statement, subject) VALUES (?, ?)', said.seq, subject)
  eraseHere(tx, { log, index, items, keepHeader }, forget)
  audit(tx, {
    actor: input.actor,
    action: 'record.erase',
    subject: subject ?? `leaf ${index}`,
    detail: { reason, leaf: index, items },
  })
  return said.index
}

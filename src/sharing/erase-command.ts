// Erasing records: a statement of its own for each statement they stand in, which names them by their places there and by
// nothing else, for whoever that statement went to; and everything this node made from them goes.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { ERASE_MEDIA_TYPE, type EraseContent, type EraseReason } from '#kernel/log/erase.ts'
import { eraseHere, type Forget } from '#kernel/log/erase-store.ts'
import { appendOwn } from '#kernel/log/say.ts'
import { SELF } from '#kernel/standing.ts'
import { command, type Command, type Tx } from '#kernel/store/types.ts'
import { forgetRecords } from './forget.ts'
import { objectKey } from './stix-id.ts'
import { likeStatement, statementOf } from './withdraw-command.ts'

export type EraseInput = {
  readonly actor: string
  /** STIX id. */
  readonly id: string
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

/** Erases versions of a record this member said, withdrawn or not. `others` let go of what they made from it too. */
export function eraseRecordsCommand(others: Forget): Command<EraseInput, EraseOutput> {
  const forget: Forget = (tx, seqs) => {
    forgetRecords(tx, seqs)
    others(tx, seqs)
  }
  const run = (tx: Tx, input: EraseInput): EraseOutput => {
    const targets = findTargets(tx, input)
    if (targets.length === 0)
      throw new Fault('not-found', `this member has no record ${input.id} that could be erased`, { place: input.id })
    const statements: number[] = []
    for (const [statement, group] of Map.groupBy(targets, (each) => each.statement)) {
      const items = group.map(({ seq }) => seq - statement).toSorted((a, b) => a - b)
      statements.push(eraseFrom(tx, { statement, items, input, forget }))
    }
    tx.emit({ name: 'sharing.withdrawn' })
    return { erased: targets.length, statements }
  }
  return command(ERASE, run, {
    kept: {
      about: ({ id }) => [id],
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

type Target = { readonly seq: number; readonly statement: number }

function findTargets(tx: Tx, input: EraseInput): Target[] {
  const key = objectKey(input.id)
  if (key === undefined) return []
  return tx
    .all<{ seq: number; version: number }>(
      `SELECT r.seq, r.version FROM record r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection
       WHERE r.oid = ? AND t.name = ? AND c.author = ?`,
      key.oid,
      key.type,
      SELF,
    )
    .filter(({ version }) => input.versions === undefined || input.versions.includes(version))
    .map(({ seq }) => ({ seq, statement: statementOf(tx, seq) }))
}

type Erasure = {
  readonly statement: number
  readonly items: readonly number[]
  readonly input: EraseInput
  readonly forget: Forget
}

/** Says it, and does it here. Returns the place of what was said in the log. */
function eraseFrom(tx: Tx, { statement, items, input, forget }: Erasure): number {
  const like = likeStatement(tx, statement)
  const { log, index } = tx.get<{ log: number; index: number }>(
    'SELECT log, idx AS "index" FROM statement WHERE seq = ?',
    statement,
  ) as { log: number; index: number }
  const { reason, keepHeader } = input
  const content: EraseContent = { reason, items, ...(keepHeader ? { keepHeader } : {}) }
  const said = appendOwn(tx, {
    ...like,
    kind: 'erase',
    mediaType: ERASE_MEDIA_TYPE,
    items: [Buffer.from(JSON.stringify(content))],
  })
  const subject = isNameOfValue(input.id) ? null : input.id
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

/** Ids of cyber-observables are hashes of their values (version 5): whoever guesses the value knows the id. */
function isNameOfValue(id: string): boolean {
  return id.at(id.indexOf('--') + 2 + 14) === '5'
}

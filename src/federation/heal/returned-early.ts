// Withdrawals and erases of our own that came back before what they are about: one peer has let go of a record, and of
// another it comes back later. They hold for it then, and go on to whoever has it.
import { parseHeader } from '#kernel/header.ts'
import { parseJson } from '#kernel/json.ts'
import { logNamed } from '#kernel/log/say.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Tx } from '#kernel/store/types.ts'
import { takesBack } from '../due.ts'
import { prepareErasure } from '../erasure/apply.ts'
import type { ReturnedStatement, Returners } from './commands.ts'

/** Notes what takes back a statement of this log that is not here. */
export function noteReturnedEarly(tx: Tx, kind: string, { seq, re }: ReturnedStatement): void {
  if (re === undefined || !takesBack(kind) || logNamed(tx, OWN_LOG, re.origin) !== OWN_LOG) return
  tx.run('INSERT INTO returned_early (idx, statement) VALUES (?, ?) ON CONFLICT DO NOTHING', re.index, seq)
}

type Early = { readonly seq: number; readonly kind: string; readonly header: Uint8Array; readonly bytes: Uint8Array }

/** Takes back of a statement that just came back what was taken back of it before. */
export function takeBackEarly(
  tx: Tx,
  { index, ...returned }: ReturnedStatement & { readonly index: number },
  kinds: Returners['kinds'],
): void {
  const early = tx.all<Early>(
    `SELECT s.seq, s.kind, s.header, i.bytes FROM returned_early e JOIN statement s ON s.seq = e.statement
     JOIN item i ON i.seq = s.seq WHERE e.idx = ? ORDER BY s.seq`,
    index,
  )
  for (const { seq, kind, header, bytes } of early) {
    const { re } = parseHeader(header)
    tx.run('UPDATE statement SET about = ? WHERE seq = ?', returned.seq, seq)
    const prepared = kind === 'erase' ? prepareErasure(kind, [bytes]) : parseJson(bytes)
    kinds[kind]?.(tx, { ...returned, seq, ...(re === undefined ? {} : { re }) }, prepared)
  }
  if (early.length > 0) tx.run('DELETE FROM returned_early WHERE idx = ?', index)
}

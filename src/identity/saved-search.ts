// Searches that somebody wants again: theirs alone, wherever they sign in. They are no deed, so the audit log says nothing
// of them.
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import type { SavedSearchView } from './wire.ts'

type Owned = { readonly account: number }

/** Answers the number of the search; one that is kept already keeps its number. */
export const saveSearch = command('identity.save-search', (tx, input: Owned & { readonly search: string }): number => {
  const known = tx.get<{ id: number }>(
    'SELECT id FROM saved_search WHERE account = ? AND search = ?',
    input.account,
    input.search,
  )
  if (known !== undefined) return known.id
  const { n = 0 } =
    tx.get<{ n: number }>('SELECT count(*) AS n FROM saved_search WHERE account = ?', input.account) ?? {}
  if (n >= LIMITS.savedSearchesMax)
    throw new Fault('busy', `${n} searches are kept, and that is the most`, { remedy: 'Forget one first.' })
  return tx.get<{ id: number }>(
    'INSERT INTO saved_search (account, search, created_ms) VALUES (?, ?, ?) RETURNING id',
    input.account,
    input.search,
    tx.nowMs,
  )?.id as number
})

export const forgetSearch = command('identity.forget-search', (tx, input: Owned & { readonly id: number }): void => {
  if (tx.run('DELETE FROM saved_search WHERE account = ? AND id = ?', input.account, input.id) !== 1)
    throw new Fault('not-found', `no search ${input.id} is kept`)
})

/** Nobody has searches who is not a user any more. */
export function forgetSearchesOf(tx: Tx, account: number): void {
  tx.run('DELETE FROM saved_search WHERE account = ?', account)
}

/** Oldest first, as they were kept. */
export async function listSearches(reader: Reader, account: number): Promise<SavedSearchView[]> {
  const rows = await reader.all<{ id: number; search: string; createdMs: number }>(
    'SELECT id, search, created_ms AS createdMs FROM saved_search WHERE account = ? ORDER BY id LIMIT ?',
    account,
    LIMITS.savedSearchesMax,
  )
  return rows.map(({ id, search, createdMs }) => ({
    id,
    search: JSON.parse(search) as SavedSearchView['search'],
    created: formatTime(createdMs),
  }))
}

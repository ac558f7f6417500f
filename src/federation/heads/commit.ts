// Committing to what was given: the heads of all streams in one statement, the newest place of each kept for its recipient.
// Whoever asks for deliveries is shown its own place, and can hold this node to it before anybody.
import {
  HEADS_KIND,
  HEADS_MEDIA_TYPE,
  drawHeads,
  encodeHeads,
  nextHeight,
  type StreamHead,
} from '#kernel/stream-heads.ts'
import type { Marking } from '#kernel/marking.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { say } from '../say.ts'

/** A root that says nothing to whoever has no place under it. */
const OPEN: Marking = { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' }

/** Logs the heads where a stream went on since they were logged last. Returns whether there was anything to log. */
export const commitHeads = command('federation.commit-heads', (tx, _input: null): boolean => {
  const state = tx.get<{ due: number; height: number | null }>('SELECT due, height FROM heads_state')
  if (state?.due !== 1) return false
  const streams = tx.all<StreamHead & { peer: number }>(
    `SELECT id AS peer, name AS recipient, out_seq AS seq, out_hash AS hash FROM peer
     WHERE state = 'approved' AND unasked_ms IS NULL ORDER BY id`,
  )
  tx.run('UPDATE heads_state SET due = 0')
  if (streams.length === 0) return false
  const height = nextHeight(state.height ?? undefined, streams.length, tx.random)
  tx.run('UPDATE heads_state SET height = ?', height)
  logHeads(tx, streams, height)
  return true
})

function logHeads(tx: Tx, streams: readonly (StreamHead & { readonly peer: number })[], height: number): void {
  const { root, places } = drawHeads(streams, height, tx.random)
  const item = encodeHeads(height, root)
  const { index } = say(tx, { kind: HEADS_KIND, marking: OPEN, mediaType: HEADS_MEDIA_TYPE, item })
  tx.run('DELETE FROM head_place')
  for (const [n, { peer, seq, hash }] of streams.entries()) {
    const { place, salt, path } = places[n] as (typeof places)[number]
    tx.run(
      'INSERT INTO head_place (peer, idx, seq, hash, place, salt, path) VALUES (?, ?, ?, ?, ?, ?, ?)',
      peer,
      index,
      seq,
      hash,
      place,
      salt,
      Buffer.concat(path),
    )
  }
}

// Leaves of peers' logs go in, by compare-and-swap on the size up to which the mirror is verified.
import { Fault } from '#kernel/fault.ts'
import { appendEntries } from '#kernel/log/own-log.ts'
import { putTile } from '#kernel/log/tile-store.ts'
import type { Tile } from '#kernel/log/tree.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { demandTaken } from './peer-standing.ts'
import { forgetStaged } from './peers.ts'

/** Leaves `from` to before `to` of a peer's log, and the tiles that they change. */
export type Stretch = {
  readonly log: number
  /** The verified size that this grows from. */
  readonly size: number
  readonly from: number
  readonly to: number
  readonly tiles: readonly Tile[]
  readonly entries: readonly Uint8Array[]
}

/** Stores leaves beyond the verified size, where nothing reads them until `mirrorLeaves` has verified them all. */
export const stageLeaves = command('federation.stage', (tx, input: Stretch): void => {
  demandTaken(tx, 'log', input.log)
  if (tx.run('UPDATE log SET staged = ? WHERE id = ? AND size = ?', input.to, input.log, input.size) !== 1)
    throw new Fault('conflict', 'another round was faster')
  putStretch(tx, input)
})

/** Doubts what was staged, and takes it away: it is fetched again. */
export const dropStaged = command('federation.drop-staged', (tx, input: { readonly log: number }): void => {
  forgetStaged(tx, input.log)
})

/** Stores the last stretch and the checkpoint that signs all of it: from here on the leaves are believed. */
export const mirrorLeaves = command(
  'federation.mirror',
  (tx, input: Stretch & { readonly root: Uint8Array; readonly checkpoint: Uint8Array }): void => {
    demandTaken(tx, 'log', input.log)
    const swapped = tx.run(
      'UPDATE log SET size = ?, root = ?, checkpoint = ?, staged = 0 WHERE id = ? AND size = ?',
      input.to,
      input.root,
      input.checkpoint,
      input.log,
      input.size,
    )
    if (swapped !== 1) throw new Fault('conflict', 'another round was faster')
    putStretch(tx, input)
  },
)

/** The same head as it is shown now, with the lines of more witnesses. */
export const renewHead = command(
  'federation.renew-head',
  (tx, input: { readonly log: number; readonly checkpoint: Uint8Array }): void => {
    tx.run('UPDATE log SET checkpoint = ? WHERE id = ?', input.checkpoint, input.log)
  },
)

function putStretch(tx: Tx, { log, from, tiles, entries }: Stretch): void {
  for (const tile of tiles) putTile(tx, log, tile)
  appendEntries(tx, log, from, entries)
}

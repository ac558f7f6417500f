// Whether somebody else signs under this log's keys: a copy of this node that runs elsewhere, or a machine that was put back.
// Each peer is asked once a run what it mirrors of our log; what our own keys signed there and is not here stops this node
// before it signs more.
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import { openCheckpoint, type Checkpoint } from '#kernel/log/checkpoint.ts'
import { freezeLog } from '#kernel/log/freeze.ts'
import { loadLogKeys, openHistoric } from '#kernel/log/key-history.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { SELF } from '#kernel/standing.ts'
import type { Store } from '#kernel/store/types.ts'
import { versionIn } from '../network-source.ts'
import type { Peer } from '../peers.ts'
import type { HealDeps } from './heal.ts'

export type OwnElsewhere = {
  /** The version of our node document that the peer knows, and the size of the log of ours that it mirrors, where it does. */
  readonly known?: { readonly version: number; readonly size: number }
  /** Why this node stopped signing, where it did. */
  readonly conflict?: string
}

/** Asks a peer what it holds of our log, and stops signing where our keys signed there what is not here. */
export async function lookElsewhere(deps: HealDeps, peer: Peer): Promise<OwnElsewhere> {
  const response = await deps.caller.call(peer.document, {
    method: 'GET',
    url: `${peer.document.endpoint}/peer/mirror/checkpoint`,
    bodyBytesMax: LIMITS.noteBytesMax,
  })
  const head = response.status === 200 ? await openOwn(deps, response.body) : undefined
  if (head === undefined) return {}
  const version = versionIn(response)
  const known = version === undefined ? {} : { known: { version, size: head.size } }
  const conflict = head.origin === deps.origin ? await conflictWith(deps, peer.name, head) : undefined
  if (conflict === undefined) return known
  if (!(await isWrittenDown(deps.store))) await deps.store.write(freezeLog, { peer: peer.name, reason: conflict })
  return { ...known, conflict }
}

/** Whether the store says that nothing is signed: where the file “head” alone does, what is put into streams goes on. */
async function isWrittenDown(store: Store): Promise<boolean> {
  const sql = 'SELECT 1 FROM meta WHERE restored_ms IS NOT NULL OR conflict IS NOT NULL'
  return (await store.get(sql)) !== undefined
}

/** A head that our keys signed: of the log of today, or of one of ours that ended. */
async function openOwn({ store, origin, verifiers }: HealDeps, note: Uint8Array): Promise<Checkpoint | undefined> {
  const opened = openCheckpoint(note, await verifiers())
  if (opened.ok && opened.checkpoint.origin === origin) return opened.checkpoint
  for (const { id } of await store.all<{ id: number }>(ENDED_SQL, SELF, OWN_LOG)) {
    const ended = openHistoric(note, await loadLogKeys(store, id))
    if (ended.ok) return ended.checkpoint
  }
  return undefined
}

const ENDED_SQL = 'SELECT id FROM log WHERE member = ? AND id <> ?'

async function conflictWith({ store }: HealDeps, peer: string, head: Checkpoint): Promise<string | undefined> {
  const own = await store.get<{ size: number }>('SELECT size FROM log WHERE id = ?', OWN_LOG)
  const size = own?.size ?? 0
  if (head.size > size)
    return `${peer} holds ${head.size} statements that the keys of this log signed, and here are ${size}: a copy of this node runs elsewhere, or this one was put back, so nothing is signed`
  if (head.size === 0) return undefined
  const root = treeRoot(head.size, await edgeTiles(store, OWN_LOG, [head.size]))
  return equalBytes(root, head.root)
    ? undefined
    : `${peer} holds another history of ${head.size} statements that the keys of this log signed: a copy of this node runs elsewhere, so nothing is signed`
}

// What this member decided about a peer besides approving it: its communities, and where personal data may go to it. What
// the peer says of itself (kind, country) counts as it was when a person approved it: rules may rest on it, so a peer
// cannot give itself another country by a newer document.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { communityId, memberId } from '#kernel/id.ts'
import { setDescription, setStanding, setTransfers, type Transfers } from '#kernel/standing.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { readNodeDocument } from './document.ts'

export type PeerChange = {
  readonly communities?: readonly string[]
  readonly adequate?: readonly string[]
  readonly agreements?: Readonly<Record<string, string>>
}

export function noPeer(name: string): Fault {
  return new Fault('not-found', `${name.slice(0, 80)} is no peer of this node`, { remedy: 'See “comity peer list”.' })
}

/**
 * Throws where nothing more is taken of a peer, by its row id or that of its log: people removed it, or it was stopped,
 * while a round with it ran.
 */
export function demandTaken(tx: Pick<Tx, 'get'>, by: 'id' | 'log', row: number): void {
  const sql = `SELECT name FROM peer WHERE ${by} = ? AND (state <> 'approved' OR stopped IS NOT NULL)`
  const peer = tx.get<{ name: string }>(sql, row)
  if (peer === undefined) return
  throw new Fault('conflict', `${peer.name} was removed or stopped here while a round with it ran`)
}

/** Changes what policy knows of a peer. What is absent stays. */
export const setPeer = command(
  'federation.set-peer',
  (tx, input: { readonly actor: string; readonly name: string; readonly change: PeerChange }): void => {
    const { actor, change } = input
    const name = memberId(input.name)
    const row = tx.get<{ approved: number; communities: string; adequate: string; agreements: string }>(
      `SELECT m.approved, m.communities, m.adequate, m.agreements FROM peer p JOIN member m ON m.id = p.id WHERE p.name = ?`,
      name,
    )
    if (row === undefined) throw noPeer(name)
    if (change.communities !== undefined)
      setStanding(tx, name, { approved: row.approved === 1, communities: change.communities.map(communityId) })
    if (change.adequate !== undefined || change.agreements !== undefined) {
      const transfers: Transfers = {
        adequate: change.adequate ?? (JSON.parse(row.adequate) as string[]),
        agreements: change.agreements ?? (JSON.parse(row.agreements) as Record<string, string>),
      }
      for (const jurisdiction of [...transfers.adequate, ...Object.keys(transfers.agreements)])
        checkJurisdiction(jurisdiction)
      setTransfers(tx, name, transfers)
    }
    audit(tx, { actor, action: 'peer.set', subject: name, detail: { ...change } })
    tx.emit({ name: 'federation.peers' })
  },
)

function checkJurisdiction(code: string): void {
  if (/^[A-Z]{2}$/.test(code)) return
  throw new Fault('input.invalid', `“${code.slice(0, 20)}” is no jurisdiction`, {
    remedy: 'Use two capital letters of ISO 3166-1, for example DE.',
  })
}

/** Takes what a peer's document says of it, as a person approves it. */
export function takeDescription(tx: Tx, name: string): void {
  const row = tx.get<{ document: Uint8Array }>('SELECT document FROM peer WHERE name = ?', name)
  const parsed = row === undefined ? undefined : readNodeDocument(row.document)
  if (parsed?.ok === true) setDescription(tx, memberId(name), parsed.document)
}

/** For peers that were approved before anything was taken of their documents. */
export const describePeers = command('federation.describe-peers', (tx, _input: null): void => {
  const peers = tx.all<{ name: string }>(
    `SELECT p.name FROM peer p JOIN member m ON m.id = p.id WHERE p.state = 'approved' AND m.kind IS NULL`,
  )
  for (const { name } of peers) takeDescription(tx, name)
})

// Who witnesses a log and with which lines, for whoever wants to check a proof by themselves. For our own log these are
// the witnesses of the trust policy; for a peer's log this node knows its own line, and those that came with the head.
import { witnessKeys } from '#kernel/key-file.ts'
import { parseNote, parseVkey } from '#kernel/note.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { countQuorum } from '#kernel/trust-policy.ts'
import { witnessVkeys } from '../document.ts'
import type { Federation } from '../federation.ts'
import { witnessName } from '../shown-keys.ts'
import { listPeers } from '../peers.ts'
import { cosignatures } from './store.ts'
import { currentPolicy, keyNameOf } from './trust.ts'

export type Witnesses = {
  readonly needed: number
  readonly witnesses: readonly {
    readonly member: string
    readonly vkey: string
    readonly size?: number
    readonly line?: string
  }[]
}

export async function witnessesOf(federation: Pick<Federation, 'deps'>, log: number): Promise<Witnesses> {
  return log === OWN_LOG ? ofOurLog(federation) : ofPeersLog(federation, log)
}

async function ofOurLog({ deps: { store } }: Pick<Federation, 'deps'>): Promise<Witnesses> {
  const { policy } = await currentPolicy(store)
  const lines = new Map((await cosignatures(store)).map((each) => [each.key, each]))
  const witnesses = policy.witnesses.map(({ vkey }) => {
    const given = lines.get(keyNameOf(vkey))
    return { member: memberOf(vkey), vkey, ...(given === undefined ? {} : { size: given.size, line: given.line }) }
  })
  return { needed: countQuorum(policy, new Set()).needed, witnesses }
}

/**
 * This node is the witness it knows best: it mirrors the log and has seen it only grow. Under a log of its own that ended
 * stands what others gave for its last head.
 */
async function ofPeersLog({ deps }: Pick<Federation, 'deps'>, log: number): Promise<Witnesses> {
  const { store, identity, seeds } = deps
  const peers = await listPeers(store)
  const seen = await store.get<{ note: Uint8Array; member: string }>(
    `SELECT coalesce(w.note, l.checkpoint) AS note, m.name AS member FROM log l JOIN member m ON m.id = l.member
     LEFT JOIN witnessed w ON w.origin = l.origin WHERE l.id = ? AND l.checkpoint IS NOT NULL`,
    log,
  )
  const own =
    seen?.member === identity.member
      ? []
      : witnessKeys(witnessName(identity.member), seeds.witness).map(({ vkey }) => vkey)
  if (seen === undefined) return { needed: 1, witnesses: own.map((vkey) => ({ member: identity.member, vkey })) }
  const { text, signatures } = parseNote(seen.note)
  const { size } = parseCheckpoint(text)
  const others = peers.flatMap(({ document }) => witnessVkeys(document))
  const known = [...own, ...others].flatMap((vkey) => {
    const line = signatures.find((each) => vkey.startsWith(`${each.name}+${hexOf(each.keyId)}+`))?.line
    return line === undefined ? [] : [{ member: memberOf(vkey), vkey, size, line }]
  })
  return { needed: 1, witnesses: known }
}

/** `cert.example/witness` witnesses for `cert.example`. */
const memberOf = (vkey: string): string => parseVkey(vkey).name.split('/')[0] ?? ''

const hexOf = (keyId: number): string => keyId.toString(16).padStart(8, '0')

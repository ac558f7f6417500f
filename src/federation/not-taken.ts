// What a page of deliveries brought and was not taken: which of it is asked for again, and what the audit log says of it.
import { audit } from '#kernel/audit.ts'
import type { Tx } from '#kernel/store/types.ts'
import type { ApplyInput } from './apply.ts'
import { noteNotTaken } from './forward/again.ts'

/** What a page brought and was not taken, of others and of the peer itself: the first reason, and how many there are. */
export function noteRefused(tx: Tx, { peer, name, items }: ApplyInput): void {
  const passedOn = items.flatMap(({ origin, refused: indexes = [] }) =>
    origin === undefined ? [] : [{ origin, indexes }],
  )
  const lost = noteNotTaken(tx, peer, passedOn)
  const others = refusedOf(items.filter(({ origin }) => origin !== undefined))
  if (others !== undefined) {
    const { origin: subject = '', ...detail } = others
    const forgotten = lost === 0 ? {} : { notAskedAgain: lost }
    audit(tx, { actor: `peer:${name}`, action: 'forward.refused', subject, detail: { ...detail, ...forgotten } })
  }
  const own = refusedOf(items.filter(({ origin }) => origin === undefined))
  if (own !== undefined)
    audit(tx, {
      actor: 'node',
      action: 'peer.refused',
      subject: name,
      detail: { at: 'statement', code: 'peer.invalid', ...own },
    })
}

/** The first reason among some items and the log that it is about, and how many statements were refused in all. */
function refusedOf(
  items: ApplyInput['items'],
): { readonly reason: string; readonly statements: number; readonly origin?: string } | undefined {
  const first = items.find(({ malformed }) => malformed.length > 0)
  const [reason] = first?.malformed ?? []
  if (reason === undefined) return undefined
  const statements = items.reduce((sum, { malformed }) => sum + malformed.length, 0)
  return { reason, statements, ...(first?.origin === undefined ? {} : { origin: first.origin }) }
}

// Which of this member's keys its node document names now. While a role is rotated the new keys and those on their way out
// both stand there; the overlap begins with the document that first named the new ones.
import { signingKey } from '#kernel/key.ts'
import { logKeys, witnessKeys, type HttpSeed, type Outgoing, type Seeds } from '#kernel/key-file.ts'
import { bech32Recipient } from '#kernel/recipient.ts'
import type { Reader, Tx } from '#kernel/store/types.ts'
import type { NodeDocument } from './wire.ts'

export type ShownHttpKey = {
  readonly seed: HttpSeed
  /** When it is put away; undefined for the one that stays. */
  readonly endsMs?: number
}

export type ShownKeys = {
  readonly logVkeys: readonly string[]
  readonly witnessVkeys: readonly string[]
  /** The one that stays first. */
  readonly http: readonly ShownHttpKey[]
  readonly recipients: readonly string[]
  /** Whether an overlap is under way, so that the document changes by itself when it ends. */
  readonly rotating: boolean
}

/** The name under which a member's lines stand as a witness. */
export function witnessName(member: string): string {
  return `${member}/witness`
}

export async function keysToShow(
  reader: Reader,
  { member, origin, seeds }: { readonly member: string; readonly origin: string; readonly seeds: Seeds },
  nowMs: number,
): Promise<ShownKeys> {
  const announced = new Map(
    (await reader.all<{ key: string; ms: number }>('SELECT key, since_ms AS ms FROM announced_key')).map(
      ({ key, ms }) => [key, ms] as const,
    ),
  )
  /** The end of an overlap, where it is not over: from now on where the new key is still to be announced. */
  const endOf = (key: string, outgoing: Outgoing<unknown> | undefined): number | undefined => {
    if (outgoing === undefined) return undefined
    const endsMs = (announced.get(key) ?? nowMs) + outgoing.overlapMs
    return endsMs > nowMs ? endsMs : undefined
  }
  const log = logKeys(origin, seeds.log).vkeys
  const witness = witnessVkeys(member, seeds.witness)
  const logEnds = endOf(log[0] ?? '', seeds.log.outgoing)
  const witnessEnds = endOf(witness[0] ?? '', seeds.witness.outgoing)
  const httpEnds = endOf(httpPublic(seeds.http), seeds.http.outgoing)
  return {
    logVkeys: [...log, ...(logEnds === undefined ? [] : logKeys(origin, seeds.log.outgoing as never).vkeys)],
    witnessVkeys: [
      ...witness,
      ...(witnessEnds === undefined ? [] : witnessVkeys(member, seeds.witness.outgoing as never)),
    ],
    http: [
      { seed: seeds.http },
      ...(httpEnds === undefined ? [] : [{ seed: seeds.http.outgoing as HttpSeed, endsMs: httpEnds }]),
    ],
    recipients: [bech32Recipient(seeds.recipient)],
    rotating: logEnds !== undefined || witnessEnds !== undefined || httpEnds !== undefined,
  }
}

function witnessVkeys(member: string, seeds: Parameters<typeof witnessKeys>[1]): string[] {
  return witnessKeys(witnessName(member), seeds).map(({ vkey }) => vkey)
}

/** The public half as it stands in a JWK. */
export function httpPublic({ ed25519 }: HttpSeed): string {
  return Buffer.from(signingKey('ed25519', ed25519).publicKey).toString('base64url')
}

/** The key that signs requests: the one on its way out for the first half of the overlap, while peers learn the other. */
export function httpSeedAt(
  { http }: Pick<ShownKeys, 'http'>,
  outgoing: Outgoing<HttpSeed> | undefined,
  nowMs: number,
): HttpSeed {
  const [stays, leaves] = http
  if (leaves?.endsMs !== undefined && outgoing !== undefined && nowMs < leaves.endsMs - outgoing.overlapMs / 2)
    return leaves.seed
  return (stays as ShownHttpKey).seed
}

/** Notes when each key of a document was first announced. */
export function noteAnnounced(tx: Tx, { log, http, witness, recipients }: NodeDocument): void {
  for (const key of [...log.vkeys, ...http.map(({ x }) => x), ...(witness?.vkeys ?? []), ...recipients])
    tx.run('INSERT INTO announced_key (key, since_ms) VALUES (?, ?) ON CONFLICT DO NOTHING', key, tx.nowMs)
}

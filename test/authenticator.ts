// A software authenticator for tests: makes passkeys and answers challenges as a browser hands them over.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

type Options = Readonly<Record<string, unknown>>
export type Twist = {
  readonly origin?: string
  readonly type?: string
  readonly flags?: number
  readonly counter?: number
  readonly crossOrigin?: boolean
  readonly rpId?: string
}

const b64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')

export class Authenticator {
  readonly id: string
  readonly #key: KeyObject
  readonly #spki: Buffer
  readonly #algorithm: -7 | -8 | -257
  readonly #origin: string

  constructor(origin: string, algorithm: -7 | -8 | -257 = -7) {
    const pair =
      algorithm === -7
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : algorithm === -8
          ? generateKeyPairSync('ed25519')
          : generateKeyPairSync('rsa', { modulusLength: 2048 })
    this.#key = pair.privateKey
    this.#spki = pair.publicKey.export({ format: 'der', type: 'spki' })
    this.id = b64(createHash('sha256').update(this.#spki).digest().subarray(0, 20))
    this.#algorithm = algorithm
    this.#origin = origin
  }

  /** What `navigator.credentials.create()` answers, as toJSON() writes it. */
  create(options: Options, twist: Twist = {}): Record<string, unknown> {
    const rpId = (options['rp'] as { id: string }).id
    const id = Buffer.from(this.id, 'base64url')
    const head = this.#head(rpId, { flags: 0x45, ...twist })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: b64(this.#client('webauthn.create', options, twist)),
        authenticatorData: b64(Buffer.concat([head, Buffer.alloc(16), length, id])),
        publicKey: b64(this.#spki),
        publicKeyAlgorithm: this.#algorithm,
        transports: ['internal'],
      },
    }
  }

  /** What `navigator.credentials.get()` answers. */
  get(options: Options, twist: Twist = {}): Record<string, unknown> {
    const client = this.#client('webauthn.get', options, twist)
    const data = this.#head(String(options['rpId']), { flags: 0x05, ...twist })
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
    const signature = sign(this.#algorithm === -8 ? null : 'sha256', signed, this.#key)
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: b64(client),
        authenticatorData: b64(data),
        signature: b64(signature),
        userHandle: null,
      },
    }
  }

  #client(type: string, options: Options, twist: Twist): Buffer {
    const { origin = this.#origin, crossOrigin = false } = twist
    return Buffer.from(
      JSON.stringify({ type: twist.type ?? type, challenge: options['challenge'], origin, crossOrigin }),
    )
  }

  #head(rpId: string, { flags = 0, counter = 0, rpId: other }: Twist): Buffer {
    const tail = Buffer.alloc(5)
    tail[0] = flags
    tail.writeUInt32BE(counter, 1)
    return Buffer.concat([
      createHash('sha256')
        .update(other ?? rpId)
        .digest(),
      tail,
    ])
  }
}

// The certificate a node makes itself at its first start, where its operator gives none. Peers recognise it by the
// hash of its key, which invitation and node document carry, so nothing in it needs an authority. X.509 (RFC 5280)
// is written by hand here because only one fixed shape is ever needed; docs/decisions/certificate-by-hand.md weighs that.
import { createHash, createPrivateKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, unwatchFile, watchFile, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Random } from '../clock.ts'
import { Fault } from '../fault.ts'

/** PEM texts. */
export type TlsIdentity = { readonly cert: string; readonly key: string }

const TEN_YEARS_MS = 10 * 365.25 * 24 * 3600 * 1000

/** The certificate in the keys folder, made where it is not there yet. */
export function loadOrCreateTls(
  folder: string,
  options: { readonly member: string; readonly host: string; readonly nowMs: number; readonly random: Random },
): TlsIdentity {
  const certPath = join(folder, 'tls-cert.pem')
  const keyPath = join(folder, 'tls-key.pem')
  if (!existsSync(certPath) || !existsSync(keyPath)) {
    const made = createSelfSigned(options)
    writeFileSync(keyPath, made.key, { mode: 0o600 })
    writeFileSync(certPath, made.cert, { mode: 0o644 })
  }
  return { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') }
}

export type TlsFiles = { readonly certFile: string; readonly keyFile: string }

/** A certificate given as files. Throws a Fault where they cannot be read or do not belong together. */
export function readTlsFiles({ certFile, keyFile }: TlsFiles): TlsIdentity {
  let identity: TlsIdentity
  try {
    identity = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    if (new X509Certificate(identity.cert).checkPrivateKey(createPrivateKey(identity.key))) return identity
  } catch (cause) {
    throw new Fault('config.invalid', 'the certificate or its key cannot be read', {
      place: `${certFile}, ${keyFile}`,
      cause,
    })
  }
  throw new Fault('config.invalid', 'the certificate and the key do not belong together', {
    place: `${certFile}, ${keyFile}`,
    remedy: 'Give the certificate that was made for this key.',
  })
}

/** How often the files are looked at: renewing tools swap links, which no other way of watching sees everywhere. */
const LOOK_EVERY_MS = 5000

/** Tells of a new certificate when its files have changed; one that is half written yet, or wrong, is told as such and not used. */
export function watchTlsFiles(
  files: TlsFiles,
  told: { readonly renewed: (identity: TlsIdentity) => void; readonly refused: (fault: unknown) => void },
  everyMs: number = LOOK_EVERY_MS,
): Disposable {
  let used = readTlsFiles(files).cert
  const look = (): void => {
    try {
      const identity = readTlsFiles(files)
      if (identity.cert === used) return
      used = identity.cert
      told.renewed(identity)
    } catch (fault) {
      told.refused(fault)
    }
  }
  const paths = [files.certFile, files.keyFile]
  for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, look)
  return {
    [Symbol.dispose]: () => {
      for (const path of paths) unwatchFile(path, look)
    },
  }
}

/** SHA-256 over the certificate's SubjectPublicKeyInfo, base64 (RFC 7469 section 2.4). */
export function spkiHash(certificate: string | Uint8Array): string {
  const { publicKey } = new X509Certificate(certificate)
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
}

/** A P-256 key and a certificate over it for ten years. */
export function createSelfSigned(options: {
  readonly member: string
  /** Name or address that clients connect to. */
  readonly host: string
  readonly nowMs: number
  readonly random: Random
}): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(OID_COMMON_NAME, tagged(0x0c, Buffer.from(options.member.slice(0, 64))))))
  const serial = Buffer.from(options.random(16))
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    sequence(OID_ECDSA_SHA256),
    name,
    sequence(time(options.nowMs - 3600_000), time(options.nowMs + TEN_YEARS_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extension(OID_ALT_NAME, sequence(altName(options.host), altName(options.member))))),
  )
  const signature = signDer(body, privateKey)
  const cert = sequence(body, sequence(OID_ECDSA_SHA256), tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return { cert: pem('CERTIFICATE', cert), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }
}

const OID_COMMON_NAME = tagged(0x06, Buffer.from([0x55, 0x04, 0x03]))
const OID_ALT_NAME = tagged(0x06, Buffer.from([0x55, 0x1d, 0x11]))
const OID_ECDSA_SHA256 = tagged(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))

function signDer(bytes: Uint8Array, key: KeyObject): Buffer {
  return sign('sha256', bytes, key)
}

function altName(host: string): Buffer {
  const family = isIP(host)
  if (family === 4) return tagged(0x87, Buffer.from(host.split('.').map(Number)))
  if (family === 6) return tagged(0x87, ipv6Bytes(host))
  return tagged(0x82, Buffer.from(host))
}

function ipv6Bytes(host: string): Buffer {
  const canonical = new URL(`http://[${host}]`).hostname.slice(1, -1)
  const [left = '', right] = canonical.split('::')
  const words = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const tail = words(right ?? '')
  const head = words(left)
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  return Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex')
}

function extension(oid: Buffer, value: Buffer): Buffer {
  return sequence(oid, tagged(0x04, value))
}

/** UTCTime up to the year 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */
function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`
  return digits < '2050' ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes)
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x31, Buffer.concat(parts))
}

/** Tag, length in DER's shortest form, value. */
function tagged(tag: number, value: Uint8Array): Buffer {
  const length = value.length
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), value])
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

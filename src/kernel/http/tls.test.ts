import assert from 'node:assert/strict'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemRandom } from '../clock.ts'
import type { Fault } from '../fault.ts'
import { createSelfSigned, readTlsFiles, spkiHash, watchTlsFiles } from './tls.ts'

const nowMs = Date.UTC(2026, 5, 1)

test('a self-signed certificate parses, verifies under its own key and names the host', () => {
  for (const host of ['node.cert.example', '127.0.0.1', '2001:db8::1']) {
    const made = createSelfSigned({ member: 'cert.example', host, nowMs, random: systemRandom })
    const certificate = new X509Certificate(made.cert)
    assert.ok(certificate.verify(certificate.publicKey))
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.key)))
    assert.equal(certificate.subject, 'CN=cert.example')
    assert.ok(host.includes(':') || /^\d/.test(host) ? certificate.checkIP(host) : certificate.checkHost(host))
    assert.ok(certificate.validToDate.getTime() > nowMs + 9 * 365 * 24 * 3600 * 1000)
    assert.equal(Buffer.from(spkiHash(made.cert), 'base64').length, 32)
  }
})

test('times before 2050 are UTCTime, later ones GeneralizedTime', () => {
  const timesOf = (at: number): string[] => {
    const made = createSelfSigned({ member: 'cert.example', host: '127.0.0.1', nowMs: at, random: systemRandom })
    const der = new X509Certificate(made.cert).raw.toString('latin1')
    return [...der.matchAll(/\x17\x0d(\d{12}Z)|\x18\x0f(\d{14}Z)/g)].map((match) => match[1] ?? match[2] ?? '')
  }
  assert.deepEqual(timesOf(nowMs), ['260531230000Z', '360531120000Z'])
  assert.deepEqual(timesOf(Date.UTC(2045, 0, 1, 1)), ['450101000000Z', '20550101130000Z'])
})

test('a certificate that changes on the disk is taken, one that does not fit its key is told and not used', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-tls-'))
  const files = { certFile: join(folder.path, 'cert.pem'), keyFile: join(folder.path, 'key.pem') }
  const make = () => createSelfSigned({ member: 'cert.example', host: '127.0.0.1', nowMs, random: systemRandom })
  const write = ({ cert, key }: { cert: string; key: string }): void => {
    writeFileSync(files.certFile, cert)
    writeFileSync(files.keyFile, key)
  }
  const [before, after] = [make(), make()]
  assert.throws(() => readTlsFiles(files), { code: 'config.invalid' })
  write({ cert: before.cert, key: after.key })
  assert.throws(() => readTlsFiles(files), { code: 'config.invalid' })
  write(before)
  const [renewed, refused] = [Promise.withResolvers<string>(), Promise.withResolvers<unknown>()]
  using _ = watchTlsFiles(
    files,
    { renewed: (identity) => renewed.resolve(identity.cert), refused: (fault) => refused.resolve(fault) },
    20,
  )
  write({ cert: after.cert, key: before.key })
  assert.equal(((await refused.promise) as Fault).code, 'config.invalid')
  write(after)
  assert.equal(await renewed.promise, after.cert)
})

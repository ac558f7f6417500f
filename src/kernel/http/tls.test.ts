import assert from 'node:assert/strict'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { test } from 'node:test'
import { systemRandom } from '../clock.ts'
import { createSelfSigned, spkiHash } from './tls.ts'

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

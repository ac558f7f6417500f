import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeAt, describeTotp, stepOf } from './totp.ts'

const SHA1 = Buffer.from('12345678901234567890')
const SHA256 = Buffer.from('12345678901234567890123456789012')
const SHA512 = Buffer.from('1234567890123456789012345678901234567890123456789012345678901234')

test('the codes of RFC 6238, appendix B', () => {
  for (const [seconds, sha1, sha256, sha512] of [
    [59, '94287082', '46119246', '90693936'],
    [1111111109, '07081804', '68084774', '25091201'],
    [1111111111, '14050471', '67062674', '99943326'],
    [1234567890, '89005924', '91819424', '93441116'],
    [2000000000, '69279037', '90698825', '38618901'],
    [20000000000, '65353130', '77737706', '47863826'],
  ] as const) {
    const step = Math.floor(seconds / 30)
    assert.equal(codeAt(SHA1, step, { digits: 8 }), sha1)
    assert.equal(codeAt(SHA256, step, { digits: 8, algorithm: 'sha256' }), sha256)
    assert.equal(codeAt(SHA512, step, { digits: 8, algorithm: 'sha512' }), sha512)
  }
})

test('the codes of RFC 4226, appendix D', () => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489']
  for (const [counter, code] of codes.entries()) assert.equal(codeAt(SHA1, counter), code)
})

test('a code is taken one step early or late, no further, and none a second time', () => {
  const nowMs = 1_111_111_111_000
  const now = Math.floor(nowMs / 30_000)
  const at = (step: number, lastStep = 0) => stepOf(SHA1, codeAt(SHA1, step), { nowMs, lastStep })
  assert.deepEqual(
    [at(now - 2), at(now - 1), at(now), at(now + 1), at(now + 2)],
    [undefined, now - 1, now, now + 1, undefined],
  )
  assert.deepEqual([at(now, now), at(now, now - 1), at(now - 1, now)], [undefined, now, undefined])
  assert.equal(stepOf(SHA1, ` ${codeAt(SHA1, now).replace(/^.../, '$& ')}`, { nowMs, lastStep: 0 }), now)
  for (const typed of ['', '12345', '1234567', 'abcdef', '１２３４５６'])
    assert.equal(stepOf(SHA1, typed, { nowMs, lastStep: 0 }), undefined)
})

test('the secret goes into an authenticator by its URI', () => {
  const { secret, uri } = describeTotp(SHA1, { issuer: 'cert.example', account: 'mara ito' })
  assert.equal(secret, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  assert.equal(uri, `otpauth://totp/cert.example:mara%20ito?secret=${secret}&issuer=cert.example&digits=6&period=30`)
})

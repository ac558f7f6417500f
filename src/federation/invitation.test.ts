// First contact: the vector is met, and an invitation that is not whole, not ours or too late is refused.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { memberId } from '#kernel/id.ts'
import { formatInvitation, pairingMac, pairingWords, parseInvitation, sameMac } from './invitation.ts'

const vector = JSON.parse(readFileSync(new URL('../../test/vectors/pairing.json', import.meta.url), 'utf8')) as {
  invitation: { id: string; member: string; url: string; secret: string; expiresMs: number; line: string }
  documents: { inviter: string; accepter: string }
  inviterHash: string
  accepterHash: string
  acceptMac: string
  inviteMac: string
  words: string[]
}
const secret = Uint8Array.fromHex(vector.invitation.secret)
const [inviter, accepter] = [vector.documents.inviter, vector.documents.accepter].map((text) =>
  sha256(Buffer.from(text)),
) as [Uint8Array, Uint8Array]

test('the vector of first contact is met', () => {
  const { line, member, ...rest } = vector.invitation
  assert.equal(formatInvitation({ ...rest, member: memberId(member), secret }), line)
  assert.deepEqual(parseInvitation(line, 0), { ...rest, member, secret })
  assert.equal(inviter.toHex(), vector.inviterHash)
  assert.equal(accepter.toHex(), vector.accepterHash)
  assert.equal(pairingMac(secret, 'accept', inviter, accepter), vector.acceptMac)
  assert.equal(pairingMac(secret, 'invite', inviter, accepter), vector.inviteMac)
  const sides = [
    { member: 'cert.example', documentHash: inviter },
    { member: 'bank.example', documentHash: accepter },
  ] as const
  assert.deepEqual(pairingWords(sides[0], sides[1]), vector.words)
  assert.deepEqual(pairingWords(sides[1], sides[0]), vector.words)
})

test('no side’s proof is the other’s, and none holds for other documents', () => {
  assert.ok(!sameMac(vector.acceptMac, vector.inviteMac))
  assert.ok(!sameMac(vector.acceptMac, pairingMac(secret, 'accept', accepter, inviter)))
  assert.ok(!sameMac(vector.acceptMac, vector.acceptMac.slice(2)))
})

test('a slip anywhere in the line is noticed, and no text makes reading it fail otherwise', () => {
  const { line } = vector.invitation
  for (let i = 0; i < line.length; i += 1) {
    const changed = `${line.slice(0, i)}${line[i] === 'A' ? 'B' : 'A'}${line.slice(i + 1)}`
    assert.throws(() => parseInvitation(changed, 0), Fault, `character ${i}`)
  }
  assert.throws(() => parseInvitation(line, vector.invitation.expiresMs), /expired/)
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      assert.throws(() => parseInvitation(`comity-invite:${text}`, 0), Fault)
    }),
  )
})

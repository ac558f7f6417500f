// A key speaks for its own role alone: whatever else it signs, nobody takes it for that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cosigner, noteSigner, signingKey } from '#kernel/key.ts'
import { logKeys } from '#kernel/key-file.ts'
import { openCheckpoint, signCheckpoint } from '#kernel/log/checkpoint.ts'
import { formatNote, SIGNATURE_TYPE } from '#kernel/note.ts'
import { parseNodeDocument } from '#federation/document.ts'
import { World } from './world.ts'

test('a head signed by the http, witness or any other key is no head of the log', async () => {
  await using world = new World('roles')
  const { seeds } = await world.add('a.example')
  const origin = 'a.example/log'
  const { verifiers, signers } = logKeys(origin, seeds.log)
  const head = { origin, size: 3, root: new Uint8Array(32) }
  const types = [SIGNATURE_TYPE.ed25519]
  assert.ok(openCheckpoint(signCheckpoint(head, signers), verifiers).ok)
  for (const seed of [seeds.http.ed25519, seeds.witness.ed25519, seeds.recipient, seeds.cursor])
    for (const name of [origin, 'a.example/witness']) {
      const signer = noteSigner(name, signingKey('ed25519', seed))
      assert.ok(!openCheckpoint(signCheckpoint(head, [signer]), verifiers, { types }).ok)
    }
  const text = `${origin}\n3\n${Buffer.alloc(32).toString('base64')}\n`
  const line = cosigner(origin, signingKey('ed25519', seeds.log.ed25519)).cosign(text, 1)
  assert.ok(!openCheckpoint(formatNote(text, [line]), verifiers, { types }).ok, 'a witness line of the log key')
})

test('a node document in which one key stands for two roles is refused', async () => {
  await using world = new World('roles twice')
  const a = await world.add('a.example')
  const bytes = (await a.app.inject({ url: '/.well-known/comity' })).rawPayload
  const document = JSON.parse(bytes.toString())
  assert.ok(parseNodeDocument(bytes).ok)
  const publicOf = (seed: Uint8Array): string =>
    Buffer.from(signingKey('ed25519', seed).publicKey).toString('base64url')
  for (const seed of [a.seeds.log.ed25519, a.seeds.witness.ed25519]) {
    const [key] = document.http
    const twice = { ...document, http: [{ ...key, x: publicOf(seed) }] }
    const parsed = parseNodeDocument(Buffer.from(JSON.stringify(twice)))
    assert.match(parsed.ok ? '' : parsed.reason, /two roles/)
  }
})

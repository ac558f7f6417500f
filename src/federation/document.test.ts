import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOfFile, readVector, type VectorFile } from '#test/vector.ts'
import { httpKeyOf, logVerifiers, parseNodeDocument, witnessVkeys } from './document.ts'

type Known = {
  /** Places of the vkeys that lines can be held against. */
  readonly logVkeys: readonly number[]
  readonly witnessVkeys: readonly number[]
  readonly keyids: readonly string[]
}

const VECTOR = readVector<{
  accepted: readonly (VectorFile & { readonly known: Known })[]
  refused: readonly VectorFile[]
  bytesMax: number
}>('node-document')

test('the documents of the vector are taken, and of their keys those that are known', () => {
  for (const each of VECTOR.accepted) {
    const parsed = parseNodeDocument(bytesOfFile(each, VECTOR.accepted))
    assert.ok(parsed.ok, each.why)
    const { document } = parsed
    const { log, http, witness, member } = document
    const known = witnessVkeys(document)
    assert.deepEqual(
      {
        logVkeys: logVerifiers(document).map(({ name, keyId }) =>
          log.vkeys.findIndex((vkey) => vkey.startsWith(`${name}+${keyId.toString(16).padStart(8, '0')}+`)),
        ),
        witnessVkeys: known.map((vkey) => witness?.vkeys.indexOf(vkey)),
        keyids: http.map(({ kid }) => `${member}#${kid}`),
      },
      each.known,
      each.why,
    )
    for (const [n, keyid] of each.known.keyids.entries())
      assert.equal(httpKeyOf(document, keyid)?.publicKey.export({ format: 'jwk' }).x, http[n]?.x, each.why)
  }
})

test('the documents that the vector refuses are refused', () => {
  for (const each of VECTOR.refused) assert.ok(!parseNodeDocument(bytesOfFile(each, VECTOR.accepted)).ok, each.why)
})

test('a document may be as large as the vector says, and no larger', () => {
  const [first] = VECTOR.accepted
  assert.ok(first !== undefined)
  const bytes = Buffer.alloc(VECTOR.bytesMax + 1, ' ')
  bytes.set(bytesOfFile(first))
  assert.ok(parseNodeDocument(bytes.subarray(0, VECTOR.bytesMax)).ok)
  assert.ok(!parseNodeDocument(bytes).ok)
})

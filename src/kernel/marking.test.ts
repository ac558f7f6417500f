import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readVector } from '#test/vector.ts'
import { sha256 } from './hash.ts'
import { parseHeader } from './header.ts'

type Case = { readonly why: string; readonly sha256: string; readonly marking: string }

const VECTOR = readVector<{
  inForm: readonly (Case & { readonly read: object })[]
  outOfForm: readonly Case[]
}>('marking')

const HEADER = {
  v: 1,
  member: 'cert.example',
  origin: 'cert.example/log',
  id: '01998d3c-4b9a-7000-8000-000000000001',
  kind: 'records.put',
  time: '2026-01-15T08:00:00Z',
  mediaType: 'application/stix+json;version=2.1',
  count: 1,
}
const MARKING = '{"tlp":"CLEAR","audience":{"named":false,"communities":[]},"personal":"none"}'

/** The headers in which a marking of the vector stands: as that of the content, and as that of the context. */
function headersOf({ why, sha256: hash, marking }: Case): Buffer[] {
  assert.equal(sha256(Buffer.from(marking)).toHex(), hash, why)
  const begin = JSON.stringify(HEADER).slice(0, -1)
  return [`"marking":${marking}`, `"marking":${MARKING},"contextMarking":${marking}`].map((end) =>
    Buffer.from(`${begin},${end}}`),
  )
}

test('the markings that the vector calls in form are read as it says', () => {
  for (const each of VECTOR.inForm) {
    const [header, withContext] = headersOf(each).map((bytes) => parseHeader(bytes))
    assert.deepEqual(header?.marking, each.read, each.why)
    assert.deepEqual(withContext?.contextMarking, each.read, each.why)
  }
})

test('a marking that the vector calls out of form puts the header out of form', () => {
  for (const each of VECTOR.outOfForm)
    for (const header of headersOf(each))
      assert.throws(() => parseHeader(header), { name: 'Fault', code: 'log.invalid' }, each.why)
})

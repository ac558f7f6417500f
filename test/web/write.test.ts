import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerView } from '#federation/wire.ts'
import { anyValue } from '#kernel/value.ts'
import { FIXED_MARKINGS } from '#sharing/stix/tlp.ts'
import { toCsv } from '#web/ui/csv.ts'
import { objectOf, TLP_IDS } from '#web/write/objects.ts'
import { reachOf } from '#web/write/reach.ts'
import { valuesIn } from '#web/write/values.ts'

test('values are found in text as people paste it, refanged, each once', () => {
  const text = `Seen: hxxps://evil[.]example/a, (evil[.]example), 203.0.113[.]47; 203.0.113.47.
    mail "a.b[@]mail[.]example" and CVE-2026-12345! sha-256:${'a'.repeat(64)} plain words`
  assert.deepEqual(
    valuesIn(text).values.map(({ kind, value }) => `${kind} ${value}`),
    [
      'url https://evil.example/a',
      'domain evil.example',
      'ipv4 203.0.113.47',
      'email a.b@mail.example',
      'vulnerability CVE-2026-12345',
      `hash sha-256:${'a'.repeat(64)}`,
    ],
  )
})

test('what is written carries the marking that was chosen', () => {
  for (const [tlp, id] of Object.entries(TLP_IDS)) assert.equal(FIXED_MARKINGS.get(id)?.tlp, tlp)
  assert.equal(Object.keys(TLP_IDS).length, [...FIXED_MARKINGS.values()].filter(({ version }) => version === 2).length)
  const value = anyValue("https://x.example/it's")
  assert.ok(value !== undefined)
  const made = objectOf(
    value,
    { name: '', description: '' },
    { tlp: 'RED', now: '2026-01-15T00:00:00.000Z', newUuid: () => '0', until: undefined },
  )
  assert.equal(made['pattern'], "[url:value = 'https://x.example/it\\'s']")
  assert.deepEqual(made['object_marking_refs'], [TLP_IDS.RED])
})

test('who will receive it is the floor of the marking within the share of the collection', () => {
  const peer = (member: string, communities: string[], state = 'approved'): PeerView =>
    ({ member, communities, state, names: {} }) as unknown as PeerView
  const peers = [peer('a', ['energy.example']), peer('b', []), peer('c', ['energy.example'], 'pending')]
  const reach = (share: string, tlp: string, named: string[] = []): string =>
    reachOf(
      {
        share,
        named,
        marking: { tlp, audience: { named: false, communities: ['energy.example'] }, personal: 'none' },
      } as never,
      tlp as never,
      peers,
    )
      .map(({ member }) => member)
      .join('')
  assert.equal(reach('none', 'CLEAR'), '')
  assert.equal(reach('peers', 'GREEN'), 'ab')
  assert.equal(reach('peers', 'AMBER'), 'a')
  assert.equal(reach('community', 'GREEN'), 'a')
  assert.equal(reach('peers', 'AMBER+STRICT'), '')
  assert.equal(reach('peers', 'RED', ['b']), 'b')
})

test('a spreadsheet takes no cell of ours for a formula', () => {
  assert.equal(toCsv([['=1+1', 'a,b', '"q"', '-x']]), `'=1+1,"a,b","""q""",'-x\r\n`)
})

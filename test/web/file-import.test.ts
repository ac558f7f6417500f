// A file on its way in, seen from the browser: its hash, piece by piece, and what the node's lines say.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { ImportEvent } from '#sharing/wire.ts'
import { digestOf, refusalsWith, tallyOf, type Refusal } from '#web/write/file-import.ts'

const COUNTS = { read: 3, added: 1, known: 1, conflict: 0, refused: 1, kept: 0 }
const refused = (index: number, message: string): Refusal => ({
  kind: 'refused',
  outcome: 'refused',
  index,
  offset: 10 * index,
  line: index + 1,
  id: `indicator--${index}`,
  findings: [{ code: 'stix', path: '/pattern', message, clause: '4.7' }],
})
const lines = (...events: ImportEvent[]): string => events.map((each) => `${JSON.stringify(each)}\n`).join('')

test('the hash of a file is that of all its bytes, and every piece is told', async () => {
  const bytes = randomBytes(300_000)
  const told: number[] = []
  const digest = await digestOf(new Blob([bytes]), {
    onProgress: ({ sent, total }) => {
      assert.equal(total, bytes.length)
      told.push(sent)
    },
    signal: new AbortController().signal,
  })
  assert.equal(digest, createHash('sha256').update(bytes).digest('hex'))
  assert.equal(told.at(-1), bytes.length)
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  )
})

test('somebody who stops is heard between two pieces', async () => {
  const stop = new AbortController()
  await assert.rejects(
    digestOf(new Blob([randomBytes(1_000_000)]), { onProgress: () => stop.abort(), signal: stop.signal }),
    { code: 'link.lost' },
  )
})

test('a tally counts what has come whole, and knows whether the end was told', () => {
  const progress = { kind: 'progress', ...COUNTS, read: 2, offset: 20 } as const
  const half = lines(refused(0, 'a pattern is missing'), progress) + '{"kind":"do'
  assert.deepEqual(tallyOf(half), {
    counts: progress,
    refusals: [refused(0, 'a pattern is missing')],
    ended: false,
  })
  const whole = tallyOf(
    lines(progress, { kind: 'broken', message: 'ends early', place: '/objects/3' }, { kind: 'done', ...COUNTS }),
  )
  assert.equal(whole.ended, true)
  assert.equal(whole.counts.read, 3)
  assert.equal(whole.broken?.place, '/objects/3')
  assert.equal(tallyOf('').ended, false)
})

test('refusals are found by any of their words, in any order', () => {
  const refusals = [refused(0, 'a pattern is missing'), refused(1, 'no such type')]
  assert.equal(refusalsWith('', refusals).length, 2)
  assert.deepEqual(refusalsWith('MISSING indicator', refusals), [refusals[0]])
  assert.deepEqual(refusalsWith('--1 type', refusals), [refusals[1]])
  assert.deepEqual(refusalsWith('missing type', refusals), [])
})

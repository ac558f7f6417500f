// What a peer shows is judged by its leaf: a wrong sender stops the stream, a wrong author only its own statement.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelopeCommit, itemCommit, itemSalt, listCommit, PART, partCommit } from '#kernel/commitment.ts'
import type { DisclosedStatement } from './statement-frame.ts'
import { judgeStatement } from './verify-round.ts'

const NOW = Date.UTC(2026, 0, 15)
const AUTHOR = { member: 'a.example', origin: 'a.example/log', nowMs: NOW }
const HEADER = {
  v: 1,
  member: 'a.example',
  origin: 'a.example/log',
  id: '019bbf3a-0000-7000-8000-000000000001',
  kind: 'records.put',
  time: '2026-01-14T00:00:00.000Z',
  marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  mediaType: 'application/stix+json',
  count: 1,
}

/** A statement as any author could write it into its log, whatever its header says. */
function said(header: string): { entry: Uint8Array; disclosed: DisclosedStatement } {
  const [entrySalt, headerSalt, seed] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const item = Buffer.from('{}')
  const bytes = Buffer.from(header)
  const partCommits = [
    partCommit(PART.header, headerSalt, bytes),
    listCommit(PART.content, [itemCommit(itemSalt(seed, 0), 0, item)]),
    new Uint8Array(32).fill(4),
    new Uint8Array(32).fill(5),
  ]
  const entry = Buffer.concat([Uint8Array.of(1), envelopeCommit(entrySalt, partCommits), new Uint8Array(20)])
  return {
    entry,
    disclosed: {
      index: 0,
      entrySalt,
      partCommits,
      header: { salt: headerSalt, bytes },
      content: { seed, items: [item] },
    },
  }
}

test('a statement that its leaf commits to is taken', () => {
  const { entry, disclosed } = said(JSON.stringify(HEADER))
  const judged = judgeStatement(entry, disclosed, AUTHOR)
  assert.equal(judged.kind, 'statement')
})

test('a statement that is in the log and out of form is its author’s fault, and stops nothing', () => {
  for (const header of [
    'not JSON',
    '{"v":1',
    JSON.stringify({ ...HEADER, v: 2 }),
    JSON.stringify({ ...HEADER, count: 2 }),
    JSON.stringify({ ...HEADER, marking: { tlp: 'PURPLE' } }),
    JSON.stringify({ ...HEADER, member: 'b.example' }),
    JSON.stringify({ ...HEADER, origin: 'b.example/log' }),
  ]) {
    const { entry, disclosed } = said(header)
    assert.equal(judgeStatement(entry, disclosed, AUTHOR).kind, 'malformed', header)
  }
})

test('a statement that is not what the leaf commits to is its sender’s fault', () => {
  const { entry, disclosed } = said(JSON.stringify(HEADER))
  const changed = (part: Partial<DisclosedStatement>): string =>
    judgeStatement(entry, { ...disclosed, ...part }, AUTHOR).kind
  const salt = new Uint8Array(32).fill(9)
  assert.equal(changed({ entrySalt: salt }), 'wrong')
  assert.equal(changed({ header: { ...disclosed.header, salt } }), 'wrong')
  assert.equal(changed({ content: { seed: salt, items: [Buffer.from('{}')] } }), 'wrong')
  assert.equal(changed({ content: { seed: new Uint8Array(32).fill(3), items: [Buffer.from('[]')] } }), 'wrong')
  assert.equal(judgeStatement(undefined, disclosed, AUTHOR).kind, 'wrong')
})

test('records dated far ahead wait until a day before their date, and what takes records back waits for nothing', () => {
  const due = (kind: string): number | undefined => {
    const { entry, disclosed } = said(JSON.stringify({ ...HEADER, kind, time: '2026-02-14T00:00:00.000Z' }))
    const judged = judgeStatement(entry, disclosed, AUTHOR)
    assert.ok(judged.kind === 'statement')
    return judged.statement.dueMs
  }
  assert.equal(due('records.put'), Date.parse('2026-02-13T00:00:00.000Z'))
  for (const kind of ['records.withdraw', 'erase', 'log-end', 'receipt']) assert.equal(due(kind), undefined, kind)
})

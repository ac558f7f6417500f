// The matrix of techniques and the line of time, as each may look at what they are drawn from.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MatrixView, Technique, TimelineView } from '#sharing/picture/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, TIME, type Fields } from './objects.ts'

const relation = (n: number, from: string, word: string, to: string, more: Fields = {}): Fields =>
  base('relationship', n, { relationship_type: word, source_ref: from, target_ref: to, ...more })

const [CAMPAIGN, LOADER, ACTOR] = [id('campaign', 1), id('malware', 2), id('intrusion-set', 3)]
const [SECRET, TECHNIQUE, PART] = [id('malware', 4), id('attack-pattern', 5), id('attack-pattern', 6)]
const phases = (...names: string[]): Fields => ({
  kill_chain_phases: names.map((phase_name) => ({ kill_chain_name: 'mitre-attack', phase_name })),
})
const code = (external_id: string): Fields => ({ external_references: [{ source_name: 'mitre-attack', external_id }] })

const OBJECTS: readonly Fields[] = [
  base('campaign', 1, { name: 'Slack Tide', first_seen: TIME, last_seen: '2026-02-01T00:00:00.000Z' }),
  base('malware', 2, { name: 'Loader', is_family: true }),
  base('intrusion-set', 3, { name: 'Nobody' }),
  base('malware', 4, { name: 'Whisper', is_family: true, object_marking_refs: [RED] }),
  base('attack-pattern', 5, { name: 'Scripting', ...phases('execution'), ...code('T1059') }),
  base('attack-pattern', 6, {
    name: 'Shell',
    x_mitre_platforms: ['Linux'],
    ...phases('execution', 'persistence'),
    ...code('T1059.004'),
  }),
  base('attack-pattern', 7, { name: 'Gone', revoked: true, ...phases('execution'), ...code('T9999') }),
  relation(10, CAMPAIGN, 'uses', LOADER, { start_time: TIME }),
  relation(11, CAMPAIGN, 'attributed-to', ACTOR),
  relation(12, LOADER, 'uses', PART),
  relation(13, ACTOR, 'uses', SECRET, { object_marking_refs: [RED] }),
  relation(14, SECRET, 'uses', TECHNIQUE, { object_marking_refs: [RED] }),
  base('report', 20, { name: 'Night report', published: TIME, object_refs: [LOADER, PART, id('tool', 99)] }),
  base('x-mitre-tactic', 31, { name: 'Execution', x_mitre_shortname: 'execution' }),
  base('x-mitre-tactic', 30, { name: 'Persistence', x_mitre_shortname: 'persistence' }),
  base('x-mitre-matrix', 32, {
    name: 'Enterprise ATT&CK',
    tactic_refs: [id('x-mitre-tactic', 30), id('x-mitre-tactic', 31)],
    x_mitre_domains: ['enterprise-attack'],
  }),
]

async function scene(seed: string) {
  const { world, node } = await oneWith(seed, OBJECTS, 'lenient')
  const viewer = await signedIn(node, { name: 'viewer', role: 'viewer' })
  const asViewer = async <T>(url: string): Promise<T> =>
    (await node.app.inject({ url: `/api${url}`, headers: viewer })).json<T>()
  const asAll = <T>(url: string): Promise<T> => world.api<T>(node, 'GET', url)
  return { world, node, asViewer, asAll }
}

test('the matrix has its tactics in order, parts folded to their technique, and counts what speaks of each', async () => {
  const { world, asAll, asViewer } = await scene('picture matrix')
  await using _ = world
  const matrix = await asViewer<MatrixView>(`/attack?by=${LOADER}`)
  assert.deepEqual(matrix.chains, [{ chain: 'mitre-attack', name: 'Enterprise ATT&CK' }])
  assert.deepEqual(
    matrix.tactics.map((tactic) => tactic.name),
    ['Persistence', 'Execution'],
  )
  const byId = new Map(matrix.techniques.map((each) => [each.id, each]))
  assert.deepEqual([...byId.keys()].toSorted(), [TECHNIQUE, PART], 'what was revoked is not there')
  const part = byId.get(PART)
  assert.deepEqual([part?.code, part?.parent, part?.phases], ['T1059.004', 'T1059', ['execution', 'persistence']])
  assert.deepEqual(part?.known, [
    { type: 'malware', count: 1 },
    { type: 'report', count: 1 },
  ])
  assert.deepEqual([part?.used, byId.get(TECHNIQUE)?.used], [true, false])
  assert.deepEqual(byId.get(TECHNIQUE)?.known, [], 'what is RED is not counted')
  const all = await asAll<MatrixView>('/attack?chain=mitre-attack')
  assert.deepEqual(all.techniques.find((each) => each.id === TECHNIQUE)?.known, [{ type: 'malware', count: 1 }])
})

test('who uses a technique by their software or their campaign uses it too, once removed and no further', async () => {
  const { world, asAll, asViewer } = await scene('picture used')
  await using _ = world
  const usedBy = async (ask: typeof asAll, by: string): Promise<[string, boolean | undefined][]> =>
    (await ask<MatrixView>(`/attack?by=${by}`)).techniques
      .filter((each) => each.used)
      .map((each) => [each.id, each.through])
  assert.deepEqual(await usedBy(asViewer, LOADER), [[PART, undefined]], 'by a line of its own')
  assert.deepEqual(await usedBy(asViewer, CAMPAIGN), [[PART, true]], 'by its software')
  assert.deepEqual(await usedBy(asAll, ACTOR), [[TECHNIQUE, true]], 'not by the software of its campaign')
  assert.deepEqual(await usedBy(asViewer, ACTOR), [], 'what is RED leads nowhere for who is not named for it')
})

test('the matrix is narrowed to a tactic, a platform, a text, and says which platforms there are', async () => {
  const { world, asAll } = await scene('picture narrowed')
  await using _ = world
  const narrowed = async (by: Readonly<Record<string, string>>): Promise<[string[], string[]]> => {
    const { tactics, techniques } = await asAll<MatrixView>(`/attack?${new URLSearchParams(by)}`)
    return [tactics.map(({ name }) => name), techniques.map(({ id }) => id).toSorted()]
  }
  const both = ['Persistence', 'Execution']
  assert.deepEqual(await narrowed({ tactic: 'persistence' }), [['Persistence'], [PART]])
  assert.deepEqual(await narrowed({ platform: 'Linux' }), [both, [PART]])
  assert.deepEqual(await narrowed({ q: 'SCRIPT' }), [both, [TECHNIQUE]])
  assert.deepEqual(await narrowed({ q: 't1059' }), [both, [TECHNIQUE, PART]])
  assert.deepEqual(await narrowed({ q: 'nothing' }), [both, []])
  assert.deepEqual((await asAll<MatrixView>('/attack?q=nothing')).platforms, ['Linux'])
})

test('what is kept for the matrix follows the records: new ones, newer versions, withdrawn ones, and techniques themselves', async () => {
  const { world, node, asAll } = await scene('picture kept')
  await using _ = world
  const knownOf = async (technique: string): Promise<Technique['known'] | undefined> =>
    (await asAll<MatrixView>('/attack')).techniques.find((each) => each.id === technique)?.known
  const before = [
    { type: 'malware', count: 1 },
    { type: 'report', count: 1 },
  ]
  assert.deepEqual(await knownOf(PART), before)
  await put(node, [base('tool', 40, { name: 'Key' }), relation(41, id('tool', 40), 'uses', PART)])
  assert.deepEqual(await knownOf(PART), [...before, { type: 'tool', count: 1 }], 'something new')
  const later = { modified: '2026-01-01T00:00:01.000Z' }
  await put(node, [base('report', 20, { name: 'Night report', published: TIME, object_refs: [LOADER], ...later })])
  assert.deepEqual(await knownOf(PART), [before[0], { type: 'tool', count: 1 }], 'a version that speaks of it no more')
  await world.api(node, 'POST', '/withdrawals', { id: id('relationship', 41), reason: 'expired' })
  assert.deepEqual(await knownOf(PART), [before[0]], 'something withdrawn')
  await put(node, [base('attack-pattern', 6, { name: 'Shell', revoked: true, ...phases('execution'), ...later })])
  assert.equal(await knownOf(PART), undefined, 'a technique that is out of use')
  await put(node, [base('attack-pattern', 8, { name: 'Fresh', ...phases('execution') })])
  assert.deepEqual(await knownOf(id('attack-pattern', 8)), [])
})

test('what happened around a record: each neighbour with the times that it and the line to it speak of', async () => {
  const { world, asAll, asViewer } = await scene('picture timeline')
  await using _ = world
  const { items } = await asViewer<TimelineView>(`/records/${CAMPAIGN}/timeline`)
  assert.deepEqual(items[0]?.times.slice(0, 2), [
    { property: 'first_seen', at: TIME },
    { property: 'last_seen', at: '2026-02-01T00:00:00.000Z' },
  ])
  const loader = items.find((item) => item.id === LOADER)
  assert.deepEqual([loader?.word, loader?.joined?.[0]], ['uses', { property: 'start_time', at: TIME }])
  const report = (await asViewer<TimelineView>(`/records/${LOADER}/timeline`)).items.find(
    (item) => item.type === 'report',
  )
  assert.deepEqual([report?.word, report?.joined, report?.times[0]?.property], ['object_refs', undefined, 'published'])
  const of = async (ask: typeof asAll): Promise<string[]> =>
    (await ask<TimelineView>(`/records/${ACTOR}/timeline`)).items.map((item) => item.id)
  assert.ok((await of(asAll)).includes(SECRET))
  assert.ok(!(await of(asViewer)).includes(SECRET), 'what is RED is not there for who is not named for it')
  const first = await asViewer<TimelineView>(`/records/${LOADER}/timeline?limit=1`)
  const rest = await asViewer<TimelineView>(`/records/${LOADER}/timeline?cursor=${first.next}`)
  assert.deepEqual([first.items.length, rest.items.some((item) => item.id === LOADER)], [2, false])
})

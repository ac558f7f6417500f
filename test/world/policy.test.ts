// Rules of a member's own in a living federation: they take effect at once, never reach back, are previewed truly, and are
// explained.
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import type { PeerView } from '#federation/wire.ts'
import { setPeer } from '#federation/peer-standing.ts'
import { LIMITS } from '#kernel/limits.ts'
import { setRules } from '#kernel/policy/own-rules.ts'
import type { ExplainView, MatrixView, PolicyView, PreviewEvent, PreviewView } from '#kernel/policy/wire.ts'
import { signedIn } from '#test/people.ts'
import { tamper, World, type WorldMember } from './world.ts'

const TLP_IDS = {
  CLEAR: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  GREEN: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  AMBER: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  RED: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
} as const
type Label = keyof typeof TLP_IDS

/** Two peers of a member, whose one collection is shared with named members only. */
async function begin(): Promise<{ world: World; a: WorldMember; b: WorldMember; c: WorldMember }> {
  const world = new World('policy')
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b, ['energy.example'])
  await world.introduce(a, c)
  await collect(world, a, 'notes', { share: 'named' })
  return { world, a, b, c }
}

async function collect(world: World, a: WorldMember, alias: string, part: object, marking: object = {}): Promise<void> {
  await world.api(a, 'POST', '/collections', {
    title: alias,
    alias,
    marking: {
      tlp: 'AMBER+STRICT',
      audience: { named: false, communities: ['energy.example'] },
      personal: 'none',
      ...marking,
    },
    ...part,
  })
}

async function publish(world: World, a: WorldMember, label: Label, collection = 'notes'): Promise<string> {
  const [id = ''] = await publishAll(world, a, [label], collection)
  return id
}

/** One record of each label. Answers their ids. */
async function publishAll(
  world: World,
  a: WorldMember,
  labels: readonly Label[],
  collection: string,
): Promise<string[]> {
  const time = new Date(world.clock.nowMs()).toISOString()
  const objects = labels.map((label) => {
    const id = `indicator--${crypto.randomUUID()}`
    return {
      type: 'indicator',
      spec_version: '2.1',
      id,
      created: time,
      modified: time,
      pattern_type: 'stix',
      name: id,
      pattern: `[domain-name:value = '${id}.example']`,
      valid_from: time,
      object_marking_refs: [TLP_IDS[label]],
    }
  })
  const response = await a.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${Buffer.from(world.random(32)).toString('hex')}`,
    headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/octet-stream' },
    payload: objects.map((object) => JSON.stringify(object)).join('\n'),
  })
  assert.match(response.body, new RegExp(`"added":${labels.length}`))
  return objects.map(({ id }) => id)
}

async function has(member: WorldMember, id: string): Promise<boolean> {
  const row = await member.store.get<{ n: number }>('SELECT count(*) AS n FROM item WHERE bytes LIKE ?', `%${id}%`)
  return (row?.n ?? 0) > 0
}

const file = (text: string): { name: string; text: string }[] => [{ name: 'own.cedar', text }]
const GREEN_TO_C = `@id("green.c")\n@reason("green goes to c")\npermit (principal == Member::"c.example", action == Action::"deliver", resource) when { resource.tlp == "GREEN" };`

async function previewOf(
  a: WorldMember,
  text: string,
  headers: Record<string, string> = { authorization: `Bearer ${a.token}` },
): Promise<PreviewView> {
  const response = await a.app.inject({
    method: 'POST',
    url: '/api/policy/preview',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: JSON.stringify({ files: file(text) }),
  })
  const events = response.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PreviewEvent)
  const result = events.at(-1)
  assert.ok(result?.kind === 'result', response.body)
  return result
}

test('own rules widen and narrow at once; what was given stays given', async () => {
  const { world, a, b, c } = await begin()
  await using _ = world
  const before = await publish(world, a, 'GREEN')
  await world.quiesce()
  assert.deepEqual([await has(b, before), await has(c, before)], [false, false])
  await world.api(a, 'PUT', '/policy', { files: file(GREEN_TO_C) })
  const [green, amber] = [await publish(world, a, 'GREEN'), await publish(world, a, 'AMBER')]
  await world.quiesce()
  assert.deepEqual([await has(b, green), await has(c, green)], [false, true], 'the rule is about c alone')
  assert.equal(await has(c, before), true, 'what came before is given later')
  assert.deepEqual([await has(b, amber), await has(c, amber)], [false, false])
  await world.api(a, 'PUT', '/policy', { files: [] })
  const after = await publish(world, a, 'GREEN')
  await world.quiesce()
  assert.deepEqual([await has(c, green), await has(c, after)], [true, false])
})

test('what a rule keeps from just those who are named is not shown to their programs either', async () => {
  const { world, a } = await begin()
  await using _ = world
  await world.api(a, 'PUT', '/policy', {
    files: file('@id("unnamed")\nforbid (principal, action == Action::"deliver", resource) when { context.named };'),
  })
  const shown: [string, number][] = []
  for (const [alias, named] of [
    ['of-b', 'b.example'],
    ['of-c', 'c.example'],
  ] as const) {
    await collect(world, a, alias, { share: 'peers', named: [named] }, { tlp: 'GREEN' })
    const id = await publish(world, a, 'GREEN', alias)
    const { secret } = await world.api<{ secret: string }>(a, 'POST', '/clients', {
      name: alias,
      actsFor: 'b.example',
      grants: [{ collection: alias, read: true, write: false }],
    })
    const { body } = await a.app.inject({
      url: `/taxii2/api/collections/${alias}/objects/`,
      headers: { accept: 'application/taxii+json;version=2.1', authorization: `Bearer ${secret}` },
    })
    shown.push([alias, body.split(`"id":"${id}"`).length - 1])
  }
  assert.deepEqual(shown, [
    ['of-b', 0],
    ['of-c', 1],
  ])
})

test('floors stand above every rule', async () => {
  const { world, a, b, c } = await begin()
  await using _ = world
  await world.api(a, 'PUT', '/policy', { files: file('@id("all")\npermit (principal, action, resource);') })
  const [red, amber] = [await publish(world, a, 'RED'), await publish(world, a, 'AMBER')]
  await world.quiesce()
  assert.deepEqual([await has(b, red), await has(c, red)], [false, false])
  assert.deepEqual([await has(b, amber), await has(c, amber)], [true, false], 'b is in the community, c is not')
})

test('a preview says what then happens, and changes nothing itself', async () => {
  const { world, a, c } = await begin()
  await using _ = world
  await collect(world, a, 'open', { share: 'peers' })
  const greens = [await publish(world, a, 'GREEN'), await publish(world, a, 'GREEN')]
  const open = await publish(world, a, 'CLEAR', 'open')
  await world.quiesce()
  const text = `${GREEN_TO_C}\n@id("no.b")\nforbid (principal == Member::"b.example", action, resource);\n@id("idle")\nforbid (principal, action, resource) when { resource.tlp == "AMBER" && resource.public };`
  const result = await previewOf(a, text)
  assert.equal((await world.api<PolicyView>(a, 'GET', '/policy')).version, 0)
  assert.deepEqual(
    result.newly.flows.map(({ to, collection, records, rule }) => ({ to, collection, records, rule })),
    [{ to: 'member:c.example', collection: 'notes', records: 2, rule: 'green.c' }],
  )
  assert.ok(result.newly.flows[0]?.examples.every((id) => greens.includes(id)))
  assert.deepEqual(
    result.stops.flows.map(({ to, records, rule }) => ({ to, records, rule })),
    [{ to: 'member:b.example', records: 1, rule: 'no.b' }],
  )
  assert.deepEqual(result.idle, ['idle'])
  await world.api(a, 'PUT', '/policy', { files: file(text), after: result.version })
  await world.quiesce()
  assert.deepEqual(await Promise.all(greens.map((id) => has(c, id))), [true, true])
  assert.equal(await has(c, open), true)
})

test('an answer is explained by its rules, and what would change it does change it', async () => {
  const { world, a, c } = await begin()
  await using _ = world
  const id = await publish(world, a, 'GREEN')
  const ask = async (to: string, via = 'peer'): Promise<ExplainView['versions'][number]> => {
    const answer = await world.api<ExplainView>(a, 'GET', `/policy/explain?id=${id}&to=${to}&via=${via}`)
    return answer.versions[0] as ExplainView['versions'][number]
  }
  const no = await ask('c.example')
  assert.equal(no.allow, false)
  assert.deepEqual(
    no.rules.map((rule) => rule.id),
    ['share.named'],
  )
  assert.deepEqual(no.changes, [['name c.example as a recipient'], ['share its collection with approved peers']])
  const stranger = await ask('stranger.example')
  assert.deepEqual(stranger.rules[0]?.id, 'floor.green')
  assert.ok(stranger.changes.some((each) => each.includes('approve stranger.example as a peer')))
  await world.api(a, 'PUT', '/policy', { files: file(GREEN_TO_C) })
  const yes = await ask('c.example')
  assert.deepEqual([yes.allow, yes.rules], [true, [{ id: 'green.c', reason: 'green goes to c' }]])
  await world.quiesce()
  assert.equal(await has(c, id), true)
  assert.equal((await ask('self', 'machine')).allow, true)
})

test('the matrix says of each class what a delivery then does, by pages, and only of what its reader may read', async () => {
  const { world, a, b, c } = await begin()
  await using _ = world
  await collect(world, a, 'open', { share: 'peers' })
  const open = [await publish(world, a, 'GREEN', 'open'), await publish(world, a, 'GREEN', 'open')]
  const notes = await publish(world, a, 'GREEN')
  await publish(world, a, 'RED')
  await world.api(a, 'PUT', '/policy', { files: file(GREEN_TO_C) })
  await world.quiesce()
  const all = await world.api<MatrixView>(a, 'GET', '/policy/matrix')
  assert.deepEqual(all.recipients, ['member:b.example', 'member:c.example'])
  const cells = all.items.map(({ collection, tlp, records, answers, rules }) => [
    `${collection} ${tlp} ${records}`,
    ...answers.map((answer, at) => `${answer} ${rules[at]}`),
  ])
  assert.deepEqual(cells, [
    ['open GREEN 2', 'yes allow.community', 'yes allow.peer'],
    ['notes GREEN 1', 'no share.named', 'yes green.c'],
    ['notes RED 1', 'no floor.red', 'no floor.red'],
  ])
  const headers = await signedIn(a, { name: 'vera', role: 'viewer' })
  const seen = (await a.app.inject({ url: '/api/policy/matrix', headers })).json<MatrixView>()
  assert.deepEqual(seen.items, all.items.slice(0, 2), 'TLP:RED is not for people who are not named for it')
  assert.equal(all.reasons['green.c'], 'green goes to c')
  for (const id of open) assert.deepEqual([await has(b, id), await has(c, id)], [true, true])
  assert.deepEqual([await has(b, notes), await has(c, notes)], [false, true])
  const first = await world.api<MatrixView>(a, 'GET', '/policy/matrix?limit=1')
  const rest = await world.api<MatrixView>(a, 'GET', `/policy/matrix?limit=2&cursor=${first.next}`)
  assert.deepEqual([...first.items, ...rest.items], all.items)
  assert.equal(rest.next, undefined)
})

test('a preview leaves out the classes that whoever looks may not read, as the matrix does', async () => {
  const { world, a } = await begin()
  await using _ = world
  const named = { tlp: 'RED', audience: { named: true, communities: [] } }
  await collect(world, a, 'secret', { share: 'named', named: ['b.example'] }, named)
  await publishAll(world, a, ['RED', 'RED', 'GREEN'], 'secret')
  const nothing = `@id("nothing")\nforbid (principal, action, resource) when { resource.tlp == "RED" };`
  const all = await previewOf(a, nothing)
  assert.deepEqual([all.classes, all.records, all.stops.records, all.stops.to], [2, 3, 2, 1])
  assert.deepEqual(all.idle, [])
  const { secret } = await world.api<{ secret: string }>(a, 'POST', '/tokens', { name: 'p', role: 'analyst' })
  for (const headers of [
    { authorization: `Bearer ${secret}` },
    await signedIn(a, { name: 'ana', role: 'analyst' }),
  ] as const) {
    const seen = await previewOf(a, nothing, headers)
    assert.deepEqual([seen.classes, seen.records, seen.stops], [1, 1, { records: 0, to: 0, flows: [] }])
    assert.deepEqual(seen.idle, ['nothing'], 'whether a rule decides anything is told of what one may read')
    assert.ok(!JSON.stringify(seen).includes('RED'))
  }
})

test('fifty recipients by five hundred classes come by pages, each class once, counted as records come and go', async () => {
  const world = new World('wide')
  await using _ = world
  const a = await world.add('a.example')
  const [collections, recipients] = [125, 50]
  for (let n = 0; n < collections; n += 1) {
    const audience = { named: false, communities: [`c${n}.example`] }
    await collect(world, a, `c${n}`, { share: 'peers' }, { tlp: 'GREEN', audience })
    await publishAll(world, a, ['CLEAR', 'GREEN', 'AMBER', 'RED'], `c${n}`)
  }
  const grants = [{ collection: 'c0', read: true, write: false }]
  for (let n = 0; n < recipients; n += 1)
    await world.api(a, 'POST', '/clients', { name: `m${n}`, actsFor: `m${n}.example`, grants })
  const groups: number[] = []
  const heard = (message: unknown): void => {
    const { phase, commands } = message as { phase: string; commands: readonly string[] }
    if (phase === 'begin') groups.push(commands.filter((name) => name === 'kernel.decide').length)
  }
  subscribe('comity:writer', heard)
  const pages = await matrixPages(world, a)
  unsubscribe('comity:writer', heard)
  const rows = pages.flatMap(({ items }) => items)
  assert.equal(rows.length, 4 * collections)
  assert.equal(new Set(rows.map(({ collection, marking }) => `${collection} ${marking}`)).size, rows.length)
  assert.ok(rows.every(({ answers, rules }) => answers.length === recipients && rules.length === recipients))
  assert.ok(rows.every(({ rules }) => rules.every((rule) => pages[0]?.reasons[rule] !== undefined)))
  assert.ok(rows.filter(({ tlp }) => tlp === 'RED').every(({ answers }) => answers.every((answer) => answer === 'no')))
  const decided = groups.filter((count) => count > 0)
  assert.ok(decided.length >= (recipients * 100) / LIMITS.policyReaderAsksMax, 'others had their turn in between')
  assert.ok(decided.length < (recipients * 200) / LIMITS.policyReaderAsksMax, 'classes that are alike are decided once')
  const counted = async (): Promise<number | undefined> =>
    (await matrixPages(world, a))
      .flatMap(({ items }) => items)
      .find(({ collection, tlp }) => collection === 'c7' && tlp === 'GREEN')?.records
  assert.equal(await counted(), 1)
  const id = await publish(world, a, 'GREEN', 'c7')
  assert.equal(await counted(), 2)
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
  assert.equal(await counted(), 1)
})

async function matrixPages(world: World, a: WorldMember): Promise<MatrixView[]> {
  const pages: MatrixView[] = []
  for (let cursor: string | undefined = '0'; cursor !== undefined; cursor = pages.at(-1)?.next)
    pages.push(await world.api<MatrixView>(a, 'GET', `/policy/matrix?limit=100&cursor=${cursor}`))
  return pages
}

test('a change and a delivery in one group: what was decided before the change counts for nothing after it', async () => {
  const { world, a, b } = await begin()
  await using _ = world
  await collect(world, a, 'open', { share: 'peers' })
  await publish(world, a, 'GREEN', 'open')
  await world.quiesce()
  const forbid = `@id("nothing")\nforbid (principal, action == Action::"deliver", resource);`
  const [, id] = await Promise.all([
    a.store.write(setRules, { actor: 'test', files: file(forbid) }),
    publish(world, a, 'GREEN', 'open'),
  ])
  await world.quiesce()
  assert.equal(await has(b, id), false)
  const undone = Promise.allSettled([
    a.store.write(setRules, { actor: 'test', files: file('permit (principal') }),
    publish(world, a, 'GREEN', 'open'),
  ])
  const [refused, kept] = await undone
  assert.equal(refused.status, 'rejected')
  await world.quiesce()
  assert.ok(kept.status === 'fulfilled' && !(await has(b, kept.value)))
})

test('rules set over somebody else’s are refused, and every version stands in the history', async () => {
  const { world, a } = await begin()
  await using _ = world
  await world.api(a, 'PUT', '/policy', { files: file(GREEN_TO_C), after: 0 })
  await assert.rejects(world.api(a, 'PUT', '/policy', { files: [], after: 0 }), /version 1 of the rules came to be/)
  await world.api(a, 'PUT', '/policy', { files: [], after: 1 })
  const { items } = await world.api<{ items: { version: number; rules: string[] }[] }>(a, 'GET', '/policy/versions')
  assert.deepEqual(
    items.map(({ version, rules }) => ({ version, rules })),
    [
      { version: 2, rules: [] },
      { version: 1, rules: ['green.c'] },
    ],
  )
  const first = await world.api<PolicyView>(a, 'GET', '/policy?version=1')
  assert.deepEqual([first.inForce, first.files], [false, file(GREEN_TO_C)])
  await assert.rejects(world.api(a, 'PUT', '/policy', { files: file('permit (') }), /own.cedar:1:9/)
  const deeds = await world.api<{ items: { action: string }[] }>(a, 'GET', '/audit?limit=10')
  assert.equal(deeds.items.filter(({ action }) => action === 'policy.set').length, 2)
})

test('personal data crosses a border where people decided so, and a peer cannot move itself', async () => {
  const { world, a, b } = await begin()
  await using _ = world
  await collect(world, a, 'people', { share: 'peers' }, { tlp: 'GREEN', personal: 'present', jurisdiction: 'DE' })
  const first = await publish(world, a, 'GREEN', 'people')
  await world.quiesce()
  assert.equal(await has(b, first), false)
  // A newer document with another country is not what a person approved.
  await a.store.write(
    tamper,
    `UPDATE peer SET document = CAST(json_set(CAST(document AS TEXT), '$.country', 'DE') AS BLOB) WHERE name = 'b.example'`,
  )
  const view = await world.api<PeerView>(a, 'GET', '/peers/b.example')
  assert.deepEqual([view.country, view.saysNow], [undefined, 'technical, DE'])
  const second = await publish(world, a, 'GREEN', 'people')
  await world.quiesce()
  assert.equal(await has(b, second), false)
  await assert.rejects(
    a.store.write(setPeer, { actor: 'test', name: 'b.example', change: { adequate: ['Germany'] } }),
    /no jurisdiction/,
  )
  const decided = await world.api<PeerView>(a, 'PATCH', '/peers/b.example', {
    agreements: { DE: 'clauses of 3 March' },
  })
  assert.deepEqual(decided.agreements, { DE: 'clauses of 3 March' })
  await world.quiesce()
  assert.deepEqual([await has(b, first), await has(b, second)], [true, true])
})

test('rules that cannot be put in force are named in the audit log, with who wanted it and what is wrong', async () => {
  const world = new World('refused rules')
  await using _ = world
  const a = await world.add('a.example')
  const deep = `permit (principal, action, resource) when { ${'('.repeat(10_000)}true${')'.repeat(10_000)} };`
  for (const text of [deep, 'permit ('])
    await assert.rejects(world.api(a, 'PUT', '/policy', { files: [{ name: 'own.cedar', text }] }), /cannot be set/)
  const { items } = await world.api<{ items: { actor: string; subject: string; detail: { reason: string } }[] }>(
    a,
    'GET',
    '/audit?action=policy.refused',
  )
  assert.deepEqual(
    items.map(({ actor, subject }) => [actor, subject.split(':')[0]]),
    [0, 1].map(() => ['admin', 'own.cedar']),
  )
  assert.match(items[1]?.detail.reason ?? '', /nested too deep/)
})

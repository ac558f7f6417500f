// What waits for a person, how the others are, and what left: of nodes that really exchange.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HomeView, LeftView } from '#src/home/wire.ts'
import { needsOf } from '#src/home/needs.ts'
import { Fault } from '#kernel/fault.ts'
import type { Caller } from '#kernel/http/access.ts'
import type { Right } from '#kernel/role.ts'
import { enqueueJob } from '#kernel/job.ts'
import type { Command } from '#kernel/store/types.ts'
import { signedIn } from '../people.ts'
import { tamper, World, type WorldMember } from './world.ts'

const PERSON = { kind: 'self', via: 'person', red: false } as const
const ID = 'indicator--00000000-0000-4000-8000-000000000001'

async function say(member: WorldMember, id: string, domain: string): Promise<void> {
  const time = '2026-01-01T00:00:00.000Z'
  const record = {
    type: 'indicator',
    spec_version: '2.1',
    id,
    created: time,
    modified: time,
    name: 'Bad',
    pattern: `[domain-name:value = '${domain}']`,
    pattern_type: 'stix',
    valid_from: time,
  }
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${id.slice(-8).repeat(8)}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(record),
  })
  assert.match(body, /"added":1/)
}

async function scene(seed: string) {
  const world = new World(seed)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  const home = (member: WorldMember): Promise<HomeView> => world.api(member, 'GET', '/home')
  const kinds = async (member: WorldMember): Promise<string[]> =>
    (await home(member)).needs.map(({ kind, count, about = '' }) => `${kind} ${count} ${about}`.trim())
  await world.api(a, 'POST', '/collections', {
    title: 'open',
    alias: 'open',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  return { world, a, b, home, kinds }
}

test('a peer to approve, a warning, a withdrawal nobody asked for since: each waits until it is done', async () => {
  const { world, a, b, home, kinds } = await scene('home')
  await using _ = world
  assert.deepEqual(await kinds(a), [])
  const { invitation } = await world.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
  await world.api(b, 'POST', '/peers/accept', { invitation })
  assert.deepEqual([await kinds(a), await kinds(b)], [['pending 1 b.example'], ['pending 1 a.example']])
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  await world.api(b, 'POST', '/peers/a.example/approve', {})
  await world.api(b, 'POST', '/watch', { value: 'bad.example', asset: 'Web' })
  await say(a, ID, 'www.bad.example')
  await world.quiesce()
  assert.deepEqual([await kinds(a), await kinds(b)], [[], ['warnings 1']])
  await world.api(b, 'POST', '/warnings/1/acknowledge', {})
  assert.deepEqual(await kinds(b), [])
  const left = await world.api<LeftView>(a, 'GET', '/left')
  assert.deepEqual(
    left.items.map(({ to, way, count, rules }) => ({ to, way, count, rules })),
    [{ to: 'member:b.example', way: 'delivery', count: 1, rules: ['allow.peer'] }],
  )
  const [peer] = (await home(a)).peers
  assert.deepEqual([peer?.behind, peer?.waiting], [0, 0])

  world.network.cut.add('a.example b.example')
  world.network.cut.add('b.example a.example')
  await world.api(a, 'POST', '/withdrawals', { id: ID, reason: 'false-positive' })
  await world.pass(60_000)
  assert.deepEqual(await kinds(a), ['withdrawals 1 b.example'])
  assert.equal((await home(a)).peers[0]?.waiting, 1)
  await world.pass(7 * 3600_000)
  assert.ok((await kinds(a)).includes('silent 1 b.example'))
  await world.quiesce()
  assert.deepEqual(await kinds(a), [])
})

test('of what peers sent that cannot be used: who sent most first, since when, and why the oldest is no use', async () => {
  const { world, a, b, home } = await scene('home-quarantine')
  await using _ = world
  const c = await world.add('c.example')
  await world.introduce(a, b)
  await world.introduce(a, c)
  for (const [from, time, reason] of [
    [c, 3000, 'c sent one'],
    [b, 5000, 'newest of b'],
    [b, 4000, 'oldest of b'],
  ] as const)
    await a.store.write(
      tamper,
      `INSERT INTO quarantine (member, time_ms, reason) SELECT id, ${time}, '${reason}' FROM member WHERE name = '${from.name}'`,
    )
  const { needs } = await home(a)
  assert.deepEqual(
    needs.filter(({ kind }) => kind === 'quarantine'),
    [
      { kind: 'quarantine', count: 2, about: 'b.example', since: '1970-01-01T00:00:04.000Z', reason: 'oldest of b' },
      { kind: 'quarantine', count: 1, about: 'c.example', since: '1970-01-01T00:00:03.000Z', reason: 'c sent one' },
    ],
  )
})

test('who may not know of a part is not told of it; work that was given up is tried again and written down', async () => {
  const { world, a, kinds } = await scene('home parts')
  await using _ = world
  await a.store.write(enqueueJob as unknown as Command<object, void>, { kind: 'test.none', key: 'x' })
  await a.store.write(
    tamper,
    "UPDATE job SET failed_ms = 1, last_error = 'no way', attempts = 50 WHERE kind = 'test.none'",
  )
  await world.api(a, 'POST', '/tokens', { name: 'brief', role: 'viewer', days: 3 })
  assert.deepEqual(await kinds(a), ['jobs 1', 'tokens 1'])
  const viewer = await signedIn(a, { name: 'viewer', role: 'viewer' })
  const seen = (await a.app.inject({ url: '/api/home', headers: viewer })).json<HomeView>()
  assert.deepEqual(seen.needs, [])
  type Job = { id: number; state: string; attempts: number; lastError: string }
  const failed = await world.api<{ items: Job[] }>(a, 'GET', '/jobs?state=failed')
  assert.deepEqual(
    failed.items.map(({ state, attempts, lastError }) => [state, attempts, lastError]),
    [['failed', 50, 'no way']],
  )
  await world.api(a, 'POST', `/jobs/${failed.items[0]?.id}/retry`)
  assert.deepEqual((await world.api<{ items: Job[] }>(a, 'GET', '/jobs?state=failed')).items, [])
  const deeds = await world.api<{ items: { actor: string; subject: string }[] }>(a, 'GET', '/audit?action=job')
  assert.deepEqual(
    deeds.items.map(({ actor, subject }) => [actor, subject]),
    [['admin', 'test.none x']],
  )
})

test('what everybody on the machine may read, and that nothing can be decided, waits for a person beside all else', async () => {
  const { world, a } = await scene('doubt')
  await using _ = world
  const { store, federation } = a
  const { egress } = federation.deps
  const sources = { store, egress, frozen: undefined, peers: [], certificateEndsMs: undefined, nowMs: 0 }
  const list = (): Promise<never> => Promise.reject(new Fault('busy', 'the policy thread is gone'))
  const caller = (...rights: Right[]): Caller => ({ actor: 'admin', principal: PERSON, rights })
  const needs = async (...rights: Right[]): Promise<string[]> =>
    (await needsOf({ ...sources, warning: { list }, folderOpen: true }, caller(...rights))).map(({ kind }) => kind)
  assert.deepEqual(await needs('read', 'audit'), ['rules', 'folder'])
  assert.deepEqual(await needs('read'), ['rules'])
})

test('the audit log is asked by who, what and when, and its table runs nothing', async () => {
  const { world, a } = await scene('audit')
  await using _ = world
  const mara = await signedIn(a, { name: 'mara', role: 'administrator' })
  const add = (alias: string) =>
    a.app.inject({ method: 'POST', url: '/api/collections', headers: mara, payload: { title: '=cmd|calc', alias } })
  await add('one')
  world.clock.advance(3600_000 - 1)
  await add('two')
  type Page = { items: { actor: string; action: string; subject: string }[] }
  const ask = async (query: string): Promise<string[]> =>
    (await world.api<Page>(a, 'GET', `/audit?${query}`)).items.map(({ actor, subject }) => `${actor} ${subject}`)
  assert.deepEqual(await ask('actor=user:mara&action=collection.add'), ['user:mara two', 'user:mara one'])
  assert.deepEqual(await ask('action=collection&since=2026-01-15T08:30:00Z'), ['user:mara two'])
  assert.deepEqual(await ask('action=collection&until=2026-01-15T08:30:00Z'), ['user:mara one', 'admin open'])
  assert.deepEqual(await ask('action=coll'), [])
  assert.deepEqual(await ask('subject=one'), ['user:mara one'])
  const { headers, body } = await a.app.inject({ url: '/api/audit.csv?action=collection', headers: mara })
  assert.match(String(headers['content-disposition']), /attachment/)
  assert.equal(body.split('\r\n').length, 5)
  assert.match(body, /^"time","who","what","to what","detail"\r\n"2026-01-15T0[89][^"]+","user:mara","collection.add"/)
  assert.deepEqual(await ask('action=audit.export'), ['user:mara '])
})

test('a warning is taken on, kept quiet for a while with a reason, and remembers what was done', async () => {
  const { world, a, kinds } = await scene('care')
  await using _ = world
  await world.api(a, 'POST', '/watch', { value: 'bad.example', asset: 'Web' })
  await say(a, ID, 'www.bad.example')
  await a.warning.settle()
  const mara = () => signedIn(a, { name: 'mara', role: 'analyst' })
  await mara()
  const post = async (path: string, payload: object) =>
    a.app.inject({ method: 'POST', url: `/api/warnings/1/${path}`, headers: await mara(), payload })
  assert.equal((await post('assign', { to: 'nobody' })).statusCode, 404)
  assert.equal((await post('assign', { to: 'mara' })).json<{ assigned: string }>().assigned, 'mara')
  const at = (ms: number): string => new Date(world.clock.nowMs() + ms).toISOString()
  for (const until of [at(-1), at(91 * 24 * 3600_000), 'tomorrow'])
    assert.equal((await post('mute', { until, reason: 'x' })).statusCode, 400, until)
  assert.equal((await post('mute', { until: at(3600_000), reason: '' })).statusCode, 400)
  assert.deepEqual(await kinds(a), ['warnings 1'])
  assert.equal((await post('mute', { until: at(3600_000), reason: 'being rebuilt' })).statusCode, 200)
  assert.deepEqual(await kinds(a), [], 'quiet for an hour')
  type Page = { items: { id: number; muted?: { reason: string } }[] }
  const quiet = await world.api<Page>(a, 'GET', '/warnings?muted=true&assigned=mara')
  assert.equal(quiet.items[0]?.muted?.reason, 'being rebuilt')
  assert.deepEqual((await world.api<Page>(a, 'GET', '/warnings?assigned=')).items, [])
  await world.pass(3600_000 + 120_000)
  await a.warning.settle()
  assert.deepEqual(await kinds(a), ['warnings 1'], 'and then it speaks again')
  await post('mute', { until: at(3600_000), reason: 'once more' })
  await post('unmute', {})
  await post('close', { note: 'blocked' })
  type Deeds = { items: { actor: string; what: string; detail: unknown }[] }
  const { items } = await world.api<Deeds>(a, 'GET', '/warnings/1/deeds')
  assert.deepEqual(
    items.map(({ actor, what }) => `${actor} ${what}`),
    ['assign', 'mute', 'mute', 'unmute', 'closed'].map((what) => `user:mara ${what}`),
  )
  assert.deepEqual(items.at(-1)?.detail, { note: 'blocked' })
})

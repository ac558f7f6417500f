// A program of a member with which the exchange has ended is refused, with the reason, until people take it up again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addPeer } from '#federation/meet.ts'
import type { MatrixView } from '#kernel/policy/wire.ts'
import { base, oneWith, put } from './objects.ts'
import type { World, WorldMember } from './world.ts'

type Scene = { readonly world: World; readonly node: WorldMember; readonly b: WorldMember; readonly ask: Ask }
type Ask = () => Promise<{ status: number; body: string }>

/** A node with a record that names `b.example` and `c.example`, and a client for a program of one of them. */
async function scene(seed: string, actsFor = 'b.example'): Promise<Scene> {
  const { world, node } = await oneWith(seed, [])
  const b = await world.add('b.example')
  await world.introduce(node, b)
  const marking = { tlp: 'AMBER', audience: { named: true, communities: [] }, personal: 'none' }
  await world.api(node, 'PATCH', '/collections/c', { marking, named: ['b.example', 'c.example'], share: 'named' })
  await put(node, [base('malware', 1, { name: 'Kellerassel', is_family: true })])
  const grants = [{ collection: 'c', read: true, write: false }]
  const { secret } = await world.api<{ secret: string }>(node, 'POST', '/clients', { name: 'siem', actsFor, grants })
  const headers = { accept: 'application/taxii+json;version=2.1', authorization: `Bearer ${secret}` }
  const ask: Ask = async () => {
    const { statusCode, body } = await node.app.inject({ url: '/taxii2/api/collections/c/objects/', headers })
    return { status: statusCode, body }
  }
  return { world, node, b, ask }
}

const recipientsOf = async ({ world, node }: Scene): Promise<string[]> =>
  (await world.api<MatrixView>(node, 'GET', '/policy/matrix')).recipients

test('after a peer was removed its programs get nothing, until it is approved again', async () => {
  const here = await scene('client removed')
  const { world, node, b, ask } = here
  await using _ = world
  assert.match((await ask()).body, /Kellerassel/)
  assert.ok((await recipientsOf(here)).includes('member:b.example/machine'))
  await world.api(node, 'DELETE', '/peers/b.example')
  await put(node, [base('malware', 2, { name: 'Asselspinne', is_family: true })])
  const { status, body } = await ask()
  assert.equal(status, 403)
  const problem = JSON.parse(body) as { title: string; description: string; objects?: unknown }
  assert.match(problem.title, /the exchange with b\.example was ended here/)
  assert.match(problem.description, /comity peer approve b\.example/)
  assert.equal(problem.objects, undefined)
  assert.ok(!(await recipientsOf(here)).includes('member:b.example/machine'), 'the matrix says so too')
  // Meeting again is not yet an approval.
  const document = (await b.app.inject({ url: '/.well-known/comity' })).rawPayload
  await node.store.write(addPeer, { actor: 'test', document, words: [] })
  assert.equal((await ask()).status, 403)
  await world.api(node, 'POST', '/peers/b.example/approve', {})
  assert.match((await ask()).body, /Kellerassel.*Asselspinne/s)
})

test('the programs of a member that has left get nothing', async () => {
  const { world, b, ask } = await scene('client left')
  await using _ = world
  assert.match((await ask()).body, /Kellerassel/)
  await world.api(b, 'POST', '/leave', { confirm: 'b.example' })
  await world.quiesce()
  const { status, body } = await ask()
  assert.equal(status, 403)
  assert.match(body, /b\.example has left/)
  assert.match(body, /comity client revoke siem/)
})

test('the programs of a member that this node never met get what names it, as before', async () => {
  const { world, ask } = await scene('client of a stranger', 'c.example')
  await using _ = world
  assert.match((await ask()).body, /Kellerassel/)
})

test('that a client was refused stands in the audit log, at most once an hour', async () => {
  const { world, node, ask } = await scene('client refused')
  await using _ = world
  const refused = async (): Promise<{ subject: string; detail: object }[]> =>
    (await world.api<{ items: { subject: string; detail: object }[] }>(node, 'GET', '/audit?action=client.refused'))
      .items
  await world.api(node, 'DELETE', '/peers/b.example')
  for (let n = 0; n < 3; n += 1) await ask()
  const [first, ...others] = await refused()
  assert.deepEqual(others, [])
  assert.equal(first?.subject, 'siem')
  assert.match(JSON.stringify(first?.detail), /auth\.denied.*the exchange with b\.example was ended here/)
  world.clock.advance(3_600_000)
  await ask()
  assert.equal((await refused()).length, 2)
})

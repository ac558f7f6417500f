// A disk that is full: what cannot be kept is refused and says so, reading goes on, nothing acknowledged is lost, and
// writing goes on where there is room again.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempDisposableSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { TAXII_MEDIA_TYPE } from '#sharing/taxii-server/negotiate.ts'
import { Check } from '#test/world/check.ts'
import { tamper, World, type WorldMember } from '#test/world/world.ts'

const identity = (n: number, bytes: number) => ({
  type: 'identity',
  spec_version: '2.1',
  id: `identity--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  name: `name ${n}`,
  description: 'x'.repeat(bytes),
})

async function post(node: WorldMember, n: number, bytes: number): Promise<{ status: number; body: string }> {
  const { statusCode, body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${n.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(identity(n, bytes)),
  })
  return { status: statusCode, body }
}

async function inFolder(work: (world: World, node: WorldMember, folder: string) => Promise<void>): Promise<void> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-disk-'))
  const world = new World('disk', folder.path)
  await using _ = world
  const node = await world.add('a.example')
  await world.api(node, 'POST', '/collections', { title: 'Open', alias: 'open' })
  await work(world, node, join(folder.path, 'a.example'))
}

const heldBy = async (node: WorldMember): Promise<number> =>
  (await node.store.get<{ n: number }>('SELECT count(*) AS n FROM record'))?.n ?? 0

test('a full disk is said, nothing acknowledged is lost, and it goes on when there is room', async () => {
  await inFolder(async (world, node) => {
    assert.match((await post(node, 0, 10)).body, /"added":1/)
    const { secret } = await world.api<{ secret: string }>(node, 'POST', '/clients', {
      name: 'writer',
      actsFor: 'self',
      grants: [{ collection: 'open', read: true, write: true }],
    })
    const pages = (await node.store.get<{ page_count: number }>('PRAGMA page_count'))?.page_count ?? 0
    await node.store.write(tamper, `PRAGMA max_page_count = ${pages + 20}`)
    let [acknowledged, refused] = [1, 0]
    for (let n = 1; n <= 10; n += 1) {
      const { body } = await post(node, n, 30_000)
      if (body.includes('"added":1')) acknowledged += 1
      else {
        refused += 1
        assert.match(body, /full/)
        assert.match(body, /[Ff]ree some space/)
      }
    }
    assert.ok(refused > 0 && acknowledged < 11)
    await saysFull(node, secret)
    assert.equal(await heldBy(node), acknowledged)
    assert.equal((await node.app.inject({ url: '/healthz' })).statusCode, 200)
    await new Check(world).everything()
    await node.store.write(tamper, 'PRAGMA max_page_count = 1000000')
    assert.match((await post(node, 99, 30_000)).body, /"added":1/)
    assert.equal(await heldBy(node), acknowledged + 1)
    await new Check(world).everything()
  })
})

/** Over TAXII too: refused as a whole, with the status for it, and not called our own mistake. */
async function saysFull(node: WorldMember, secret: string): Promise<void> {
  const before = await heldBy(node)
  const sent = await node.app.inject({
    method: 'POST',
    url: '/taxii2/api/collections/open/objects/',
    headers: { authorization: `Bearer ${secret}`, 'content-type': TAXII_MEDIA_TYPE },
    payload: JSON.stringify({ objects: [identity(50, 200_000)] }),
  })
  assert.equal(sent.statusCode, 507)
  assert.equal((JSON.parse(sent.body) as { error_code: string }).error_code, 'storage.full')
  assert.equal(await heldBy(node), before)
}

test('where the head cannot be written nothing is acknowledged, and it is made up for', async () => {
  await inFolder(async (world, node, folder) => {
    assert.match((await post(node, 0, 10)).body, /"added":1/)
    mkdirSync(join(folder, 'head.new'))
    const { body } = await post(node, 1, 10)
    assert.doesNotMatch(body, /"added":1/)
    assert.match(body, /head|disk|written/)
    assert.equal((await node.app.inject({ url: '/healthz' })).statusCode, 200)
    rmdirSync(join(folder, 'head.new'))
    assert.match((await post(node, 2, 10)).body, /"added":1/)
    await new Check(world).everything()
  })
})

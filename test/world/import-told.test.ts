// Who reads the answer of an import only once everything is sent, as a browser does, is told a bounded part of it, and
// the import never waits for being read.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { ImportEvent } from '#sharing/wire.ts'
import { World } from './world.ts'

const BAD = 20_000

/** Sends everything, and only then reads. */
function sendThenRead(url: string, token: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    })
    sending.on('error', reject)
    sending.on('response', (response) => {
      response.pause()
      sent.then(async () => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        resolve(Buffer.concat(chunks).toString('utf8'))
      }, reject)
    })
    const sent = new Promise<void>((done) => sending.end(body, done))
  })
}

test('very many refusals, read after all is sent: the first are told, all are counted', async () => {
  await using world = new World('import-told')
  const member = await world.add('a.example')
  await world.api(member, 'POST', '/collections', { title: 'own', alias: 'own' })
  await member.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = member.app.server.address() as AddressInfo
  const body = Array.from(
    { length: BAD },
    (_, n) => `{"type":"indicator","id":"nothing ${n} ${'x'.repeat(200)}"}\n`,
  ).join('')
  const digest = createHash('sha256').update(body).digest('hex')
  const answer = await sendThenRead(
    `http://127.0.0.1:${port}/api/import?collection=own&digest=${digest}&refusals=10`,
    member.token,
    body,
  )
  const events = answer
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ImportEvent)
  assert.equal(events.filter(({ kind }) => kind === 'refused').length, 10)
  const end = events.at(-1)
  assert.ok(end?.kind === 'done')
  assert.deepEqual([end.read, end.refused], [BAD, BAD])
})

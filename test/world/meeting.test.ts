// What an invitation is worth to whoever holds it: one meeting, and no word about anybody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBase64 } from '#kernel/base64.ts'
import { logKeys } from '#kernel/key-file.ts'
import { documentHash, encodeDocument, parseNodeDocument } from '#federation/document.ts'
import { pairingMac, parseInvitation } from '#federation/invitation.ts'
import { loadOwnDocument } from '#federation/own-document.ts'
import { stage } from './stage.ts'
import type { World, WorldMember } from './world.ts'

const invite = async (world: World, at: WorldMember): Promise<string> =>
  (await world.api<{ invitation: string }>(at, 'POST', '/peers/invitations')).invitation

type Meeting = { readonly by: WorldMember; readonly at: WorldMember; readonly invitation: string }
type Answer = { readonly status: number; readonly body: string }

const documentOf = async (member: WorldMember): Promise<Uint8Array> =>
  (await loadOwnDocument(member.store)) as Uint8Array

/** Presents any bytes as the document of whoever accepts, under the invitation's secret. */
async function present(world: World, { at, invitation: line }: Meeting, bytes: Uint8Array): Promise<Answer> {
  const { id, secret } = parseInvitation(line, world.clock.nowMs())
  const mac = pairingMac(secret, 'accept', documentHash(await documentOf(at)), documentHash(bytes))
  return pair(at, { invitation: id, document: formatBase64(bytes), mac })
}

async function pair(at: WorldMember, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const answer = await at.app.inject({ method: 'POST', url: '/peer/pair', headers, payload: JSON.stringify(body) })
  // Each answer names its own request, and nothing else in it may differ.
  return { status: answer.statusCode, body: answer.body.replace(/"requestId":"[^"]*"/, '') }
}

/** Says to be `member`, with a log of its own under that name. */
async function claim(world: World, meeting: Meeting, member: string, origin = `${member}/log/9`): Promise<Answer> {
  const parsed = parseNodeDocument(await documentOf(meeting.by))
  assert.ok(parsed.ok)
  const log = { ...parsed.document.log, origin, vkeys: [...logKeys(origin, meeting.by.seeds.log).vkeys] }
  return present(world, meeting, encodeDocument({ ...parsed.document, member, log }))
}

const unmet = async (at: WorldMember): Promise<{ subject: string; reason: string }[]> => {
  const rows = await at.store.all<{ subject: string; detail: string }>(
    `SELECT subject, detail FROM audit WHERE action = 'peer.unmet' ORDER BY id`,
  )
  return rows.map(({ subject, detail }) => ({ subject, reason: (JSON.parse(detail) as { reason: string }).reason }))
}

test('whoever holds an invitation learns no name of a peer by it, and replaces nobody who waits', async () => {
  const { world, a } = await stage('meeting names')
  await using _ = world
  const [by, waiting] = [await world.add('guest.example'), await world.add('waiting.example')]
  await world.api(waiting, 'POST', '/peers/accept', { invitation: await invite(world, a) })
  const kept = async () => a.store.get("SELECT document, words, state FROM peer WHERE name = 'waiting.example'")
  const before = await kept()
  const used = { by, at: a, invitation: await invite(world, a) }
  const answers = [await claim(world, used, 'b.example'), await claim(world, used, 'new.example')]
  for (const name of ['waiting.example', 'a.example'])
    answers.push(await claim(world, { ...used, invitation: await invite(world, a) }, name))
  answers.push(await present(world, { ...used, invitation: await invite(world, a) }, Buffer.from('{}')))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([403]))
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1, 'one refusal for all')
  assert.deepEqual(await kept(), before)
  assert.deepEqual(
    (await unmet(a)).map(({ subject, reason }) => `${subject}: ${reason.slice(0, 50)}`),
    [
      'b.example: b.example is a peer already',
      'waiting.example: waiting.example waits for approval already, and th',
      'a.example: the node says it is a.example, which is this membe',
      'a stranger: the node document does not fit at /: must have req',
    ],
    'our own people are told why',
  )
})

test('what is out of form or not under the secret uses no invitation up', async () => {
  const { world, a } = await stage('meeting form')
  await using _ = world
  const guest = await world.add('guest.example')
  const invitation = await invite(world, a)
  const { id } = parseInvitation(invitation, world.clock.nowMs())
  const document = formatBase64(await documentOf(guest))
  assert.equal((await pair(a, { invitation: id, document })).status, 400)
  assert.equal((await pair(a, { invitation: id, document, mac: '0'.repeat(64) })).status, 403)
  await world.api(guest, 'POST', '/peers/accept', { invitation })
  assert.deepEqual(await unmet(a), [])
})

test('who lost the answer comes again with another invitation, and another log takes its place by our own people alone', async () => {
  const { world, a } = await stage('meeting again')
  await using _ = world
  const [guest, by] = [await world.add('guest.example'), await world.add('other.example')]
  world.network.meddle = (path, response) =>
    path === '/peer/pair' ? { ...response, status: 502, body: Buffer.from('{}') } : response
  await assert.rejects(world.api(guest, 'POST', '/peers/accept', { invitation: await invite(world, a) }), /refused/)
  world.network.meddle = (_path, response) => response
  await world.api(guest, 'POST', '/peers/accept', { invitation: await invite(world, a) })
  const met = { by, at: a, invitation: await invite(world, a) }
  assert.equal((await claim(world, met, 'guest.example')).status, 403)
  await world.api(a, 'DELETE', '/peers/guest.example')
  assert.equal((await claim(world, { ...met, invitation: await invite(world, a) }, 'guest.example')).status, 200)
})

test('who came first under another’s name takes it from nobody: removed, it leaves no keys behind', async () => {
  const { world, a } = await stage('meeting squatter')
  await using _ = world
  const [guest, thief] = [await world.add('guest.example'), await world.add('thief.example')]
  const met = { by: thief, at: a, invitation: await invite(world, a) }
  assert.equal((await claim(world, met, 'guest.example', 'guest.example/log')).status, 200)
  const invitation = await invite(world, a)
  await assert.rejects(world.api(guest, 'POST', '/peers/accept', { invitation }), /used already/)
  await world.api(a, 'DELETE', '/peers/guest.example')
  await world.introduce(a, guest)
  await world.quiesce()
  const { items } = await world.api<{ items: { member: string; state: string; lastError?: string }[] }>(
    a,
    'GET',
    '/peers',
  )
  const peer = items.find(({ member }) => member === 'guest.example')
  assert.deepEqual([peer?.state, peer?.lastError], ['approved', undefined])
})

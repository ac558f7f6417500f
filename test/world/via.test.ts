// Who else has what was passed on cannot be seen: neither by whoever received it by way of another, nor by whoever passed it
// on, nor by its author. Pages are as long, name nobody else, and witnesses answer at the same time, whoever is given it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HASH_BYTES } from '#kernel/hash.ts'
import { parseNote } from '#kernel/note.ts'
import { energy, ENERGY, publishAll, pull } from './stage.ts'
import { World, type WorldMember } from './world.ts'

/** Peers of the author, and of whoever passes on, who may be given it too. */
const [BESIDE, BEHIND] = [
  ['paris.example', 'tokyo.example'],
  ['lagos.example', 'quito.example'],
] as const

/** What one member was shown. */
type Seen = {
  readonly pages: number[]
  /** Whose lines stood under a head, and when each was made, in seconds since the story began. */
  readonly lines: string[]
  readonly bytes: Buffer[]
}

type Told = { readonly seen: ReadonlyMap<string, Seen>; readonly answers: ReadonlyMap<string, string> }

const DELIVERIES = 'application/vnd.comity.deliveries'

/** `b.example` passes on to `c.example` what `a.example` said; some others are given it as well, or are only there. */
async function live(given: readonly string[]): Promise<Told> {
  const world = new World('via')
  await using _ = world
  const add = (name: string): Promise<WorldMember> => world.add(name)
  const [a, b, c] = [await add('a.example'), await add('b.example'), await add('c.example')]
  const into = (name: string): string[] => (given.includes(name) ? [ENERGY] : [])
  for (const name of BESIDE) await world.introduce(a, await add(name), into(name))
  await world.introduce(a, b, [ENERGY])
  await world.introduce(a, c)
  for (const name of BEHIND) await world.introduce(b, await add(name), into(name))
  await world.introduce(b, c, [ENERGY])
  await energy(world, a)
  await publishAll(world, a, ['before'], 'energy')
  await world.quiesce()
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  const seen = listen(world, [a, b, c])
  /** Everybody answers, and then looks who has. */
  const settle = async (): Promise<void> => {
    await world.pass(8000)
    for (const member of [a, b, c]) for (const { name } of [a, b, c]) if (name !== member.name) await pull(member, name)
  }
  const ids = await publishAll(world, a, ['turbine', 'rotor'], 'energy')
  await settle()
  await world.api(a, 'POST', '/withdrawals', { id: ids[0], reason: 'false-positive' })
  await settle()
  const answers = await ask(world, c, ids)
  await world.api(a, 'POST', '/erasures', { id: ids[1], reason: 'legal' })
  await settle()
  assert.ok(
    seen.get('c.example')?.bytes.some((bytes) => bytes.includes('turbine')),
    'it came by way of another',
  )
  return { seen, answers }
}

function listen(world: World, members: readonly WorldMember[]): ReadonlyMap<string, Seen> {
  const seen = new Map(members.map(({ name }) => [name, { pages: [], lines: [], bytes: [] } as Seen]))
  const beganSec = Math.floor(world.clock.nowMs() / 1000)
  world.network.arrived = (to, { headers, body }) => {
    const at = seen.get(to)
    if (at === undefined || body.length === 0) return
    if (headers['content-type'] === DELIVERIES) {
      at.pages.push(lengthOf(body))
      at.bytes.push(Buffer.from(body))
    }
    if (headers['content-type']?.startsWith('text/plain') === true) at.lines.push(...linesUnder(body, beganSec))
  }
  return seen
}

/** Without the path to a head: how wide the tree of heads is follows from chance and from the number of peers. */
function lengthOf(page: Uint8Array): number {
  const bytes = Buffer.from(page)
  let length = bytes.length
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
    if (bytes[at + 4] === HEAD_FRAME) length -= HASH_BYTES * (bytes[at + 5 + PATH_AT] ?? 0)
  return length
}

const HEAD_FRAME = 3
/** Behind place, salt, number and hash. */
const PATH_AT = 4 + HASH_BYTES + 8 + HASH_BYTES

/** A line is a key id, a time, and a signature. */
function linesUnder(body: Uint8Array, beganSec: number): string[] {
  const { text, signatures } = parseNote(body)
  const origin = text.split('\n', 1)[0] ?? ''
  return signatures
    .filter(({ name }) => name.endsWith('/witness'))
    .map(({ name, signature }) => {
      const madeSec = Number(Buffer.from(signature).readBigUInt64BE(0))
      return `${origin}: ${name} after ${madeSec - beganSec} s`
    })
}

/** What its own node tells `member` of who has records. */
async function ask(world: World, member: WorldMember, ids: readonly string[]): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  for (const path of [
    ...ids.flatMap((id) => [`/records/${id}`, `/records/${id}/proof`]),
    '/peers/a.example/taken',
    '/peers/b.example/taken',
    '/peers/b.example/proof',
    '/audit?limit=200',
  ])
    answers.set(path, JSON.stringify(await world.api(member, 'GET', path)))
  return answers
}

/** Each story is told once. */
const told = new Map<string, Promise<Told>>()
function tell(given: readonly string[]): Promise<Told> {
  const story = told.get(given.join()) ?? live(given)
  told.set(given.join(), story)
  return story
}

/** For each member on the way: whom it gives nothing to itself, and the story in which those are given nothing. */
const ALL = [...BESIDE, ...BEHIND]
const UNSEEN = [
  ['a.example', BEHIND, BESIDE],
  ['b.example', BESIDE, BEHIND],
  ['c.example', ALL, []],
] as const

test('whoever is on the way of a record, or at its end, is shown the same whoever else is given it', async () => {
  const many = await tell(ALL)
  for (const [name, unseen, given] of UNSEEN) {
    const [among, alone] = [many.seen.get(name), (await tell(given)).seen.get(name)]
    assert.deepEqual(among?.pages.toSorted(), alone?.pages.toSorted(), `pages that ${name} was given`)
    const texts = among?.bytes.map((page) => withoutLines(page.toString('latin1'))) ?? []
    for (const other of unseen)
      assert.ok(!texts.some((text) => text.includes(other)), `${name} is shown the name of ${other}`)
  }
})

test('witnesses answer at the same time, whether anything was for them or not', async () => {
  const [few, many] = [await tell([]), await tell(ALL)]
  for (const [name, { lines }] of many.seen) {
    assert.ok(lines.length > 0)
    assert.deepEqual([...new Set(lines)].toSorted(), [...new Set(few.seen.get(name)?.lines)].toSorted(), name)
  }
})

test('what its own node tells a recipient names nobody but whoever it came from', async () => {
  const { answers } = await tell(ALL)
  for (const [path, answer] of answers)
    for (const other of ALL) assert.ok(!withoutLines(answer).includes(other), `${path} names ${other}`)
})

/** Witnesses of a log are its member's peers, whatever they are given. */
function withoutLines(text: string): string {
  return text.replaceAll(/— [a-z.]+\/witness [A-Za-z0-9+/=]+/g, '')
}

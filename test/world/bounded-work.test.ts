// What others may ask for as often as they like costs no more where there are many peers, or where much was given.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { logKeys, newSignatureSeeds, witnessKeys } from '#kernel/key-file.ts'
import { formatCheckpoint, parseCheckpoint, signCheckpoint } from '#kernel/log/checkpoint.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { formatNote, parseNote } from '#kernel/note.ts'
import { formatAddCheckpoint } from '#kernel/witness.ts'
import { OFFER_ENDED_SQL } from '#federation/gap.ts'
import { judgeHeard } from '#federation/witness/gossip.ts'
import { keysOfWitness } from '#federation/witness/store.ts'
import { keyNameOf, takeCosignatures } from '#federation/witness/trust.ts'
import { seededRandom } from '#test/store.ts'
import { stage } from './stage.ts'
import { tamper, type WorldMember } from './world.ts'

const ORIGIN = 'a.example/log'

/** Twenty more peers, whose documents are those of the first. */
async function crowd({ store }: WorldMember): Promise<void> {
  await store.write(
    tamper,
    `INSERT INTO member (name, approved, communities)
     SELECT 'm' || value || '.example', 1, '[]' FROM json_each('${JSON.stringify(Array.from({ length: 20 }, (_each, n) => n))}')`,
  )
  await store.write(
    tamper,
    `INSERT INTO peer (id, name, state, document, words, log, stream_hash, out_hash)
     SELECT m.id, m.name, 'approved', p.document, p.words, p.log, p.stream_hash, p.out_hash FROM member m, peer p
     WHERE m.name LIKE 'm%.example' AND p.name = 'a.example'`,
  )
}

/** How many rows are read in the course of something. */
async function rowsRead(t: TestContext, { store }: WorldMember, work: () => Promise<unknown>): Promise<number> {
  let rows = 0
  const [all, get] = [store.all.bind(store), store.get.bind(store)]
  const counting = [
    t.mock.method(store, 'all', async (sql: string, ...values: never[]) => {
      const found = await all(sql, ...values)
      rows += found.length
      return found
    }),
    t.mock.method(store, 'get', async (sql: string, ...values: never[]) => {
      rows += 1
      return get(sql, ...values)
    }),
  ]
  await work()
  for (const each of counting) each.mock.restore()
  return rows
}

test('heads of logs that nobody here knows cost the same, however many peers there are', async (t) => {
  const { world, a, b } = await stage('many heads')
  await using _ = world
  await world.quiesce()
  const { signers } = logKeys('z.example/log', a.seeds.log)
  const heads = Array.from({ length: 5 }, (_each, size) =>
    signCheckpoint({ origin: 'z.example/log', size, root: new Uint8Array(32) }, signers),
  )
  const hear = async (): Promise<void> => {
    for (const head of heads) await judgeHeard(b.store, 'b.example/log', Buffer.from(head).toString())
  }
  const submit = async (): Promise<void> => {
    const payload = Buffer.from(formatAddCheckpoint({ old: 0, proof: [], checkpoint: heads[1] as Uint8Array }))
    const { statusCode } = await b.app.inject({ method: 'POST', url: '/witness/add-checkpoint', payload })
    assert.equal(statusCode, 404)
  }
  const before = [await rowsRead(t, b, hear), await rowsRead(t, b, submit)]
  await crowd(b)
  assert.deepEqual([await rowsRead(t, b, hear), await rowsRead(t, b, submit)], before)
})

test('what a peer may ask for once more is found without looking at all that it was given', async () => {
  const { world, a } = await stage('much given')
  await using _ = world
  const plan = await a.store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${OFFER_ENDED_SQL}`, 2)
  assert.deepEqual(
    plan.map(({ detail }) => detail.replace(/ \(.*/, '')),
    ['SEARCH delivery_index USING INDEX delivery_index_ended'],
  )
})

test('lines by witness keys that are no more do not pile up, and those that count stay', async () => {
  const { world, a } = await stage('witness keys')
  await using _ = world
  await world.quiesce()
  world.network.cut.add('a.example b.example')
  const { checkpoint } = (await a.store.get<{ checkpoint: Uint8Array }>(
    'SELECT checkpoint FROM log WHERE id = ?',
    OWN_LOG,
  )) as { checkpoint: Uint8Array }
  const text = formatCheckpoint(parseCheckpoint(parseNote(checkpoint).text))
  const keysOf = (word: string): ReturnType<typeof witnessKeys> =>
    witnessKeys('b.example/witness', newSignatureSeeds(seededRandom(word)))
  const take = (word: string, witness: string): Promise<number> => {
    const keys = keysOf(word)
    const note = formatNote(
      text,
      keys.map((each) => each.cosign(text, 1)),
    )
    return takeCosignatures(a.store, { origin: ORIGIN, note, vkeys: keys.map(({ vkey }) => vkey), witness })
  }
  const namesOf = (...words: string[]): string[] =>
    words.flatMap((word) => keysOf(word).map(({ vkey }) => keyNameOf(vkey))).toSorted()
  const ofToday = await keysOfWitness(a.store, 'b.example')
  for (const word of ['first', 'second', 'third']) await take(word, 'b.example')
  assert.deepEqual((await keysOfWitness(a.store, 'b.example')).toSorted(), [...ofToday, ...namesOf('third')].toSorted())
  const [counted] = keysOf('third')
  await world.api(a, 'PUT', '/trust', { text: `witness w ${counted?.vkey ?? ''}\nquorum w` })
  await take('fourth', 'b.example')
  assert.deepEqual(
    (await keysOfWitness(a.store, 'b.example')).toSorted(),
    [keyNameOf(counted?.vkey ?? ''), ...namesOf('fourth')].toSorted(),
    'what the policy names',
  )
  await take('another', 'c.example')
  assert.equal((await keysOfWitness(a.store, 'b.example')).length, 3, 'what another gave')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore, testClock } from '#test/store.ts'
import { enqueueJob, Later, makeJobRunner, type JobHandler } from './job.ts'

async function stage(handlers: Readonly<Record<string, JobHandler>>, lanes?: number) {
  const clock = testClock()
  const store = openTestStore({ clock })
  const errors: unknown[] = []
  const onError = (_job: unknown, error: unknown): void => void errors.push(error)
  const common = { store, clock, jitter: () => 0.5, onError }
  const runner = makeJobRunner({ ...common, handlers, ...(lanes === undefined ? {} : { lanes }) })
  return {
    clock,
    store,
    runner,
    errors,
    add: (kind: string, key = '') => store.write(enqueueJob, { kind, key }),
    jobs: () =>
      store.all<{ kind: string; payload: string; due: number }>(
        'SELECT kind, payload, due_ms AS due FROM job ORDER BY id',
      ),
    [Symbol.asyncDispose]: async () => {
      await runner[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

test('work runs one after the other, in order, unless there are lanes', async () => {
  for (const lanes of [undefined, 2]) {
    let [running, most] = [0, 0]
    const seen: string[] = []
    const work: JobHandler = async (_payload, key) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((wake) => setImmediate(wake))
      seen.push(key)
      running -= 1
    }
    await using it = await stage({ work }, lanes)
    for (const key of ['a', 'b', 'c', 'd']) await it.add('work', key)
    assert.equal(await it.runner.tick(), 4)
    assert.deepEqual([most, seen.toSorted()], [lanes ?? 1, ['a', 'b', 'c', 'd']])
    if (lanes === undefined) assert.deepEqual(seen, ['a', 'b', 'c', 'd'])
    assert.deepEqual(await it.jobs(), [])
  }
})

test('what waits for another holds nobody up in the other lane, and is not begun twice', async () => {
  const gate = Promise.withResolvers<void>()
  const seen: string[] = []
  const work: JobHandler = async (_payload, key) => {
    seen.push(`${key} begins`)
    if (key === 'slow') await gate.promise
    seen.push(`${key} ends`)
  }
  await using it = await stage({ work }, 2)
  await it.add('work', 'slow')
  it.clock.advance(1)
  for (const key of ['a', 'b']) {
    await it.add('work', key)
    while (!seen.includes(`${key} ends`)) {
      it.clock.advance(1)
      await new Promise((wake) => setImmediate(wake))
    }
  }
  gate.resolve()
  await it.runner.tick()
  assert.deepEqual(seen, ['slow begins', 'a begins', 'a ends', 'b begins', 'b ends', 'slow ends'])
})

test('a handler goes on at once with what is left, or later; kinds of others are left alone', async () => {
  const seen: unknown[] = []
  const work: JobHandler = async (payload) => {
    seen.push(payload)
    return payload === null ? 'half' : new Later('rest', 5000)
  }
  await using it = await stage({ work })
  await it.add('work')
  await it.add('unknown')
  assert.deepEqual([await it.runner.tick(), await it.runner.tick(), await it.runner.tick()], [1, 1, 0])
  assert.deepEqual(seen, [null, 'half'])
  const [waits, unknown] = await it.jobs()
  assert.deepEqual([waits?.payload, waits?.due], ['"rest"', it.clock.nowMs() + 5000])
  assert.equal(unknown?.kind, 'unknown')
})

test('what is asked for anew while work goes on is not forgotten for what was left of it', async () => {
  const seen: unknown[] = []
  const gate = Promise.withResolvers<void>()
  const work: JobHandler = async (payload) => {
    seen.push(payload)
    if (payload === 1) await gate.promise
    return payload === 1 ? 2 : undefined
  }
  await using it = await stage({ work })
  await it.store.write(enqueueJob, { kind: 'work', key: '', payload: 1 })
  const ran = it.runner.tick()
  while (seen.length === 0) await new Promise((wake) => setImmediate(wake))
  await it.store.write(enqueueJob, { kind: 'work', key: '', payload: 0 })
  gate.resolve()
  await ran
  await it.runner.tick()
  assert.deepEqual(seen, [1, 0])
})

test('a node that stops tells its work, and what was not done is there the next time', async () => {
  const begun = Promise.withResolvers<void>()
  const it = await stage({
    work: (_payload, _key, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')))
        begun.resolve()
      }),
  })
  await it.add('work')
  void it.runner.tick()
  await begun.promise
  await it.runner[Symbol.asyncDispose]()
  assert.deepEqual([(await it.jobs()).length, it.errors], [1, []])
  await it.store[Symbol.asyncDispose]()
})

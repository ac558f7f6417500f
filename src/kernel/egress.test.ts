import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeEgress } from './egress.ts'
import { Fault } from './fault.ts'
import { undecided } from './policy/judge.ts'
import { NO_OWN_RULES } from './policy/rules.ts'
import type { Reader, Writer } from './store/types.ts'

test('what cannot be decided now is a failure to whoever reads, never an answer that looks whole', async () => {
  const marking = JSON.stringify({ tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' })
  const store = {
    all: async () => [{ id: 1 }],
    get: async (sql: string) => (sql.includes('label_class') ? { marking } : undefined),
    write: async () => ({ rules: NO_OWN_RULES.id, decisions: [undecided('the policy thread is gone')] }),
  } as unknown as Reader & Writer
  const egress = makeEgress(store)
  const busy = (error: unknown): boolean => error instanceof Fault && error.code === 'busy'
  const person = { kind: 'self', via: 'person', red: false } as const
  await assert.rejects(egress.reach(person, 1), busy)
  await assert.rejects(egress.reach({ kind: 'public' }, 1), busy)
  await assert.rejects(egress.explain(person, 1, { seq: 1, labelClass: 1 }), busy)
})

// What a start may wait for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runAtMost } from '../scripts/tools.ts'

const run = (script: string, ms: number): Promise<number | undefined> => runAtMost(process.execPath, ['-e', script], ms)

test('a program is waited for, and one that does not end is not', async () => {
  assert.equal(await run('process.exit(3)', 600_000), 3)
  assert.equal(await run('setTimeout(() => {}, 5_000)', 50), undefined)
})

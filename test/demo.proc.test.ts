// The demo is the main job: it asserts every step it shows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '#cli/demo/member.ts'

test('the demo shows every step and ends well', async () => {
  const { code, stdout, stderr } = await runCommand(['demo', '--once'])
  assert.equal(code, 0, stderr)
  for (const step of [
    'meet by invitation',
    'Who received what',
    'back to the author',
    'A warning',
    'forged',
    'rewritten',
    'withdrawn',
    'All logs verify',
  ])
    assert.match(stdout, new RegExp(step))
})

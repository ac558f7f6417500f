import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberOf } from './id.ts'

test('the logs of a member are told by their name', () => {
  assert.deepEqual(['cert.example/log', 'cert.example/log/2', 'log.example/log/17'].map(memberOf), [
    'cert.example',
    'cert.example',
    'log.example',
  ])
})

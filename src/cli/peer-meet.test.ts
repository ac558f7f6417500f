import assert from 'node:assert/strict'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { demandNewFile, invitationIn } from './peer-meet.ts'

test('an invitation is a line, or a file that is there; what is neither is said to be so', () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-meet-`)
  const cwd = folder.path
  const read = (subject: string): string => invitationIn({ cwd }, subject)
  assert.equal(read('comity-invite:a/b.c'), 'comity-invite:a/b.c')
  assert.equal(read('{"invitation":"a/b.json"}'), '{"invitation":"a/b.json"}')
  writeFileSync(join(cwd, 'carried'), 'an invitation')
  assert.equal(read('carried'), 'an invitation')
  mkdirSync(join(cwd, 'folder'))
  assert.throws(() => read('folder'), { code: 'input.invalid', message: /is a folder/ })
  assert.throws(() => read('typo.json'), { code: 'not-found', message: /is not there/ })
  assert.throws(() => read('stick/typo'), { code: 'not-found' })
  writeFileSync(join(cwd, 'empty'), '\n')
  for (const subject of ['', ' ', 'empty']) assert.throws(() => read(subject), { message: /is empty/ }, subject)
})

test('where an answer is to be written is looked at before anything is asked', () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-meet-`)
  const cwd = folder.path
  writeFileSync(join(cwd, 'there'), '')
  const demand = (out?: string): void => demandNewFile({ cwd, values: { out } })
  demand()
  demand('new.json')
  assert.throws(() => demand('there'), { code: 'conflict' })
  assert.throws(() => demand('nowhere/new.json'), { code: 'not-found' })
})

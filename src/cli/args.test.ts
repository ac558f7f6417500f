import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault, SHAPES_REMEDY } from '#kernel/fault.ts'
import { forCommand, parseCommandArgs } from './args.ts'
import { command } from './policy.ts'

test('what is wrong in arguments is one sentence, however the parser puts it', () => {
  assert.throws(
    () => parseCommandArgs(command, ['show', '--version', '-1']),
    (error: Fault) => error.code === 'input.invalid' && /--version/.test(error.message) && !/\n/.test(error.message),
  )
})

test('whoever typed a command is shown its help, not the shapes of the interface behind it', () => {
  const fault = new Fault('input.invalid', 'it does not fit', { place: '/leaf', remedy: SHAPES_REMEDY })
  const { message, place, remedy } = forCommand(fault, 'log')
  assert.deepEqual([message, place, remedy], ['it does not fit', '/leaf', 'See “comity log --help”.'])
  const other = new Fault('busy', 'later')
  assert.equal(forCommand(other, 'log'), other)
})

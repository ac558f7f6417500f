import assert from 'node:assert/strict'
import { mkdtempDisposableSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureFolder } from './ensure-folder.ts'

test('a folder is made with those above it, and left as it is where it is there', () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-folder-'))
  const deep = join(root.path, 'a', 'b', 'c')
  ensureFolder(deep, 0o700)
  writeFileSync(join(deep, 'kept'), 'x')
  ensureFolder(deep, 0o755)
  assert.ok(statSync(join(deep, 'kept')).isFile())
  if (process.platform !== 'win32') assert.equal(statSync(deep).mode & 0o777, 0o700)
})

test('a file in the way is named, and so is where nothing can be made', () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'comity-folder-'))
  const file = join(root.path, 'file')
  writeFileSync(file, 'x')
  for (const path of [file, join(file, 'below')])
    assert.throws(() => ensureFolder(path), { code: 'input.invalid', place: file, message: /EEXIST/ })
  if (process.platform === 'linux')
    assert.throws(() => ensureFolder('/proc/nothing/below'), { code: 'input.invalid', place: '/proc/nothing' })
})

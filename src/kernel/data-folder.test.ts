import assert from 'node:assert/strict'
import { chmodSync, mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isOpenToAll } from './data-folder.ts'
import { CHECKS_MODES } from './key-folder.ts'

test('a data folder that everybody may look into is open; one of a group, as a mounted volume is, is not', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-open-'))
  const open = [0o700, 0o750, 0o2770, 0o755, 0o777].filter((mode) => {
    chmodSync(folder.path, mode)
    return isOpenToAll(folder.path)
  })
  assert.deepEqual(open, CHECKS_MODES ? [0o755, 0o777] : [])
  assert.equal(isOpenToAll(join(folder.path, 'nowhere')), false)
})

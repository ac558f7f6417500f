// What people are told about the files they name.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempDisposableSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '#kernel/fault.ts'
import { fileFault, readNamed, readNamedText } from './file.ts'

test('a file is read whole up to its bound, and one beyond it not at all', () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-file-`)
  const cwd = folder.path
  const what = 'the file with the policy'
  writeFileSync(join(cwd, 'a'), 'x'.repeat(200_000))
  assert.equal(readNamed({ cwd, name: 'a', what, bytesMax: 200_000 }).length, 200_000)
  assert.throws(() => readNamed({ cwd, name: 'a', what, bytesMax: 199_999 }), {
    code: 'input.too-large',
    place: 'a',
    message: 'the file with the policy has more than 199999 bytes',
  })
  assert.throws(() => readNamed({ cwd, name: '/dev/zero', what, bytesMax: 1000 }), { code: 'input.too-large' })
})

test('what is not there, is a folder, or is no text is named with its place', () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-file-`)
  const cwd = folder.path
  const what = 'the file with the head'
  mkdirSync(join(cwd, 'folder'))
  writeFileSync(join(cwd, 'bytes'), Uint8Array.of(0xff, 0xfe))
  const read = (name: string) => () => readNamedText({ cwd, name, what, bytesMax: 100 })
  assert.throws(read('none'), { code: 'not-found', place: join(cwd, 'none'), message: `${what} is not there` })
  assert.throws(read('folder'), { code: 'input.invalid', message: `${what} is a folder` })
  assert.throws(read('bytes/x'), { code: 'input.invalid', message: `${what} lies in what is no folder` })
  assert.throws(read('bytes'), { code: 'input.invalid', message: `${what} is not UTF-8` })
})

test('what the machine refuses about a file becomes a fault, and a defect does not', () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-file-`)
  const path = join(folder.path, 'no', 'such')
  const refused = (run: () => void): Fault | undefined => {
    try {
      run()
    } catch (error) {
      return fileFault(error)
    }
    return undefined
  }
  assert.equal(refused(() => writeFileSync(path, ''))?.place, path)
  assert.equal(refused(() => rmdirSync(path))?.code, 'not-found')
  assert.equal(fileFault(new TypeError('a defect')), undefined)
  assert.equal(fileFault(undefined), undefined)
  assert.equal(
    fileFault(Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'connect', path: '/x.sock' })),
    undefined,
  )
})

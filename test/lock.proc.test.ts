// Two processes never work on one data folder, however the first one ended and whatever it left behind.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempDisposableSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Member, runCommand } from '#cli/demo/member.ts'
import { lockFolder } from '#kernel/folder-lock.ts'

const FOLDER_LOCK = fileURLToPath(new URL('../src/kernel/folder-lock.ts', import.meta.url))

test('a second process is refused, a copied folder is free, and so is one whose process was killed', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-lock-'))
  const data = join(temporary.path, 'data')
  assert.equal((await runCommand(['init', '--member', 'a.example', '--data-dir', data])).code, 0)
  {
    await using _ = await Member.start('a.example', data)
    // Without this file a command cannot know that a node runs, and would start one of its own.
    rmSync(join(data, 'run.json'))
    const second = await runCommand(['collection', 'list', '--data-dir', data])
    assert.equal(second.code, 1)
    assert.match(second.stderr + second.stdout, /another process works on this data folder/)
    const copy = join(temporary.path, 'copy')
    cpSync(data, copy, { recursive: true })
    using free = lockFolder(copy)
    assert.ok(free)
  }
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { lockFolder } = await import(process.argv[1]); globalThis.held = lockFolder(process.argv[2]); console.log('held'); setInterval(() => {}, 1000)`,
      FOLDER_LOCK,
      data,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(holder.stdout, 'data')
  assert.throws(() => lockFolder(data), { code: 'conflict' })
  const gone = once(holder, 'exit')
  holder.kill('SIGKILL')
  await gone
  lockFolder(data)[Symbol.dispose]()
})

import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom, testClock, testPolicy } from '#test/store.ts'
import { newSeeds } from '#kernel/key-file.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { writerProgram } from '#src/writer.ts'
import type { Output } from '../output.ts'
import { noteDeed } from './deed.ts'

test('what is done with the folder stands in the audit log, while its node runs too, and never makes a database', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-deed-'))
  const said: string[] = []
  const out = { line: (text = '') => void said.push(text) } as unknown as Output
  const context = { dataDir: folder.path, clock: testClock(), out }
  const deed = { action: 'keys.export', subject: 'keys.age', detail: { files: 7 } }
  noteDeed(context, deed)
  assert.match(said.join(), /no database/)
  await using store = openInlineStore({
    place: { kind: 'folder', path: folder.path },
    identity: { member: 'a.example', origin: 'a.example/log', seeds: newSeeds(seededRandom('deed')).log },
    program: writerProgram,
    clock: testClock(),
    random: seededRandom('deed'),
    policy: testPolicy,
  })
  assert.deepEqual(await store.all('SELECT 1 FROM audit'), [], 'the first found nothing and made nothing')
  noteDeed(context, deed)
  const [row] = await store.all<Record<string, unknown>>('SELECT actor, action, subject, detail FROM audit')
  assert.deepEqual({ ...row }, { actor: 'admin', action: 'keys.export', subject: 'keys.age', detail: '{"files":7}' })
})

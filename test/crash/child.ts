// A process that writes until it kills itself at a given moment of the writer's work. Prints each acknowledged
// statement, so that the parent knows what must have survived.
import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { noPassphrase, openDataFolder } from '#kernel/data-folder.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { addCollection } from '#sharing/collection.ts'
import { putRecords } from '#sharing/put-command.ts'
import { writerProgram } from '#src/writer.ts'

const [folder = '', phase = '', countText = '1'] = process.argv.slice(2)
let left = Number(countText)

subscribe('comity:writer', (message) => {
  if ((message as { phase: string }).phase !== phase) return
  left -= 1
  if (left <= 0) process.kill(process.pid, 'SIGKILL')
})

const { identity, seeds } = await openDataFolder(folder, noPassphrase)
const store = openInlineStore({
  place: { kind: 'folder', path: folder },
  identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
  program: writerProgram,
  clock: systemClock,
  random: systemRandom,
})
const known = await store.get<{ id: number }>('SELECT id FROM collection LIMIT 1')
if (known === undefined) await store.write(addCollection, { actor: 'crash', change: { title: 'Crash' } })
const { id: collection } = (await store.get<{ id: number }>('SELECT id FROM collection LIMIT 1')) as { id: number }
const run = readFileSync(join(folder, 'run'), 'utf8')

for (let n = 0; n < 100; n += 1) {
  const name = `${run}-${n}`
  const bytes = Buffer.from(JSON.stringify({ name }))
  const output = await store.write(putRecords, {
    collection,
    labels: [{ tlp: 'CLEAR', own: true }],
    named: [],
    records: [
      {
        id: `x--${name}`,
        type: 'x',
        oid: Buffer.from(name),
        version: 1,
        spec: 21,
        label: 0,
        text: name,
        values: ['domain', `${name}.example`],
        start: 0,
        end: bytes.length,
      },
    ],
    bytes,
  })
  if (output.outcomes[0] === 'added') writeSync(1, `${name}\n`)
}

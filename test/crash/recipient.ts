// Two members in data folders: one says something, the other pulls it and dies at a given moment of storing it. Prints
// each thing said; without a moment to die at, it pulls to the end and prints what the recipient holds.
import { subscribe } from 'node:diagnostics_channel'
import { existsSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { World } from '../world/world.ts'

const [folder = '', runText = '0', command, phase] = process.argv.slice(2)
const run = Number(runText)

const world = new World('crash', folder)
// Every life of the two begins an hour after the one before.
world.clock.advance((run + 1) * 3_600_000)
const [a, b] = [await world.add('a.example'), await world.add('b.example')]
const met = join(folder, 'met')
if (!existsSync(met)) {
  await world.introduce(a, b)
  await world.api(a, 'POST', '/collections', {
    title: 'Open',
    alias: 'open',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  writeFileSync(met, '')
}
if (command !== undefined)
  subscribe('comity:writer', (message) => {
    const at = message as { phase: string; commands: readonly string[] }
    if (at.phase === phase && at.commands.includes(command)) process.kill(process.pid, 'SIGKILL')
  })

for (let n = 0; n < 3; n += 1) {
  const name = `said ${run} ${n}`
  world.clock.advance(1000)
  const time = new Date(world.clock.nowMs()).toISOString()
  // Said is what was acknowledged; what was not is not printed, and so not looked for.
  await world.network.apart(async () => {
    const response = await a.app.inject({
      method: 'POST',
      url: `/api/import?collection=open&digest=${Buffer.from(name).toString('hex').padEnd(64, '0')}`,
      headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/octet-stream' },
      payload: JSON.stringify({
        type: 'indicator',
        spec_version: '2.1',
        id: `indicator--${crypto.randomUUID()}`,
        created: time,
        modified: time,
        name,
        pattern: `[domain-name:value = 'x${run}.example']`,
        pattern_type: 'stix',
        valid_from: time,
      }),
    })
    if (!response.body.includes('"added":1')) throw new Error(response.body)
    writeSync(1, `${name}\n`)
  })
}
await b.federation.pullPeer('a.example')
await world.quiesce()
for (const { name } of await b.store.all<{ name: string }>(
  `SELECT json_extract(CAST(i.bytes AS TEXT), '$.name') AS name FROM item i JOIN statement s ON s.seq = i.seq AND s.log <> 1
   WHERE s.kind = 'records.put' ORDER BY i.seq`,
))
  writeSync(1, `held ${name}\n`)
await world[Symbol.asyncDispose]()

// Two members beside each other: how fast one takes what the other has, and how soon a warning comes.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import type { Member } from '#cli/demo/member.ts'
import { readObjects, renewed, writeObjects } from './input.ts'
import { demand, digestOf, ms, percentile, perSecond, type Report } from './report.ts'
import { importFile, startMember } from './subject.ts'

const PULLED = 50_000
const WARNINGS = 60

export async function measurePeers(
  report: Report,
  { folder, attack }: { readonly folder: string; readonly attack: string },
): Promise<void> {
  await using author = await startMember(folder, 'author.example')
  await using reader = await startMember(folder, 'reader.example')
  const file = join(folder, 'pulled.ndjson')
  await writeObjects(file, readObjects(attack), { from: 0, count: PULLED })
  await importFile(author, file)
  const objects = recordsIn(author, 'own')
  await introduce(author, reader)
  const started = performance.now()
  let [held, seconds] = [0, 0]
  while (held < objects) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    held = recordsIn(reader, 'foreign')
    seconds = (performance.now() - started) / 1000
    if (seconds > 120) throw new Error(`only ${held} of ${objects} arrived in two minutes`)
  }
  report.add({
    what: 'pull, verify and store at a peer, from approval to the last object',
    figure: `${perSecond(held, seconds)} objects/s`,
    limit: 'at least 5,000',
    readBack: demand(held, PULLED - 200, 'objects at the peer'),
    digest: await digestOf(file),
  })
  await measureWarnings(report, author, reader)
}

/** Counted in the database itself, beside the node. */
function recordsIn({ folder }: Member, whose: 'own' | 'foreign'): number {
  using database = new DatabaseSync(join(folder, 'comity.db'), { readOnly: true })
  const row = database
    .prepare(
      `SELECT count(*) AS n FROM record WHERE collection IN (SELECT id FROM collection WHERE author ${whose === 'own' ? '=' : '<>'} 1)`,
    )
    .get() as { n: number }
  return row.n
}

export async function introduce(author: Member, reader: Member): Promise<void> {
  const { invitation } = await author.client.post<{ invitation: string }>('/peers/invitations')
  await reader.client.post('/peers/accept', { invitation })
  await reader.client.post(`/peers/${author.name}/approve`, {})
  await author.client.post(`/peers/${reader.name}/approve`, {})
}

async function measureWarnings(report: Report, author: Member, reader: Member): Promise<void> {
  for (let n = 0; n < WARNINGS; n += 1)
    await reader.client.post('/watch', { kind: 'domain', value: `host${n}.watched.example`, asset: `asset ${n}` })
  const listening = new AbortController()
  const events = reader.client.events<unknown>('/warnings/stream', listening.signal)
  const waiting = new Map<string, (at: number) => void>()
  const heard = (async () => {
    for await (const event of events) {
      const asset = /asset \d+/.exec(JSON.stringify(event))?.[0]
      if (asset !== undefined) waiting.get(asset)?.(performance.now())
    }
  })()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const times: number[] = []
  for (let n = 0; n < WARNINGS; n += 1) {
    const { promise, resolve } = Promise.withResolvers<number>()
    waiting.set(`asset ${n}`, resolve)
    const started = performance.now()
    await publish(author, n)
    times.push((await promise) - started)
    await new Promise((next) => setTimeout(next, 1200))
  }
  listening.abort()
  await heard.catch(() => {})
  report.add({
    what: 'publish at one node to warning at another, one object, idle',
    figure: `p50 ${ms(percentile(times, 0.5))} ms, p95 ${ms(percentile(times, 0.95))} ms`,
    limit: 'p95 400 ms',
    readBack: times.length,
    digest: '-',
  })
}

async function publish(author: Member, n: number): Promise<void> {
  const time = new Date().toISOString()
  const object = {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--00000000-1111-4111-8111-000000000000',
    created: time,
    modified: time,
    name: `number ${n}`,
    pattern: `[domain-name:value = 'host${n}.watched.example']`,
    pattern_type: 'stix',
    valid_from: time,
  }
  const digest = Buffer.from(`warning ${n}`).toString('hex').padEnd(64, '0')
  const text = renewed(JSON.stringify(object), n + 1)
  for await (const _ of author.client.upload('/import', Readable.from([Buffer.from(text)]), {
    collection: 'bench',
    digest,
  }));
}

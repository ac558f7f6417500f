// How fast a node takes things in, how fast it gives them out, and what it costs: one node growing to a million objects.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Member } from '#cli/demo/member.ts'
import { readObjects, renewed, writeObjects } from './input.ts'
import { demand, digestOf, digestOfText, ms, percentile, perSecond, type Report } from './report.ts'
import { importFile, ownMemory, settingsOf, startMember, TaxiiClient } from './subject.ts'

const ATTACK_OBJECTS = 24_772
const CHUNK = 100_000
const MILLION = 1_000_000
const PAGE = 1000

export type IngestOptions = { readonly folder: string; readonly attack: string }

export async function measureIngest(report: Report, { folder, attack }: IngestOptions): Promise<void> {
  const data = join(folder, 'bench.example')
  {
    await using node = await startMember(folder, 'bench.example')
    report.note(`settings of the live writer: ${await settingsOf(node)}`)
    await measureFirst(report, node, attack)
    const objects = readObjects(attack)
    using client = await TaxiiClient.for(node)
    const seconds: number[] = []
    let digest = ''
    for (let have = 0; have < MILLION; have += CHUNK) {
      const file = join(folder, 'chunk.ndjson')
      await writeObjects(file, objects, { from: ATTACK_OBJECTS + have, count: CHUNK })
      digest = await digestOf(file)
      const done = await importFile(node, file)
      demand(done.added, CHUNK - 200, 'objects added')
      seconds.push(done.seconds)
      rmSync(file)
      report.note(`${have + CHUNK} objects: the last ${CHUNK} at ${perSecond(CHUNK, done.seconds)} a second`)
      if (have + CHUNK === CHUNK) await measurePages(report, client, { objects: CHUNK, digest })
    }
    const total = seconds.reduce((sum, each) => sum + each, 0)
    report.add({
      what: 'import to 1,000,000 objects, average / last 100,000',
      figure: `${perSecond(MILLION, total)} / ${perSecond(CHUNK, seconds.at(-1) ?? 1)} objects/s`,
      limit: 'at least 8,000 / 6,000',
      readBack: await measurePages(report, client, { objects: MILLION, digest }),
      digest,
    })
    await measureEmptyPoll(report, client, digest)
    report.note(`own memory at a million objects: ${ownMemory(node)} MB`)
  }
  await measureStart(report, data)
}

async function measureFirst(report: Report, node: Member, attack: string): Promise<void> {
  const idle = ownMemory(node)
  const done = await importFile(node, attack)
  const digest = await digestOf(attack)
  const readBack = demand(done.read, ATTACK_OBJECTS, 'objects read')
  report.add({
    what: `import of ${readBack.toLocaleString('en')} ATT&CK objects, durable`,
    figure: `${perSecond(done.read, done.seconds)} objects/s`,
    limit: 'at least 10,000',
    readBack,
    digest,
  })
  report.add({
    what: 'own memory (RssAnon) of that node, idle / after load',
    figure: `${idle} / ${ownMemory(node)} MB`,
    limit: 'at most 120 / 300',
    readBack,
    digest,
  })
}

type Page = { readonly more?: boolean; readonly next?: string; readonly objects?: unknown[] }

/** Reads a collection from the first page to the last. Returns how many objects came. */
async function measurePages(
  report: Report,
  client: TaxiiClient,
  { objects, digest }: { readonly objects: number; readonly digest: string },
): Promise<number> {
  const times: number[] = []
  let read = 0
  let next = ''
  for (;;) {
    const answer = await client.get(`/taxii2/api/collections/bench/objects/?limit=${PAGE}${next}`)
    times.push(answer.ms)
    const page = JSON.parse(answer.body.toString('utf8')) as Page
    read += page.objects?.length ?? 0
    if (page.more !== true || page.next === undefined) break
    next = `&next=${page.next}`
  }
  demand(read, objects, 'objects read back')
  const tenth = Math.max(1, Math.floor(times.length / 10))
  const [first, last] = [percentile(times.slice(1, 1 + tenth), 0.5), percentile(times.slice(-1 - tenth, -1), 0.5)]
  report.add({
    what: `TAXII page of 1,000 at ${objects.toLocaleString('en')} objects`,
    figure: `p50 ${ms(percentile(times, 0.5))} ms, p99 ${ms(percentile(times, 0.99))} ms, last tenth ${(last / first).toFixed(2)} x the first`,
    limit: 'p50 6 ms, p99 25 ms, 1.5 x',
    readBack: read,
    digest,
  })
  const packed: number[] = []
  let position = ''
  for (let i = 0; i < 100; i += 1) {
    const path = `/taxii2/api/collections/bench/objects/?limit=${PAGE}`
    packed.push((await client.get(`${path}${position}`, { 'accept-encoding': 'zstd' })).ms)
    const plain = JSON.parse((await client.get(`${path}${position}`)).body.toString('utf8')) as Page
    position = plain.next === undefined ? '' : `&next=${plain.next}`
  }
  report.add({
    what: `the same, compressed (zstd), 100 pages`,
    figure: `p50 ${ms(percentile(packed, 0.5))} ms`,
    limit: 'p50 15 ms',
    readBack: packed.length * PAGE,
    digest,
  })
  return read
}

async function measureEmptyPoll(report: Report, client: TaxiiClient, digest: string): Promise<void> {
  const now = new Date().toISOString()
  const times: number[] = []
  for (let i = 0; i < 200; i += 1)
    times.push((await client.get(`/taxii2/api/collections/bench/objects/?limit=1000&added_after=${now}`)).ms)
  report.add({
    what: 'poll with nothing new, at 1,000,000 objects',
    figure: `p50 ${ms(percentile(times, 0.5))} ms, p99 ${ms(percentile(times, 0.99))} ms`,
    limit: 'at most 5 ms',
    readBack: times.length,
    digest,
  })
}

async function measureStart(report: Report, data: string): Promise<void> {
  const times: number[] = []
  let readBack = 0
  for (let i = 0; i < 3; i += 1) {
    const started = performance.now()
    await using node = await Member.start('bench.example', data)
    times.push(performance.now() - started)
    const page = await node.client.get<{ items: unknown[] }>('/search', { q: 'malware', limit: 10 })
    readBack = demand(page.items.length, 10, 'records found after the start')
  }
  report.add({
    what: 'start to ready with 1,000,000 objects',
    figure: `${(percentile(times, 0.5) / 1000).toFixed(2)} s`,
    limit: 'at most 2 s',
    readBack,
    digest: '-',
  })
}

/** TAXII POST: envelopes of 500, one after the other, each waited for until its status is complete. */
export async function measurePost(report: Report, { folder, attack }: IngestOptions): Promise<void> {
  await using node = await startMember(folder, 'post.example')
  using client = await TaxiiClient.for(node)
  const texts = readObjects(attack)
    .filter(({ type }) => type !== 'marking-definition')
    .map((object) => JSON.stringify(object))
    .slice(0, 20_000)
  const envelopes = Array.from({ length: texts.length / 500 }, (_, i) =>
    Buffer.from(
      `{"objects":[${texts
        .slice(i * 500, i * 500 + 500)
        .map((text) => renewed(text, 999))
        .join(',')}]}`,
    ),
  )
  const started = performance.now()
  let succeeded = 0
  for (const envelope of envelopes) {
    let status = JSON.parse(
      (await client.post('/taxii2/api/collections/bench/objects/', envelope)).body.toString(),
    ) as {
      id: string
      status: string
      success_count: number
    }
    while (status.status === 'pending')
      status = JSON.parse((await client.get(`/taxii2/api/status/${status.id}/`)).body.toString()) as typeof status
    succeeded += status.success_count
  }
  const seconds = (performance.now() - started) / 1000
  report.add({
    what: 'TAXII POST, envelopes of 500, one after the other',
    figure: `${perSecond(succeeded, seconds)} objects/s`,
    limit: 'at least 5,000',
    readBack: demand(succeeded, texts.length, 'objects stored'),
    digest: digestOfText(envelopes.map(String).join('')),
  })
}

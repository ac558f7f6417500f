// `npm run bench`: what README's figures are measured with. Real commands on a real data folder; a smaller input than
// the one a figure is about is refused.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempDisposableSync, readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Member, runCommand } from '#cli/demo/member.ts'
import { buildMatcher } from '#warning/matcher.ts'
import { dataFile } from '#test/data.ts'

type Row = { readonly what: string; readonly figure: string; readonly limit: string }
const rows: Row[] = []

const attack = dataFile('attack/enterprise-attack-18.1.min.json')
if (attack === undefined) {
  console.error('The data folder is not beside this checkout, so the figures cannot be measured here.')
  process.exitCode = 1
} else {
  const commit = spawnText('git', ['rev-parse', '--short', 'HEAD'])
  const digest = createHash('sha256').update(readFileSync(attack)).digest('hex').slice(0, 12)
  await measure(attack)
  measureMatching()
  console.log(`commit ${await commit}, input ${digest}, node ${process.version}, SQLite WAL, synchronous FULL`)
  for (const { what, figure, limit } of rows) console.log(`${what.padEnd(60)} ${figure.padEnd(34)} limit ${limit}`)
}

async function measure(file: string): Promise<void> {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-bench-'))
  const folder = join(temporary.path, 'data')
  await runCommand(['init', '--member', 'bench.example', '--data-dir', folder])
  await using node = await Member.start('bench.example', folder)
  const idle = anonymousMb(node)
  await runCommand(['collection', 'add', 'Bench', '--alias', 'bench', '--tlp', 'GREEN', '--data-dir', folder])
  const { stdout } = await runCommand(['import', file, '-c', 'bench', '--json', '--data-dir', folder])
  const done = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { read: number; added: number; seconds: number }
  if (done.read < 24_772) throw new Error(`only ${done.read} objects were read; the figure is about 24,772`)
  rows.push({
    what: `import of ${done.read} ATT&CK objects, durable`,
    figure: `${Math.round(done.read / done.seconds)} objects/s`,
    limit: 'at least 10,000',
  })
  const client = await node.client.post<{ secret: string }>('/clients', {
    name: 'bench',
    actsFor: 'self',
    grants: [{ collection: 'bench', read: true, write: true }],
  })
  await measurePages(node.url, client.secret, done.read)
  rows.push({
    what: 'own memory (RssAnon), idle / after load',
    figure: `${idle} / ${anonymousMb(node)} MB`,
    limit: 'at most 120 / 300',
  })
}

async function measurePages(url: string, secret: string, objects: number): Promise<void> {
  const times: number[] = []
  let read = 0
  for (let round = 0; round < 5; round += 1) {
    let next = ''
    for (;;) {
      const started = performance.now()
      const body = await get(`${url}/taxii2/api/collections/bench/objects/?limit=1000${next}`, secret)
      times.push(performance.now() - started)
      const page = JSON.parse(body.toString('utf8')) as { more?: boolean; next?: string; objects: unknown[] }
      read += page.objects.length
      if (page.more !== true) break
      next = `&next=${page.next}`
    }
  }
  if (read < objects * 5) throw new Error(`${read} rows were read back where ${objects * 5} are`)
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  rows.push({
    what: `TAXII page of 1,000 at ${objects} objects (${read} read back)`,
    figure: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    limit: 'at most 6 / 25 ms',
  })
}

async function get(url: string, secret: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const request = requestHttp(
    url,
    { headers: { authorization: `Bearer ${secret}`, accept: 'application/taxii+json;version=2.1' } },
    (response) => {
      Array.fromAsync(response as AsyncIterable<Buffer>).then((chunks) => resolve(Buffer.concat(chunks)), reject)
    },
  )
  request.on('error', reject)
  request.end()
  return promise
}

function measureMatching(): void {
  const size = 1_000_000
  const matcher = buildMatcher(
    (function* () {
      for (let id = 1; id <= size; id += 1) yield { id, kind: 'domain' as const, value: `host${id}.watched.example` }
    })(),
  )
  const values = Array.from({ length: 200_000 }, (_, i) => ({
    kind: 'domain' as const,
    value: `www.host${(i * 7) % (2 * size)}.watched.example`,
  }))
  const started = performance.now()
  let hits = 0
  for (const value of values) hits += matcher.match(value).length
  const seconds = (performance.now() - started) / 1000
  rows.push({
    what: `matching against ${matcher.size} watched domains (${hits} hits)`,
    figure: `${Math.round(values.length / seconds)} values/s`,
    limit: 'at least 1,000,000',
  })
}

function anonymousMb(member: Member): number {
  const { pid } = JSON.parse(readFileSync(join(member.folder, 'run.json'), 'utf8')) as { pid: number }
  const line =
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .find((each) => each.startsWith('RssAnon')) ?? ''
  return Math.round(Number(/(\d+)/.exec(line)?.[1] ?? 0) / 1024)
}

async function spawnText(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks = await Array.fromAsync(child.stdout as AsyncIterable<Buffer>)
  await once(child, 'close').catch(() => {})
  return Buffer.concat(chunks).toString('utf8').trim()
}

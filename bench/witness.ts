// What it costs to watch others: answering as a witness, catching up with a log of a million leaves, and asking a peer
// that has nothing new.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Member } from '#cli/demo/member.ts'
import { formatBase64 } from '#kernel/base64.ts'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { createDataFolder, noPassphrase, openDataFolder } from '#kernel/data-folder.ts'
import { logKeys, newSeeds } from '#kernel/key-file.ts'
import { signCheckpoint } from '#kernel/log/checkpoint.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { appendLeaves, proveConsistency, type ReadTile } from '#kernel/log/tree.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import type { AnyCommand } from '#kernel/store/types.ts'
import { formatAddCheckpoint } from '#kernel/witness.ts'
import { writerProgram } from '#src/writer.ts'
import { ramble } from '#test/world/world.ts'
import { demand, digestOfText, ms, percentile, perSecond, type Report } from './report.ts'
import { introduce } from './peers.ts'
import { ownMemory, startMember, TaxiiClient } from './subject.ts'

const CHECKPOINTS = 600
/** Members that are witnessed side by side, checkpoints of each, and how often each has a new one. */
const [LOGS, EACH, EVERY_SECONDS] = [200, 3, 10]
const LEAVES = 1_000_000

export async function measureWitness(report: Report, { folder }: { readonly folder: string }): Promise<void> {
  await measureAddCheckpoint(report, folder)
  await measureManyLogs(report, folder)
  await measureCatchUp(report, folder)
}

/** A log made here grows by a few leaves at a time and asks a node to witness each head, one after the other. */
async function measureAddCheckpoint(report: Report, folder: string): Promise<void> {
  await using node = await startMember(folder, 'witness.example')
  const { signers, vkeys } = logKeys('bench.example/log', newSeeds(systemRandom).log)
  await node.client.put('/trust', { text: `${vkeys.map((vkey) => `log ${vkey}`).join('\n')}\nquorum none\n` })
  const requests = checkpointsOf('bench.example/log', signers, CHECKPOINTS)
  using client = new TaxiiClient(node.url, '')
  const started = performance.now()
  let answered = 0
  for (const body of requests) if ((await client.post('/witness/add-checkpoint', body)).status === 200) answered += 1
  const seconds = (performance.now() - started) / 1000
  report.add({
    what: 'witness: add-checkpoint verified, stored, cosigned, durable, one connection',
    figure: `${perSecond(answered, seconds)} a second`,
    limit: 'at least 150',
    readBack: demand(answered, CHECKPOINTS, 'checkpoints cosigned'),
    digest: digestOfText(vkeys.join('\n')),
  })
}

/** As many logs as members in a large federation, each asking in turn; what one answer costs says what a steady flow does. */
async function measureManyLogs(report: Report, folder: string): Promise<void> {
  await using node = await startMember(folder, 'watched.example')
  const logs = Array.from({ length: LOGS }, (_, i) => {
    const origin = `m${i}.example/log`
    const { signers, vkeys } = logKeys(origin, newSeeds(systemRandom).log)
    return { vkeys, requests: checkpointsOf(origin, signers, EACH) }
  })
  const lines = logs.flatMap(({ vkeys }) => vkeys.map((vkey) => `log ${vkey}`))
  await node.client.put('/trust', { text: `${lines.join('\n')}\nquorum none\n` })
  using client = new TaxiiClient(node.url, '')
  const before = cpuSeconds(node)
  let answered = 0
  for (let round = 0; round < EACH; round += 1)
    for (const { requests } of logs)
      if ((await client.post('/witness/add-checkpoint', requests[round] as Uint8Array)).status === 200) answered += 1
  const share = ((cpuSeconds(node) - before) / answered) * (LOGS / EVERY_SECONDS)
  report.add({
    what: `${LOGS} members, a checkpoint every ${EVERY_SECONDS} s each, on one node`,
    figure: `${(100 * share).toFixed(0)} % of one core`,
    limit: 'under 30 %',
    readBack: demand(answered, LOGS * EACH, 'checkpoints cosigned'),
    digest: digestOfText(lines.join('\n')),
  })
}

function checkpointsOf(origin: string, signers: ReturnType<typeof logKeys>['signers'], count: number): Uint8Array[] {
  const tiles = new Map<string, Uint8Array>()
  const readTile: ReadTile = (level, n) => tiles.get(`${level}/${n}`)
  const requests: Uint8Array[] = []
  for (let size = 0; requests.length < count;) {
    const leaves = Array.from({ length: 7 }, (_, i) => hashLeaf(Buffer.from(formatBase64(Buffer.from([size, i])))))
    const grown = appendLeaves({ size, readTile }, leaves)
    for (const tile of grown.tiles) tiles.set(`${tile.level}/${tile.index}`, tile.bytes)
    const checkpoint = signCheckpoint({ origin, size: grown.size, root: grown.root }, signers)
    requests.push(formatAddCheckpoint({ old: size, proof: proveConsistency(size, grown.size, readTile), checkpoint }))
    size = grown.size
  }
  return requests
}

async function measureCatchUp(report: Report, folder: string): Promise<void> {
  const data = join(folder, 'long.example')
  mkdirSync(folder, { recursive: true })
  createDataFolder(data, { member: 'long.example', names: { en: 'Long' }, kind: 'technical' }, systemRandom)
  await fillLog(data)
  await using author = await Member.start('long.example', data)
  await using reader = await startMember(folder, 'late.example')
  const [cpuBefore, memoryBefore] = [cpuSeconds(reader), ownMemory(reader)]
  await introduce(author, reader)
  let [size, most] = [0, memoryBefore]
  const started = performance.now()
  while (size < LEAVES) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    most = Math.max(most, ownMemory(reader))
    size = (await reader.client.get<{ logSize: number }>('/peers/long.example')).logSize
    if (performance.now() - started > 300_000) throw new Error(`only ${size} leaves arrived in five minutes`)
  }
  report.add({
    what: 'catch-up of 1,000,000 leaves, verified and stored',
    figure: `${(cpuSeconds(reader) - cpuBefore).toFixed(1)} s of CPU, memory ${memoryBefore} to ${most} MB`,
    limit: 'at most 10 s, flat',
    readBack: demand(size, LEAVES, 'leaves mirrored'),
    digest: '-',
  })
  await measureNothingNew(report, reader)
}

async function measureNothingNew(report: Report, reader: Member): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const times: number[] = []
  for (let i = 0; i < 50; i += 1) {
    const started = performance.now()
    await reader.client.post('/peers/long.example/pull')
    times.push(performance.now() - started)
  }
  report.add({
    what: 'a round with a peer that has nothing new, both sides and our own call',
    figure: `p50 ${ms(percentile(times, 0.5))} ms`,
    limit: 'at most 10 ms of work',
    readBack: times.length,
    digest: '-',
  })
}

async function fillLog(data: string): Promise<void> {
  const { identity, seeds } = await openDataFolder(data, noPassphrase)
  await using store = openInlineStore({
    place: { kind: 'folder', path: data },
    identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
    program: { ...writerProgram, commands: [...writerProgram.commands, ramble as unknown as AnyCommand] },
    clock: systemClock,
    random: systemRandom,
  })
  for (let done = 0; done < LEAVES; done += 50_000)
    await store.write(ramble, { member: identity.member, count: 50_000 })
}

/** Processor time the node has used, all threads. */
function cpuSeconds(member: Member): number {
  const { pid } = JSON.parse(readFileSync(join(member.folder, 'run.json'), 'utf8')) as { pid: number }
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

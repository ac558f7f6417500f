// A node of a million records, made once by the real import and kept below the system's temporary folder: what the
// console's figures are about.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Member } from '#cli/demo/member.ts'
import { readObjects, writeObjects } from './input.ts'
import { demand, digestOf, type Report } from './report.ts'
import { importFile, startMember } from './subject.ts'

const NAME = 'million.example'
const MILLION = 1_000_000
const CHUNK = 100_000

export type Million = AsyncDisposable & { readonly node: Member; readonly records: number; readonly digest: string }

/** Starts the node of a million records; the first time it is filled, which takes minutes. */
export async function startMillion(report: Report, attack: string): Promise<Million> {
  const digest = await digestOf(attack)
  const folder = join(tmpdir(), `comity-bench-million-${digest}`)
  const stamp = join(folder, 'records.json')
  if (!existsSync(stamp)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(stamp, JSON.stringify(await fill(report, folder, attack)))
  }
  const records = demand(JSON.parse(readFileSync(stamp, 'utf8')) as number, MILLION, 'records in the node')
  const node = await Member.start(NAME, join(folder, NAME))
  return { node, records, digest, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() }
}

async function fill(report: Report, folder: string, attack: string): Promise<number> {
  await using node = await startMember(folder, NAME)
  const objects = readObjects(attack)
  const file = join(folder, 'chunk.ndjson')
  let records = 0
  while (records < MILLION) {
    // Each chunk brings the marking definitions again, which are there already.
    await writeObjects(file, objects, { from: records, count: Math.min(CHUNK, MILLION - records + 200) })
    records += (await importFile(node, file)).added
    report.note(`${records} records are in the node`)
  }
  rmSync(file)
  return records
}

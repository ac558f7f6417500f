// `npm run bench`: what README's figures are measured with. Real commands on real data folders; a smaller input than
// the one a figure is about is refused. Names of parts (ingest, post, peers, matching, witness, policy, console) measure those alone.
import { spawnSync } from 'node:child_process'
import { mkdtempDisposableSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataFile } from '#test/data.ts'
import { measureConsole } from './console.ts'
import { measureGraph } from './graph.ts'
import { measureIngest, measurePost } from './ingest.ts'
import { measureMatching } from './matching.ts'
import { measurePeers } from './peers.ts'
import { measureForwarded } from './forwarded.ts'
import { measurePolicy } from './policy.ts'
import { measureWitness } from './witness.ts'
import { makeReport, printTable } from './report.ts'

const attack = dataFile('attack/enterprise-attack-18.1.min.json')
if (attack === undefined) {
  console.error('The data folder is not beside this checkout, so the figures cannot be measured here.')
  process.exitCode = 1
} else {
  const report = makeReport()
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'comity-bench-'))
  const options = { folder: temporary.path, attack }
  const parts: Readonly<Record<string, () => void | Promise<void>>> = {
    ingest: () => measureIngest(report, options),
    post: () => measurePost(report, options),
    peers: () => measurePeers(report, options),
    matching: () => measureMatching(report),
    witness: () => measureWitness(report, options),
    forwarded: () => measureForwarded(report),
    policy: () => measurePolicy(report, options),
    graph: () => measureGraph(report),
    console: () => measureConsole(report, options),
  }
  const wanted = process.argv.slice(2)
  for (const [name, measure] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await measure()
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim()
  printTable(report, `commit ${commit}, node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()})`)
}

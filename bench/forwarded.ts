// What it costs to believe a statement that somebody else passed on: from the bytes of the proof to the author's two
// signatures, with nothing but a file and the keys.
import { systemRandom } from '#kernel/clock.ts'
import { logKeys, newSeeds } from '#kernel/key-file.ts'
import { signCheckpoint } from '#kernel/log/checkpoint.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '#kernel/log/tlog-proof.ts'
import { appendLeaves, proveInclusion, type ReadTile } from '#kernel/log/tree.ts'
import { sealStatement, verifyStatement } from '#kernel/statement.ts'
import { demand, digestOfText, ms, percentile, type Report } from './report.ts'

const LEAVES = 100_000
const ROUNDS = 500
const RECORDS = 20

export function measureForwarded(report: Report): void {
  const origin = 'cert.example/log'
  const { signers, verifiers, vkeys } = logKeys(origin, newSeeds(systemRandom).log)
  const marking = { tlp: 'AMBER', audience: { named: false, communities: ['energy.example'] }, personal: 'none' }
  const header = Buffer.from(
    JSON.stringify({
      v: 1,
      member: 'cert.example',
      origin,
      id: '01998d3c-4b9a-7000-8000-000000000001',
      kind: 'records.put',
      time: '2026-01-15T08:00:00Z',
      marking,
      mediaType: 'application/stix+json;version=2.1',
      count: RECORDS,
    }),
  )
  const items = Array.from({ length: RECORDS }, () => Buffer.from(systemRandom(400)))
  const sealed = sealStatement({ header, content: items, random: systemRandom })
  const leaves = Array.from({ length: LEAVES }, (_, n) => hashLeaf(n === LEAVES / 2 ? sealed.entry : systemRandom(53)))
  const grown = appendLeaves({ size: 0, readTile: () => undefined }, leaves)
  const tiles = new Map(grown.tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.bytes]))
  const readTile: ReadTile = (level, n) => tiles.get(`${level}/${n}`)
  const checkpoint = signCheckpoint({ origin, size: LEAVES, root: grown.root }, signers)
  const proof = formatTlogProof({ index: LEAVES / 2, proof: proveInclusion(LEAVES / 2, LEAVES, readTile), checkpoint })
  const times: number[] = []
  let held = 0
  for (let n = 0; n < ROUNDS; n += 1) {
    const started = performance.now()
    const opened = verifyTlogProof(parseTlogProof(proof), { leafHash: hashLeaf(sealed.entry), verifiers })
    const verdict = verifyStatement({
      ...sealed,
      header: { salt: sealed.headerSalt, bytes: header },
      content: { seed: sealed.contentSeed, items },
    })
    if (opened.ok && verdict.ok) held += 1
    times.push(performance.now() - started)
  }
  report.add({
    what: `verify one forwarded statement of ${RECORDS} records offline, both signatures`,
    figure: `p50 ${ms(percentile(times, 0.5))} ms`,
    limit: 'at most 5 ms',
    readBack: demand(held, ROUNDS, 'statements held'),
    digest: digestOfText(vkeys.join('\n')),
  })
}

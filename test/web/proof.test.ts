// The console's own check of a proof, against what a real node answers; and that no change to it is believed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordDetail, RecordProof } from '#sharing/wire.ts'
import { buildStage, OWN } from '#test/console/stage.ts'
import { checkProof } from '#web/proof/check.ts'

const FOREIGN = 'indicator--00000000-0000-4000-8000-000000000001'
const OURS = 'indicator--00000000-0000-4000-8000-000000000064'
const MEMBERS = [OWN, 'isles.example', 'harbour.example', 'plateau.example', 'south-univ.example', 'fjord.example']

test('a browser proves what a node says, each version, its own and a peer’s, with witnesses, and nothing that was changed', async () => {
  await using stage = await buildStage({ members: MEMBERS })
  for (const id of [FOREIGN, OURS]) {
    const detail = await stage.world.api<RecordDetail>(stage.own, 'GET', `/records/${id}`)
    const shown = detail.versions.at(-1)?.object
    const proof = await stage.world.api<RecordProof>(stage.own, 'GET', `/records/${id}/proof`)
    const verdict = checkProof(proof, shown)
    assert.equal(verdict.broken, undefined)
    assert.ok(verdict.enough && verdict.held > 0, JSON.stringify(verdict))
    assert.equal(checkProof(proof, { ...(shown as object), name: 'something else' }).broken, 'record')
    for (const [changed, step] of changes(proof)) {
      const judged = checkProof(changed, shown)
      if (step === 'witness') assert.ok(judged.held < verdict.held, 'a false line counts')
      else assert.equal(judged.broken, step)
    }
  }
  const { versions } = await stage.world.api<RecordDetail>(stage.own, 'GET', `/records/${FOREIGN}`)
  const [first, , third] = versions
  assert.ok(first !== undefined && third !== undefined)
  const path = `/records/${FOREIGN}/proof?added=${encodeURIComponent(first.addedAt)}`
  const proof = await stage.world.api<RecordProof>(stage.own, 'GET', path)
  assert.equal(checkProof(proof, first.object).broken, undefined)
  assert.equal(checkProof(proof, third.object).broken, 'record')
})

const turned = (base64: string): string => {
  const bytes = Buffer.from(base64, 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return bytes.toString('base64')
}

/** One thing changed at each place, and the step that must notice. */
function changes(proof: RecordProof): [RecordProof, string][] {
  const [tree] = proof.trees
  assert.ok(tree !== undefined)
  const witness = proof.witnesses.findIndex(({ line }) => line !== undefined)
  return [
    [{ ...proof, item: { ...proof.item, salt: turned(proof.item.salt) } }, 'record'],
    [{ ...proof, item: { ...proof.item, commits: [...proof.item.commits, turned(proof.item.salt)] } }, 'statement'],
    [
      {
        ...proof,
        statement: {
          ...proof.statement,
          header: { ...proof.statement.header, salt: turned(proof.statement.header.salt) },
        },
      },
      'statement',
    ],
    [{ ...proof, statement: { ...proof.statement, entrySalt: turned(proof.statement.entrySalt) } }, 'leaf'],
    [{ ...proof, leaf: { ...proof.leaf, entry: turned(proof.leaf.entry) } }, 'tree'],
    [{ ...proof, leaf: { ...proof.leaf, index: proof.leaf.index + 1 } }, 'tree'],
    [{ ...proof, trees: [{ ...tree, root: turned(tree.root) }, ...proof.trees.slice(1)] }, 'tree'],
    [{ ...proof, checkpoint: proof.checkpoint.replace(/\n\d+\n/, '\n99\n') }, 'checkpoint'],
    [{ ...proof, log: { ...proof.log, origin: 'other.example/log' } }, 'checkpoint'],
    [{ ...proof, checkpoint: '' }, 'checkpoint'],
    [
      {
        ...proof,
        witnesses: proof.witnesses.map((each, at) =>
          at === witness ? { ...each, line: each.line?.replace(/.{8}$/, 'AAAAAAA=') ?? '' } : each,
        ),
      },
      'witness',
    ],
  ]
}

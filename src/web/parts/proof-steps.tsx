// The same path as a list: the twin of the drawing, for a phone and for whoever listens.
import type { ReactNode } from 'react'
import type { RecordProof } from '#sharing/wire.ts'
import type { ProofVerdict } from '../proof/check.ts'
import { factsOf, shortHash } from '../proof/facts.ts'
import { number, t } from '../text/language.ts'
import { Value } from '../ui/value.tsx'

export function ProofSteps({
  proof,
  verdict,
}: {
  readonly proof: RecordProof
  readonly verdict: ProofVerdict | undefined
}): ReactNode {
  const facts = factsOf(proof)
  const steps = [
    [
      t('proof.statement'),
      t('proof.placeOf', { n: proof.item.place + 1, count: facts.count }),
      `${facts.statement.slice(0, 13)}…`,
    ],
    [t('proof.leafTitle'), number(proof.leaf.index), t('proof.committed')],
    [t('proof.hashesTitle'), t('proof.hashes', { n: facts.head.path.length }), shortHash(facts.head.root)],
    [t('proof.checkpointTitle'), t('proof.sizeShort', { n: facts.head.size }), facts.algorithms.join(', ')],
    [t('proof.witnessedTitle'), t('proof.kOf', { k: verdict?.held ?? 0, needed: proof.needed }), ''],
  ] as const
  return (
    <ol className="proof-steps">
      {steps.map(([step, what, mono]) => (
        <li key={step}>
          <span>{step}</span>
          <span>{what}</span>
          <Value>{mono}</Value>
        </li>
      ))}
    </ol>
  )
}

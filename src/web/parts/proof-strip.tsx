// Where a record came from: from its statement over the leaf and the tree to the signed head and its witnesses.
import type { ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { number, t } from '../text/language.ts'
import { State } from '../ui/state.tsx'
import { Foreign, Value } from '../ui/value.tsx'

type Version = RecordDetail['versions'][number]

export function ProofStrip({ version }: { readonly version: Version }): ReactNode {
  const { proof } = version
  return (
    <section className="proof" id="proof" aria-labelledby="h-proof">
      <header>
        <h2 id="h-proof">{t('proof.title')}</h2>
        {proof.verified ? (
          <State kind="ok" since={t('proof.byNode')}>
            {t('proof.proved')}
          </State>
        ) : (
          <State kind="danger" since={<Foreign>{proof.reason ?? ''}</Foreign>}>
            {t('proof.failed')}
          </State>
        )}
      </header>
      <ol className="proof-steps proof-steps--always">
        <li>
          <span>{t('proof.leaf')}</span>
          <span>{number(proof.index)}</span>
          <Value>{proof.origin}</Value>
        </li>
        <li>
          <span>{t('proof.checkpoint')}</span>
          <span>{t('proof.size', { n: proof.size })}</span>
          <span />
        </li>
        {proof.witnessed === undefined ? null : (
          <li>
            <span>{t('proof.witnessed')}</span>
            <span>
              {t('proof.kOfN', { k: proof.witnessed.k, n: proof.witnessed.n, needed: proof.witnessed.needed })}
            </span>
            <span />
          </li>
        )}
      </ol>
    </section>
  )
}

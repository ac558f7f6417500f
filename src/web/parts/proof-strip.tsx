// Where a record came from: from its statement over the leaf and the tree to the signed head and its witnesses, drawn, and
// checked here by the browser itself. Everything drawn is from what was checked, and nothing is drawn as holding that
// does not.
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { RecordDetail, RecordProof } from '#sharing/wire.ts'
import type { ProofVerdict } from '../proof/check.ts'
import { useGet } from '../load.ts'
import { hasKey, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { saveFile } from '../ui/save-file.ts'
import { Skeleton } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Name } from '../ui/value.tsx'
import { FaultText, Show } from './fault.tsx'
import { HEIGHT, ProofDrawing, WIDTH } from './proof-drawing.tsx'
import { ProofSteps } from './proof-steps.tsx'

type Version = RecordDetail['versions'][number]
type Checked = { readonly verdict: ProofVerdict; readonly atMs: number; readonly online: boolean }

export function ProofStrip({ version }: { readonly version: Version }): ReactNode {
  const query = new URLSearchParams({ added: version.addedAt })
  const proof = useGet<RecordProof>(`/records/${encodeURIComponent(version.id)}/proof?${query}`)
  const [checked, setChecked] = useState<Checked>()
  const check = useCallback(async (): Promise<void> => {
    if (proof.value === undefined) return
    const { checkProof } = await import('../proof/check.ts')
    setChecked({ verdict: checkProof(proof.value, version.object), atMs: Date.now(), online: navigator.onLine })
  }, [proof.value, version.object])
  useEffect(() => void check(), [check])
  return (
    <section className="proof" id="proof" aria-labelledby="h-proof">
      <header>
        <h2 id="h-proof">{t('proof.title')}</h2>
        {version.proof.disputed === undefined ? (
          <Verdict checked={checked} />
        ) : (
          <State kind="danger" since={t('proof.disputedWhy', { size: version.proof.disputed.size })}>
            {t('proof.disputed')}
          </State>
        )}
        {proof.value === undefined ? null : (
          <span className="end actions">
            <Button small onClick={() => void check()}>
              {t('proof.again')}
            </Button>
            <Button
              small
              icon="download"
              onClick={() =>
                saveFile(`${version.id}.proof.json`, JSON.stringify(proof.value, undefined, 2), 'application/json')
              }
            >
              {t('proof.file')}
            </Button>
          </span>
        )}
      </header>
      {proof.fault !== undefined && proof.value === undefined ? (
        <p className="dim">
          <FaultText fault={proof.fault} />
        </p>
      ) : (
        <Show of={proof} skeleton={<ProofSpace />}>
          {(value) => (
            <>
              <div className="scroll-x" tabIndex={0} role="region" aria-label={t('proof.path')}>
                <ProofDrawing proof={value} verdict={checked?.verdict} />
              </div>
              <ProofSteps proof={value} verdict={checked?.verdict} />
            </>
          )}
        </Show>
      )}
    </section>
  )
}

/** The place of the drawing, or of its steps on a phone, before it is there. */
export const ProofSpace = (): ReactNode => (
  <div className="proof-space">
    <svg className="draw" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" aria-hidden="true" />
    <Skeleton rows={5} />
  </div>
)

function Verdict({ checked }: { readonly checked: Checked | undefined }): ReactNode {
  if (checked === undefined) return <State kind="wait">{t('proof.checking')}</State>
  const { verdict, atMs, online } = checked
  const at = new Date(atMs).toISOString().slice(11, 19)
  const where = t(online ? 'proof.here' : 'proof.hereOffline', { time: at })
  if (verdict.broken !== undefined) {
    const key = `proof.broken.${verdict.broken}`
    return (
      <State kind="danger" since={hasKey(key) ? t(key) : where}>
        {t('proof.failed')}
      </State>
    )
  }
  const broken = verdict.witnesses.filter((each) => each.broken)
  if (broken.length > 0)
    return (
      <State kind="danger" since={<Name>{broken.map(({ member }) => member).join(', ')}</Name>}>
        {t('proof.witnessBroken')}
      </State>
    )
  return (
    <State kind={verdict.enough ? 'ok' : 'warning'} since={where}>
      {t(verdict.enough ? 'proof.proved' : 'proof.provedAlone')}
    </State>
  )
}

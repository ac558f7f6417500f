// Where there are no peers and no records yet: three ways on. They go when there is something of either; the example, as
// long as it is here, has a pane of its own.
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { ExampleView } from '#src/example/wire.ts'
import type { RecordView } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Pane } from '../ui/region.tsx'
import { useAct } from './act.ts'
import { exampleChanged } from './example.tsx'
import { FaultNotice } from './fault-notice.tsx'
import { useHome, usePeers, type Page } from './needs.ts'
import { useRight } from './session.ts'
import { Way } from './way.tsx'

const AcceptDialog = lazy(async () => ({ default: (await import('./pairing.tsx')).AcceptDialog }))

/** Whether this node knows nobody and nothing but the example; it is not asked for records where there are peers. */
export function useBeginning(): boolean {
  const peers = usePeers()
  const alone = peers.value?.items.length === 0
  const records = useGet<Page<RecordView>>(alone ? '/search?limit=1' : undefined)
  return alone && records.value?.items.every(({ exercise }) => exercise === true) === true
}

export function WaysOn(): ReactNode {
  const [mayAdminister, mayWrite] = [useRight('administer'), useRight('contribute')]
  const [joining, setJoining] = useState(false)
  const { busy, fault, run } = useAct()
  const look = (): void =>
    run(async () => {
      const { added, kept } = await send<ExampleView>('POST', '/example')
      exampleChanged()
      confirmDone(t('ways.loaded', { n: added + kept }))
    })
  const loaded = useHome().value?.example !== undefined
  const forAdministrators = mayAdminister ? undefined : t('ways.administrators')
  return (
    <Pane title={t('ways.title')} end={<span className="label">{t('ways.open')}</span>}>
      <div className="pane-body">
        <ul className="ways">
          <Way title={t('ways.join')} why={t('ways.joinWhy')}>
            <Button kind="primary" whyNot={forAdministrators} onClick={() => setJoining(true)}>
              {t('peers.accept')}
            </Button>
          </Way>
          <Way title={t('import.title')} why={t('ways.importWhy')}>
            <Button whyNot={mayWrite ? undefined : t('ways.contributors')} onClick={() => go(to.import())}>
              {t('ways.choose')}
            </Button>
          </Way>
          {loaded ? null : (
            <Way title={t('ways.look')} why={t('ways.lookWhy')}>
              <Button whyNot={forAdministrators} busy={busy} onClick={look}>
                {t('ways.load')}
              </Button>
            </Way>
          )}
        </ul>
        <FaultNotice fault={fault} />
      </div>
      {joining ? (
        <Suspense fallback={null}>
          <AcceptDialog onClose={() => setJoining(false)} />
        </Suspense>
      ) : null}
    </Pane>
  )
}

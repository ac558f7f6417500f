// How the node itself is: what it holds, what it takes, what waits.
import type { ReactNode } from 'react'
import type { NodeView } from '../../home/wire.ts'
import { useGet } from '../load.ts'
import { fullTime, number, t } from '../text/language.ts'
import { Block, Facts } from '../ui/region.tsx'
import { Value } from '../ui/value.tsx'
import { Show } from './fault.tsx'

const MEGA = 1_000_000

export function NodeTab(): ReactNode {
  const node = useGet<NodeView>('/node', { everyMs: 15_000 })
  const mega = (bytes: number): string => t('node.mega', { n: Math.round(bytes / MEGA) })
  return (
    <Show of={node} rows={8}>
      {({ version, since, records, statements, jobs, storeBytes, memoryBytes, cpuPercent }) => (
        <Block title={t('settings.node')}>
          <Facts
            wide
            facts={[
              [t('node.version'), <Value key="version">{version}</Value>],
              [t('node.since'), fullTime(since)],
              [t('node.records'), number(records)],
              [t('node.statements'), number(statements)],
              [t('node.jobs'), t('node.jobCount', jobs)],
              [t('node.store'), mega(storeBytes)],
              [t('node.memory'), mega(memoryBytes)],
              [t('node.cpu'), t('node.percent', { n: Math.round(cpuPercent) })],
            ]}
          />
          <p className="small faint">{t('node.metrics')}</p>
        </Block>
      )}
    </Show>
  )
}

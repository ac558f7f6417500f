// Work that waits or was given up, each with what went wrong and a way to try again.
import type { ReactNode } from 'react'
import type { JobView } from '#kernel/http/wire.ts'
import { send } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'
import { attempt } from './attempt.tsx'
import { Show } from './fault.tsx'
import type { Page } from './needs.ts'
import { useNow } from './now.ts'
import { useRight } from './session.ts'

const NoJobs = (): ReactNode => (
  <Empty icon="check" title={t('jobs.none')}>
    {t('jobs.noneWhy')}
  </Empty>
)

export function JobsTab(): ReactNode {
  const jobs = useGet<Page<JobView>>('/jobs')
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const columns: readonly Column<JobView>[] = [
    { key: 'kind', head: t('jobs.kind'), cell: ({ kind }) => <Value>{kind}</Value> },
    { key: 'key', head: t('jobs.about'), fill: true, cell: ({ key }) => <Name>{key}</Name> },
    {
      key: 'state',
      head: t('record.state'),
      cell: ({ state, attempts }) => (
        <State kind={state === 'failed' ? 'danger' : 'wait'} since={t('jobs.attempts', { n: attempts })}>
          {t(`jobs.${state}`)}
        </State>
      ),
    },
    {
      key: 'error',
      head: t('peer.lastError'),
      cell: ({ lastError = '' }) => <Foreign charsMax={120}>{lastError}</Foreign>,
      wideOnly: true,
    },
    {
      key: 'due',
      head: t('jobs.due'),
      number: true,
      cell: ({ due }) => <span className="dim">{when(due, nowMs)}</span>,
      wideOnly: true,
    },
    ...(mayAdminister
      ? [
          {
            key: 'do',
            verbs: true,
            head: <span className="sr">{t('people.change')}</span>,
            number: true,
            cell: ({ id, state }: JobView) =>
              state === 'failed' ? (
                <Button
                  small
                  onClick={() =>
                    attempt(async () => {
                      await send('POST', `/jobs/${id}/retry`)
                      changed('/jobs', '/home')
                      confirmDone(t('jobs.retried'))
                    })
                  }
                >
                  {t('again')}
                </Button>
              ) : null,
          },
        ]
      : []),
  ]
  return (
    <Show of={jobs} rows={4}>
      {({ items }) =>
        items.length === 0 ? (
          <NoJobs />
        ) : (
          <Table label={t('settings.jobs')} columns={columns} rows={items} rowKey={({ id }) => id} />
        )
      }
    </Show>
  )
}

// Work that waits or was given up, each with what went wrong and a way to try again.
import type { ReactNode } from 'react'
import type { JobView } from '#kernel/http/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { useAddressed } from '../router.tsx'
import { t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'
import { attempt } from './attempt.tsx'
import { List } from './list.tsx'
import { Narrow } from './narrow.tsx'
import { useNow } from './now.ts'
import { useRight } from './session.ts'
import { verbsColumn } from './verbs.tsx'

const STATES = ['waiting', 'failed'] as const

const NoJobs = (): ReactNode => (
  <Empty icon="check" title={t('jobs.none')}>
    {t('jobs.noneWhy')}
  </Empty>
)

export function JobsTab(): ReactNode {
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [state, setState] = useAddressed('state')
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
      ? [verbsColumn(({ id, state }: JobView) => (state === 'failed' ? <Retry id={id} /> : null))]
      : []),
  ]
  return (
    <List<JobView>
      path={`/jobs?limit=100${state === '' ? '' : `&state=${state}`}`}
      label={t('settings.jobs')}
      where={t('jobs.where')}
      columns={columns}
      rowKey={({ id }) => id}
      empty={<NoJobs />}
      filtered={state !== ''}
      filters={
        <Narrow
          label={t('record.state')}
          value={state}
          choices={STATES.map((each) => [each, t(`jobs.${each}`)])}
          onChoose={setState}
        />
      }
    />
  )
}

const Retry = ({ id }: { readonly id: number }): ReactNode => (
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
)

// Where this person is signed in, and an end to it.
import type { ReactNode } from 'react'
import type { SessionRow } from '#identity/wire.ts'
import { send } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { attempt } from '../parts/attempt.tsx'
import { Show } from '../parts/fault.tsx'
import type { Page } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { verbsColumn } from '../parts/verbs.tsx'
import { t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Value } from '../ui/value.tsx'
import { browserName } from './browser-name.ts'

export function Sessions(): ReactNode {
  const sessions = useGet<Page<SessionRow>>('/account/sessions')
  const nowMs = useNow()
  const columns: readonly Column<SessionRow>[] = [
    {
      key: 'agent',
      head: t('sessions.where'),
      fill: true,
      cell: ({ agent, address }) => (
        <>
          <Browser agent={agent} /> <Value>{address}</Value>
        </>
      ),
    },
    {
      key: 'seen',
      head: t('sessions.seen'),
      number: true,
      cell: ({ lastSeen }) => <span className="dim">{when(lastSeen, nowMs)}</span>,
    },
    verbsColumn(({ id, current }) =>
      current ? (
        <State kind="mine">{t('sessions.this')}</State>
      ) : (
        <Button
          small
          onClick={() =>
            attempt(async () => {
              await send('DELETE', `/account/sessions/${id}`)
              changed('/account/sessions')
            })
          }
        >
          {t('sessions.end')}
        </Button>
      ),
    ),
  ]
  return (
    <Block title={t('sessions.title')}>
      <Show of={sessions} rows={2}>
        {({ items }) => (
          <Table
            label={t('sessions.title')}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
            flush={false}
            dense
          />
        )}
      </Show>
    </Block>
  )
}

function Browser({ agent }: { readonly agent: string }): ReactNode {
  const named = browserName(agent)
  return named === undefined ? <Foreign charsMax={50}>{agent}</Foreign> : t('sessions.on', named)
}

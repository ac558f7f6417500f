// What went to a peer and what came from it, newest first; one leaf of it, or what lies before a day.
import { useState, type ReactNode } from 'react'
import type { GivenPage, PeerView, TakenPage } from '#federation/wire.ts'
import { hasKey, number, t, when } from '../text/language.ts'
import { Pane } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Value } from '../ui/value.tsx'
import { List } from './list.tsx'

type Given = GivenPage['items'][number]
type Taken = TakenPage['items'][number]

const givenColumns = (nowMs: number): readonly Column<Given>[] => [
  { key: 'at', head: t('given.at'), cell: ({ at }) => <span className="dim nowrap">{when(at, nowMs)}</span> },
  {
    key: 'what',
    head: t('given.what'),
    fill: true,
    cell: ({ reason, indexes }) => (
      <>
        {t(`given.${reason as 'new'}`, { n: indexes.length })}
        {indexes.length === 1 ? (
          <span className="small faint"> {t('proof.leafNo', { n: indexes[0] ?? 0 })}</span>
        ) : null}
      </>
    ),
  },
  { key: 'rule', head: t('who.rule'), cell: ({ rules }) => <Value>{rules.join(', ')}</Value> },
  {
    key: 'state',
    head: t('record.state'),
    cell: ({ confirmed }) =>
      confirmed ? <State kind="ok">{t('who.has')}</State> : <State kind="wait">{t('who.sent')}</State>,
  },
]
const takenColumns = (nowMs: number): readonly Column<Taken>[] => [
  {
    key: 'at',
    head: t('taken.at'),
    cell: ({ received }) => <span className="dim nowrap">{when(received, nowMs)}</span>,
  },
  { key: 'kind', head: t('taken.kind'), fill: true, cell: ({ kind }) => <StatementKind kind={kind} /> },
  { key: 'records', head: t('left.records'), number: true, cell: ({ records }) => number(records) },
  { key: 'leaf', head: t('version.leaf'), number: true, cell: ({ index }) => <Value>{number(index)}</Value> },
]

/** What a statement does, in words where there are some. */
function StatementKind({ kind }: { readonly kind: string }): ReactNode {
  const key = `statement.${kind}`
  return hasKey(key) ? t(key) : <Value>{kind}</Value>
}

export function Exchange({ peer, nowMs }: { readonly peer: PeerView; readonly nowMs: number }): ReactNode {
  const path = `/peers/${encodeURIComponent(peer.member)}`
  return (
    <>
      <Way<Given>
        title={t('given.title')}
        none={t('given.none')}
        path={`${path}/given`}
        columns={givenColumns(nowMs)}
        rowKey={({ seq }) => seq}
      />
      <Way<Taken>
        title={t('taken.title')}
        none={t('taken.none')}
        path={`${path}/taken`}
        columns={takenColumns(nowMs)}
        rowKey={({ index }) => index}
      />
    </>
  )
}

const DAY_MS = 24 * 3600_000

/** One way of the exchange. Its lines hold no words: they are found by the leaf of a record, or by a day. */
function Way<T>({
  title,
  none,
  path,
  columns,
  rowKey,
}: {
  readonly title: string
  readonly none: string
  readonly path: string
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T) => number
}): ReactNode {
  const [leaf, setLeaf] = useState('')
  const [day, setDay] = useState('')
  const dayMs = Date.parse(day)
  const query = new URLSearchParams({
    limit: '20',
    ...(/^[0-9]{1,15}$/.test(leaf) ? { leaf } : {}),
    ...(Number.isNaN(dayMs) ? {} : { until: new Date(dayMs + DAY_MS).toISOString() }),
  })
  return (
    <Pane title={title}>
      <List<T>
        path={`${path}?${query}`}
        label={title}
        columns={columns}
        rowKey={rowKey}
        empty={<p className="pane-body dim">{none}</p>}
        filtered={query.size > 1}
        filters={
          <>
            <label className="facet">
              <span className="label">{t('exchange.leaf')}</span>
              <input
                className="input"
                inputMode="numeric"
                maxLength={15}
                value={leaf}
                onChange={(event) => setLeaf(event.target.value.trim())}
              />
            </label>
            <label className="facet">
              <span className="label">{t('exchange.day')}</span>
              <input className="input" type="date" value={day} onChange={(event) => setDay(event.target.value)} />
            </label>
          </>
        }
        rows={4}
        dense
      />
    </Pane>
  )
}

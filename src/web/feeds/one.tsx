// One feed: how it is, what went wrong and what to do, what the last run did, what was refused.
import { useState, type ReactNode } from 'react'
import type { FeedRefusalView, FeedView } from '#sharing/feeds/wire.ts'
import { send } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { attempt } from '../parts/attempt.tsx'
import { ConfirmButton } from '../parts/confirm.tsx'
import { Show } from '../parts/fault.tsx'
import { Tlp } from '../parts/marking.tsx'
import { List } from '../parts/list.tsx'
import { useNow } from '../parts/now.ts'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Block, Facts } from '../ui/region.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name, Observable, Value } from '../ui/value.tsx'
import { BackToFeeds } from './back.tsx'
import { ChangeFeed } from './change.tsx'
import { FeedStateMark } from './state.tsx'

const RUNNING_EVERY_MS = 3000
const QUIET_EVERY_MS = 30_000

export function OneFeed({ name }: { readonly name: string }): ReactNode {
  const path = `/feeds/${encodeURIComponent(name)}`
  const known = useGet<FeedView>(path)
  // While it is read, its numbers are looked at often.
  useGet<FeedView>(path, { everyMs: known.value?.state === 'running' ? RUNNING_EVERY_MS : QUIET_EVERY_MS })
  return (
    <>
      <BackToFeeds />
      <Show of={known} rows={6}>
        {(feed) => (
          <div className="cols">
            <div>
              <Head feed={feed} />
              <Refusals path={path} />
            </div>
            <div>
              <About feed={feed} />
            </div>
          </div>
        )}
      </Show>
    </>
  )
}

function Head({ feed }: { readonly feed: FeedView }): ReactNode {
  const { name, error, added, known, refused, failures } = feed
  const mayAdminister = useRight('administer')
  return (
    <Block title={<Value>{name}</Value>} end={<FeedStateMark feed={feed} />}>
      <div className="form">
        {error === undefined ? null : (
          <Notice kind="danger">
            <p>
              <Foreign charsMax={400}>{error.message}</Foreign>
            </p>
            {error.remedy === undefined ? null : <p>{error.remedy}</p>}
            <p className="dim">{t('feeds.failures', { n: failures })}</p>
          </Notice>
        )}
        <p>
          <Text k="feeds.lastRun" added={number(added)} known={number(known)} refused={number(refused)} />
        </p>
        {mayAdminister ? <Verbs feed={feed} /> : null}
      </div>
    </Block>
  )
}

function Verbs({ feed }: { readonly feed: FeedView }): ReactNode {
  const { name, state } = feed
  const [changing, setChanging] = useState(false)
  const path = `/feeds/${encodeURIComponent(name)}`
  const paused = state === 'paused'
  const act = (work: () => Promise<unknown>, done: string): void =>
    attempt(async () => {
      await work()
      changed('/feeds', '/home', '/jobs')
      confirmDone(done)
    })
  return (
    <div className="actions">
      {paused ? null : (
        <Button kind="primary" onClick={() => act(() => send('POST', `${path}/run`), t('feeds.willRun'))}>
          {t('feeds.run')}
        </Button>
      )}
      <Button
        onClick={() =>
          act(() => send('PATCH', path, { paused: !paused }), t(paused ? 'feeds.resumed' : 'feeds.pausedNow'))
        }
      >
        {t(paused ? 'feeds.resume' : 'feeds.pause')}
      </Button>
      <Button onClick={() => setChanging(true)}>{t('people.change')}</Button>
      {changing ? <ChangeFeed feed={feed} onClose={() => setChanging(false)} /> : null}
      <ConfirmButton
        verb={t('feeds.remove')}
        title={<Text k="feeds.removeTitle" name={name} />}
        why={t('feeds.removeWhy')}
        act={async () => {
          await send('DELETE', path)
          changed('/feeds?', '/home')
          confirmDone(t('feeds.removed'))
          go(to.settings('feeds'))
        }}
      />
    </div>
  )
}

function About({ feed }: { readonly feed: FeedView }): ReactNode {
  const { kind, url, from, column, revokeAfterDays, collection, marking, licence, everyMinutes, credentials, total } =
    feed
  const nowMs = useNow()
  return (
    <Block title={t('feeds.about')}>
      <Facts
        facts={[
          [t('record.type'), t(`feeds.kind.${kind}`)],
          [
            t('feeds.address'),
            <Observable key="url" wrap>
              {url}
            </Observable>,
          ],
          from === undefined
            ? undefined
            : [
                t('feeds.from'),
                <Value key="from" wrap>
                  {from}
                </Value>,
              ],
          column === undefined ? undefined : [t('feeds.column'), <Name key="column">{column}</Name>],
          kind !== 'list'
            ? undefined
            : [
                t('feeds.vanished'),
                revokeAfterDays === undefined ? t('feeds.left') : t('feeds.revoked', { n: revokeAfterDays }),
              ],
          [t('feeds.into'), <Name key="into">{collection}</Name>],
          [t('feeds.least'), <Tlp key="tlp" tlp={marking.tlp} />],
          [
            t('feeds.licence'),
            <Foreign key="licence" charsMax={500}>
              {licence}
            </Foreign>,
          ],
          [t('feeds.credentials'), t(`feeds.credentials.${credentials}`)],
          [t('feeds.every'), t('feeds.minutes', { n: everyMinutes })],
          [t('feeds.next'), feed.next === undefined ? t('none') : when(feed.next, nowMs)],
          [t('feeds.total'), number(total)],
        ]}
      />
    </Block>
  )
}

const columns = (): readonly Column<FeedRefusalView>[] => [
  { key: 'what', head: t('feeds.what'), cell: ({ what }) => <Value wrap>{what}</Value> },
  {
    key: 'reason',
    head: t('feeds.reason'),
    fill: true,
    cell: ({ reason }) => <Foreign charsMax={300}>{reason}</Foreign>,
  },
]

const Refusals = ({ path }: { readonly path: string }): ReactNode => (
  <Block title={t('feeds.refusals')}>
    <List<FeedRefusalView>
      path={`${path}/refusals?limit=50`}
      label={t('feeds.refusals')}
      where={t('feeds.refusalsWhere')}
      columns={columns()}
      rowKey={({ what }) => what}
      empty={<p className="dim">{t('feeds.noRefusals')}</p>}
      rows={3}
      dense
      flush={false}
    />
  </Block>
)

// Feeds: sources that the node reads by itself, how each is, and one of them opened.
import type { ReactNode } from 'react'
import type { FeedView } from '#sharing/feeds/wire.ts'
import { List } from '../parts/list.tsx'
import { Tlp } from '../parts/marking.tsx'
import { useNow } from '../parts/now.ts'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/quiet.tsx'
import type { Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { AddFeed } from './add.tsx'
import { OneFeed } from './one.tsx'
import { FeedStateMark } from './state.tsx'

const NoFeeds = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="download" title={t('feeds.none')} action={action}>
    {t('feeds.noneWhy')}
  </Empty>
)

export function FeedsTab(): ReactNode {
  const { search } = useAddress()
  const mayAdminister = useRight('administer')
  const opened = search.get('feed')
  if (opened !== null) return <OneFeed name={opened} />
  return search.has('new') && mayAdminister ? <AddFeed /> : <FeedList />
}

function FeedList(): ReactNode {
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const add = mayAdminister ? (
    <Button kind="primary" icon="plus" onClick={() => go(to.newFeed())}>
      {t('feeds.add')}
    </Button>
  ) : undefined
  const columns: readonly Column<FeedView>[] = [
    {
      key: 'name',
      head: t('record.name'),
      fill: true,
      cell: ({ name, kind }) => (
        <>
          <Link to={to.feed(name)}>
            <Value>{name}</Value>
          </Link>{' '}
          <span className="dim nowrap">{t(`feeds.kind.${kind}`)}</span>
        </>
      ),
    },
    {
      key: 'into',
      head: t('feeds.into'),
      cell: ({ collection }) => (
        <span className="nowrap">
          <Name charsMax={40}>{collection}</Name>
        </span>
      ),
      wideOnly: true,
    },
    { key: 'tlp', head: t('feeds.least'), cell: ({ marking }) => <Tlp tlp={marking.tlp} /> },
    { key: 'state', head: t('record.state'), cell: (feed) => <FeedStateMark feed={feed} /> },
    { key: 'total', head: t('feeds.total'), number: true, wideOnly: true, cell: ({ total }) => number(total) },
    {
      key: 'next',
      head: t('feeds.next'),
      number: true,
      wideOnly: true,
      cell: ({ next }) => <span className="dim">{next === undefined ? t('none') : when(next, nowMs)}</span>,
    },
  ]
  return (
    <List<FeedView>
      path="/feeds?limit=100"
      label={t('settings.feeds')}
      where={t('feeds.where')}
      columns={columns}
      rowKey={({ name }) => name}
      empty={<NoFeeds action={add} />}
      actions={add}
    />
  )
}

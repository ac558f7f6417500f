// Feeds: sources that the node reads by itself, how each is, and one of them opened.
import { useState, type ReactNode } from 'react'
import type { FeedView } from '#sharing/feeds/wire.ts'
import { usePages } from '../load.ts'
import { Show } from '../parts/fault.tsx'
import { Tlp } from '../parts/marking.tsx'
import { MoreRows } from '../parts/more-rows.tsx'
import { useNow } from '../parts/now.ts'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { Empty } from '../ui/quiet.tsx'
import { Table, type Column } from '../ui/table.tsx'
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
  const [words, setWords] = useState('')
  const [asked, setAsked] = useState('')
  const feeds = usePages<FeedView>(`/feeds?limit=100${asked === '' ? '' : `&q=${encodeURIComponent(asked)}`}`)
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
    <>
      <form
        className="toolbar"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(words.trim())
        }}
      >
        <Input
          label={t('feeds.search')}
          type="search"
          maxLength={200}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button type="submit">{t('feeds.find')}</Button>
        {add}
      </form>
      <Show of={feeds} rows={6}>
        {(items) =>
          items.length > 0 ? (
            <>
              <Table label={t('settings.feeds')} columns={columns} rows={items} rowKey={({ name }) => name} />
              <MoreRows of={feeds} />
            </>
          ) : asked === '' ? (
            <NoFeeds action={add} />
          ) : (
            <p className="pane-body dim">{t('feeds.noneFound')}</p>
          )
        }
      </Show>
    </>
  )
}

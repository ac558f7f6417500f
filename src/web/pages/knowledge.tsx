// Knowledge: everything, newest first, or what words, an address, a domain, a hash, a CVE id find in it. Pages follow
// while somebody scrolls; what has left the screen is not painted.
import { useEffect, useRef, type ReactNode } from 'react'
import type { FacetsView, RecordView } from '#sharing/wire.ts'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { Tlp } from '../parts/marking.tsx'
import { useMemberNames } from '../parts/names.ts'
import { useNow } from '../parts/now.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import { SearchBar } from '../parts/search-bar.tsx'
import { useRight } from '../parts/session.ts'
import { useGet, usePages, type Paged } from '../load.ts'
import { to, type SearchAddress } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty, Skeleton } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name } from '../ui/value.tsx'

const NothingFound = ({ asked }: { readonly asked: SearchAddress }): ReactNode =>
  isAsked(asked) ? (
    <Empty
      icon="search"
      title={t('knowledge.none')}
      action={<Button onClick={() => go(to.knowledge())}>{t('knowledge.clear')}</Button>}
    >
      {t('knowledge.noneWhy')}
    </Empty>
  ) : (
    <Empty icon="knowledge" title={t('knowledge.begin')}>
      {t('knowledge.beginWhy')}
    </Empty>
  )

const NAMES = ['q', 'type', 'collection', 'tlp', 'author'] as const

const isAsked = (asked: SearchAddress): boolean => Object.keys(asked).length > 0

const pathOf = (base: string, asked: SearchAddress, more: Readonly<Record<string, string>> = {}): string =>
  `${base}?${new URLSearchParams({ ...asked, ...more })}`

const columns = (nowMs: number, names: (member: string) => string): readonly Column<RecordView>[] => [
  {
    key: 'name',
    head: t('record.name'),
    fill: true,
    cell: (record) => (
      <Link className="cell" to={to.record(record.id)}>
        <Foreign charsMax={90}>{recordTitle(record)}</Foreign>
      </Link>
    ),
  },
  {
    key: 'type',
    head: t('record.type'),
    cell: ({ type }) => <span className="badge">{typeName(type)}</span>,
    wideOnly: true,
  },
  { key: 'tlp', head: 'TLP', cell: ({ tlp, exercise }) => <Tlp tlp={tlp} exercise={exercise} /> },
  {
    key: 'author',
    head: t('record.author'),
    cell: ({ author }) => (
      <span className="nowrap">
        <Name charsMax={40}>{names(author)}</Name>
      </span>
    ),
    wideOnly: true,
  },
  {
    key: 'added',
    head: t('record.added'),
    number: true,
    cell: ({ addedAt }) => <span className="dim">{when(addedAt, nowMs)}</span>,
  },
]

export function KnowledgePage(): ReactNode {
  const { search } = useAddress()
  const asked = pick(search)
  const results = usePages<RecordView>(pathOf('/search', asked, { limit: '50' }))
  const facets = useGet<FacetsView>(pathOf('/search/facets', asked))
  const mayWrite = useRight('contribute')
  useHead(asked.q === undefined ? t('nav.knowledge') : t('knowledge.title', { q: asked.q }), [
    { text: t('nav.knowledge') },
  ])
  return (
    <>
      <PageHead
        title={t('nav.knowledge')}
        lead={t('knowledge.lead')}
        actions={
          <>
            <Button onClick={() => go(to.graph())}>{t('graph.title')}</Button>
            <Button onClick={() => go(to.attack())}>{t('attack.open')}</Button>
            {mayWrite ? (
              <>
                <Button icon="upload" onClick={() => go(to.import())}>
                  {t('import.title')}
                </Button>
                <Button icon="plus" shortcut="C" onClick={() => go(to.write())}>
                  {t('write.title')}
                </Button>
              </>
            ) : null}
          </>
        }
      />
      <SearchBar asked={asked} facets={facets.value} />
      {isAsked(asked) || facets.value === undefined ? null : <Kinds facets={facets.value} />}
      <Results results={results} asked={asked} facets={facets.value} />
    </>
  )
}

/** What the address asks for; a name without a value asks for nothing. */
function pick(search: URLSearchParams): SearchAddress {
  return Object.fromEntries(NAMES.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : [])))
}

/** The kinds there are, for somebody who has asked for nothing yet. */
const Kinds = ({ facets }: { readonly facets: FacetsView }): ReactNode => (
  <nav className="kinds" aria-label={t('knowledge.kinds')}>
    {facets.type.slice(0, 12).map(({ value, count }) => (
      <Link key={value} className="link" to={to.knowledge({ type: value })}>
        {typeName(value)} <span className="faint">{number(count)}</span>
      </Link>
    ))}
  </nav>
)

function Results({
  results,
  asked,
  facets,
}: {
  readonly results: Paged<RecordView>
  readonly asked: SearchAddress
  readonly facets: FacetsView | undefined
}): ReactNode {
  const nowMs = useNow()
  const names = useMemberNames()
  return (
    <Show of={results} rows={12}>
      {(items) =>
        items.length === 0 && results.more === undefined ? (
          <NothingFound asked={asked} />
        ) : (
          <>
            <p className="counted label" role="status">
              {facets === undefined
                ? t('loading')
                : t(facets.whole ? 'knowledge.count' : 'knowledge.countMore', { n: facets.count })}
            </p>
            <Table
              label={t('knowledge.results')}
              columns={columns(nowMs, names)}
              rows={items}
              rowKey={(record) => `${record.id} ${record.version ?? record.addedAt} ${record.collection}`}
            />
            <More of={results} shown={items.length} />
          </>
        )
      }
    </Show>
  )
}

/** The end of a list: the next page is fetched shortly before somebody comes there, and a button does the same. */
function More({ of, shown }: { readonly of: Paged<RecordView>; readonly shown: number }): ReactNode {
  const end = useRef<HTMLDivElement>(null)
  const { more, busy } = of
  useEffect(() => {
    if (end.current === null || more === undefined) return undefined
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && more(), {
      rootMargin: '400px',
    })
    watcher.observe(end.current)
    return () => watcher.disconnect()
  }, [more])
  return (
    <div ref={end} className="more">
      {more === undefined ? (
        <span className="label">{t('knowledge.end', { n: shown })}</span>
      ) : busy ? (
        <Skeleton rows={2} />
      ) : (
        <Button small onClick={more}>
          {t('more')}
        </Button>
      )}
    </div>
  )
}

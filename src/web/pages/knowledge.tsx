// Knowledge: search over everything, by words or exactly by an address, a domain, a hash, a CVE id. Pages of results follow
// while somebody scrolls; what has left the screen is not painted.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { CollectionView, FacetsView, RecordView } from '#sharing/wire.ts'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { Tlp } from '../parts/marking.tsx'
import { useMemberNames } from '../parts/names.ts'
import type { Page } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { COMMON_TYPES, recordTitle, typeName } from '../parts/record.ts'
import { SavedSearches } from '../parts/saved-searches.tsx'
import { useRight } from '../parts/session.ts'
import { useGet, usePages, type Paged } from '../load.ts'
import { to, type SearchAddress } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty, Skeleton } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name } from '../ui/value.tsx'

const NothingFound = ({ search }: { readonly search: SearchAddress }): ReactNode => (
  <Empty
    icon="search"
    title={t('knowledge.none')}
    action={
      search.type === undefined && search.collection === undefined ? undefined : (
        <Button onClick={() => go(to.knowledge(search.q === undefined ? {} : { q: search.q }))}>
          {t('knowledge.clear')}
        </Button>
      )
    }
  >
    {t('knowledge.noneWhy')}
  </Empty>
)

const pathOf = ({ q = '', type, collection }: SearchAddress): string | undefined =>
  q.trim() === ''
    ? undefined
    : `/search?${new URLSearchParams({
        q,
        limit: '50',
        ...(type === undefined ? {} : { type }),
        ...(collection === undefined ? {} : { collection }),
      })}`

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
  { key: 'tlp', head: 'TLP', cell: ({ tlp }) => <Tlp tlp={tlp} /> },
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
  const asked: SearchAddress = pick(search)
  const path = pathOf(asked)
  const results = usePages<RecordView>(path)
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
          mayWrite ? (
            <Button icon="plus" shortcut="C" onClick={() => go(to.write())}>
              {t('write.title')}
            </Button>
          ) : undefined
        }
      />
      <SearchBar asked={asked} />
      {path === undefined ? <Begin /> : <Results results={results} asked={asked} />}
    </>
  )
}

function pick(search: URLSearchParams): SearchAddress {
  const value = (name: string): string | undefined => search.get(name) ?? undefined
  const [q, type, collection] = [value('q'), value('type'), value('collection')]
  return {
    ...(q === undefined ? {} : { q }),
    ...(type === undefined ? {} : { type }),
    ...(collection === undefined ? {} : { collection }),
  }
}

function SearchBar({ asked }: { readonly asked: SearchAddress }): ReactNode {
  const [words, setWords] = useState(asked.q ?? '')
  const field = useRef<HTMLInputElement>(null)
  const collections = useGet<Page<CollectionView>>('/collections')
  useEffect(() => setWords(asked.q ?? ''), [asked.q])
  useEffect(() => field.current?.focus(), [])
  const path = pathOf(asked)
  const facets = useGet<FacetsView>(path?.replace('/search?', '/search/facets?').replace('&limit=50', ''))
  const counted = (values: FacetsView['type'] | undefined, value: string, name: string): string => {
    const count = values?.find((each) => each.value === value)?.count
    return count === undefined ? name : `${name} (${number(count)})`
  }
  const ask = (change: SearchAddress): void => go(to.knowledge({ ...asked, q: words, ...change }))
  return (
    <search className="search">
      <form
        className="search-line"
        onSubmit={(event) => {
          event.preventDefault()
          ask({})
        }}
      >
        <Icon name="search" />
        <input
          ref={field}
          className="input"
          type="search"
          aria-label={t('knowledge.search')}
          placeholder={t('knowledge.hint')}
          value={words}
          maxLength={500}
          spellCheck={false}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button kind="primary" type="submit">
          {t('knowledge.search')}
        </Button>
      </form>
      <div className="facets">
        <Facet
          label={t('record.type')}
          value={asked.type ?? ''}
          choices={COMMON_TYPES.map((type) => [type, counted(facets.value?.type, type, typeName(type))])}
          onChoose={(type) => ask({ type })}
        />
        <Facet
          label={t('record.collection')}
          value={asked.collection ?? ''}
          choices={(collections.value?.items ?? []).map(({ alias, uuid, title }) => [alias ?? uuid, title])}
          onChoose={(collection) => ask({ collection })}
        />
        <SavedSearches asked={asked} />
      </div>
    </search>
  )
}

function Facet({
  label,
  value,
  choices,
  onChoose,
}: {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [string, string])[]
  readonly onChoose: (value: string) => void
}): ReactNode {
  return (
    <label className="facet">
      <span className="label">{label}</span>
      <span className="select">
        <select className="input" value={value} onChange={(event) => onChoose(event.target.value)}>
          <option value="">{t('any')}</option>
          {choices.map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </label>
  )
}

const Begin = (): ReactNode => (
  <div className="cols cols--even">
    <Empty icon="knowledge" title={t('knowledge.begin')}>
      {t('knowledge.beginWhy')}
    </Empty>
    <div>
      <ul className="ways">
        {COMMON_TYPES.slice(0, 8).map((type) => (
          <li key={type}>
            <Link className="link" to={to.knowledge({ q: '*', type })}>
              {typeName(type)}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  </div>
)

function Results({
  results,
  asked,
}: {
  readonly results: Paged<RecordView>
  readonly asked: SearchAddress
}): ReactNode {
  const nowMs = useNow()
  const names = useMemberNames()
  return (
    <Show of={results} rows={12}>
      {(all) => {
        // Earlier versions stand on the page of their record.
        const items = all.filter(({ latest }) => latest)
        return items.length === 0 && results.more === undefined ? (
          <NothingFound search={asked} />
        ) : (
          <>
            <Table
              label={t('knowledge.results')}
              columns={columns(nowMs, names)}
              rows={items}
              rowKey={(record) => `${record.id} ${record.version ?? record.addedAt}`}
            />
            <More of={results} shown={items.length} />
          </>
        )
      }}
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

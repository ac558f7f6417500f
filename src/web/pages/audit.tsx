// Who did what, and what left: newest first, narrowed by a word, taken along as a table.
import { useMemo, useState, type ReactNode } from 'react'
import { Actor, Deed } from '../parts/deed.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import type { AnswerView, DeedView } from '#kernel/http/wire.ts'
import { LeftToday, usePrincipalName } from '../parts/left-today.tsx'
import { MoreRows } from '../parts/more-rows.tsx'
import { useRight } from '../parts/session.ts'
import { usePages, type Paged } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, shortTime, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { toCsv } from '../ui/csv.ts'
import { Empty } from '../ui/quiet.tsx'
import { PageHead, Pane } from '../ui/region.tsx'
import { saveFile } from '../ui/save-file.ts'
import { Table, type Column } from '../ui/table.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { Name, Value } from '../ui/value.tsx'

const Nothing = (): ReactNode => (
  <Empty icon="audit" title={t('audit.none')}>
    {t('audit.noneWhy')}
  </Empty>
)

const deedColumns: () => readonly Column<DeedView>[] = () => [
  { key: 'at', head: t('audit.when'), cell: ({ at }) => <Value>{shortTime(at)}</Value> },
  { key: 'what', head: t('audit.what'), fill: true, cell: (deed) => <Deed deed={deed} /> },
  { key: 'actor', head: t('audit.who'), cell: ({ actor }) => <Actor actor={actor} />, wideOnly: true, tight: true },
  { key: 'action', head: t('audit.word'), cell: ({ action }) => <Value>{action}</Value>, wideOnly: true },
]

const answerColumns = (names: (member: string) => string): readonly Column<AnswerView>[] => [
  { key: 'at', head: t('audit.when'), cell: ({ at }) => <Value>{shortTime(at)}</Value> },
  { key: 'who', head: t('left.to'), fill: true, cell: ({ principal }) => <Name>{names(principal)}</Name> },
  { key: 'route', head: t('left.way'), cell: ({ route }) => <Value>{route}</Value>, wideOnly: true },
  { key: 'count', head: t('left.records'), number: true, cell: ({ count }) => number(count) },
  {
    key: 'digest',
    head: t('audit.digest'),
    number: true,
    cell: ({ digest }) => <Value>{`${digest.slice(0, 8)}…`}</Value>,
    wideOnly: true,
  },
]

export function AuditPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const left = params['tab'] === 'left'
  const mayAudit = useRight('audit')
  useHead(t('nav.audit'), [{ text: t('nav.audit'), to: to.audit() }, ...(left ? [{ text: t('left.title') }] : [])])
  return (
    <>
      <PageHead title={t('nav.audit')} lead={t('audit.lead')} />
      <Tabs label={t('nav.audit')}>
        <Link to={to.audit()} aria-current={left ? undefined : 'page'}>
          {t('audit.deeds')}
        </Link>
        <Link to={to.left()} aria-current={left ? 'page' : undefined}>
          {t('left.title')}
        </Link>
      </Tabs>
      {!mayAudit ? (
        <Empty icon="lock" title={t('audit.closed')}>
          {t('audit.closedWhy')}
        </Empty>
      ) : left ? (
        <Left />
      ) : (
        <Deeds />
      )}
    </>
  )
}

function Deeds(): ReactNode {
  const pages = usePages<DeedView>('/audit?limit=100')
  return (
    <Listing
      of={pages}
      label={t('audit.deeds')}
      columns={deedColumns()}
      words={(deed) => `${deed.actor} ${deed.action} ${deed.subject}`}
      row={(deed) => [deed.at, deed.actor, deed.action, deed.subject, JSON.stringify(deed.detail)]}
    />
  )
}

function Left(): ReactNode {
  const names = usePrincipalName()
  const pages = usePages<AnswerView>('/answers?limit=100')
  return (
    <>
      <LeftToday all />
      <Pane title={t('left.answers')} note={t('left.answersNote')}>
        <Listing
          of={pages}
          label={t('left.answers')}
          columns={answerColumns(names)}
          words={(answer) => `${answer.principal} ${answer.route}`}
          row={(answer) => [answer.at, answer.principal, answer.route, String(answer.count), answer.digest]}
        />
      </Pane>
    </>
  )
}

type ListingProps<T> = {
  readonly of: Paged<T>
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly words: (row: T) => string
  readonly row: (row: T) => readonly string[]
}

function Listing<T>({ of, label, columns, words, row }: ListingProps<T>): ReactNode {
  const [filter, setFilter] = useState('')
  const shown = useMemo(
    () => (of.value ?? []).filter((each) => words(each).toLowerCase().includes(filter.trim().toLowerCase())),
    [of.value, filter, words],
  )
  return (
    <>
      <div className="search facets">
        <input
          className="input filter"
          type="search"
          aria-label={t('audit.filter')}
          placeholder={t('audit.filter')}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Button small icon="download" onClick={() => saveFile('comity-audit.csv', toCsv(shown.map(row)), 'text/csv')}>
          {t('audit.export')}
        </Button>
      </div>
      <Show of={of} rows={12}>
        {() =>
          shown.length === 0 ? (
            <Nothing />
          ) : (
            <>
              <Table label={label} columns={columns} rows={shown} rowKey={(each) => shown.indexOf(each)} dense />
              <MoreRows of={of} />
            </>
          )
        }
      </Show>
    </>
  )
}

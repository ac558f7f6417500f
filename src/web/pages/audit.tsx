// Who did what, and what left: newest first, searched by a part of a word, taken along as a table.
import type { ReactNode } from 'react'
import { Actor, Deed } from '../parts/deed.tsx'
import { useHead } from '../parts/head.ts'
import type { AnswerView, DeedView } from '#kernel/http/wire.ts'
import { LeftToday, usePrincipalName } from '../parts/left-today.tsx'
import { List } from '../parts/list.tsx'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, shortTime, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { toCsv } from '../ui/csv.ts'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/quiet.tsx'
import { PageHead, Pane } from '../ui/region.tsx'
import { saveFile } from '../ui/save-file.ts'
import type { Column } from '../ui/table.tsx'
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

const Deeds = (): ReactNode => (
  <List<DeedView>
    path="/audit?limit=100"
    label={t('audit.deeds')}
    where={t('audit.where')}
    columns={deedColumns()}
    rowKey={({ id }) => id}
    empty={<Nothing />}
    actions={(asked) => (
      <a
        className="btn btn--sm"
        href={`/api/audit.csv${asked === '' ? '' : `?q=${encodeURIComponent(asked)}`}`}
        download
      >
        <Icon name="download" size={14} />
        {t('audit.exportAll')}
      </a>
    )}
    rows={12}
    dense
  />
)

function Left(): ReactNode {
  const names = usePrincipalName()
  return (
    <>
      <LeftToday all />
      <Pane title={t('left.answers')} note={t('left.answersNote')}>
        <List<AnswerView>
          path="/answers?limit=100"
          label={t('left.answers')}
          where={t('left.where')}
          columns={answerColumns(names)}
          rowKey={({ id }) => id}
          empty={<Nothing />}
          actions={(_, shown) => (
            <Button
              small
              icon="download"
              onClick={() => saveFile('comity-answers.csv', toCsv(shown.map(line)), 'text/csv')}
            >
              {t('audit.export')}
            </Button>
          )}
          rows={12}
          dense
        />
      </Pane>
    </>
  )
}

const line = ({ at, principal, route, count, digest }: AnswerView): readonly string[] => [
  at,
  principal,
  route,
  String(count),
  digest,
]

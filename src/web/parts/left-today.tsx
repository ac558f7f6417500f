// What left this node in the last day: for whom, by which way, under which rules.
import { useCallback, type ReactNode } from 'react'
import type { LeftView } from '#src/home/wire.ts'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Pane } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { Show } from './fault.tsx'
import { useMemberNames } from './names.ts'
import { useRight } from './session.ts'

type Row = LeftView['items'][number]

const SHOWN = 8

/** `member:north.example`, `self/machine`, `public`. */
export function usePrincipalName(): (principal: string) => string {
  const names = useMemberNames()
  return useCallback(
    (principal) => {
      if (principal.startsWith('member:')) return names(principal.slice('member:'.length))
      if (principal === 'public') return t('left.public')
      if (!principal.startsWith('self')) return principal
      return t(principal.endsWith('machine') ? 'left.ownMachine' : 'left.ownPeople')
    },
    [names],
  )
}

/** `all` of it, or what a glance holds, with a way to the rest. */
export function LeftToday({ all }: { readonly all?: boolean }): ReactNode {
  const mayAudit = useRight('audit')
  const left = useGet<LeftView>('/left?hours=24', { everyMs: 60_000 })
  const nameOf = usePrincipalName()
  const columns: readonly Column<Row>[] = [
    { key: 'to', head: t('left.to'), fill: true, cell: (row) => <Name charsMax={40}>{nameOf(row.to)}</Name> },
    {
      key: 'rule',
      head: t('left.rule'),
      cell: ({ rules, way }) => <Value>{rules.length === 0 ? way : rules.join(', ')}</Value>,
      wideOnly: true,
    },
    { key: 'count', head: t('left.count'), number: true, cell: ({ count }) => number(count) },
  ]
  return (
    <Pane
      title={t('left.title')}
      note={t('left.when')}
      end={
        mayAudit && all !== true ? (
          <Link className="link" to={to.left()}>
            {t('left.all')}
          </Link>
        ) : undefined
      }
    >
      <Show of={left} rows={4}>
        {({ items }) => {
          const rows = items.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)
          const given = rows.filter(({ way }) => way === 'delivery')
          return (
            <>
              <div className="pane-body">
                <p>
                  {rows.length === 0 ? (
                    t('left.none')
                  ) : (
                    <Text
                      k="left.sum"
                      n={given.reduce((sum, { count }) => sum + count, 0)}
                      members={new Set(rows.map((row) => row.to)).size}
                    />
                  )}
                </p>
              </div>
              {rows.length === 0 ? null : (
                <Table
                  label={t('left.title')}
                  columns={columns}
                  rows={all === true ? rows : rows.slice(0, SHOWN)}
                  rowKey={(row) => `${row.to} ${row.way}`}
                  dense
                />
              )}
            </>
          )
        }}
      </Show>
    </Pane>
  )
}

// What left this node in the last day, by whom it was asked and how much.
import { useMemo, type ReactNode } from 'react'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { clockTime, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Pane } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { Show } from './fault.tsx'
import type { Page } from './needs.ts'
import { useNow } from './now.ts'
import { useRight } from './session.ts'

export type AnswerView = {
  readonly at: string
  readonly principal: string
  readonly route: string
  readonly policyEpoch: number
  readonly count: number
  readonly digest: string
}

const HOURS = 24
const HOUR_MS = 3600_000

const columns = (): readonly Column<Sum>[] => [
  { key: 'who', head: t('left.to'), cell: ({ who }) => <Name charsMax={40}>{who}</Name>, fill: true },
  { key: 'route', head: t('left.way'), cell: ({ route }) => <Value>{route}</Value>, wideOnly: true },
  { key: 'count', head: t('left.records'), number: true, cell: ({ count }) => number(count) },
]

type Sum = { readonly key: string; readonly who: string; readonly route: string; readonly count: number }

/** For those who may see what left. Others see nothing here rather than a locked door. */
export function LeftToday(): ReactNode {
  const mayAudit = useRight('audit')
  const nowMs = useNow()
  const answers = useGet<Page<AnswerView>>(mayAudit ? '/answers?limit=500' : undefined, { everyMs: 60_000 })
  const recent = useMemo(
    () => (answers.value?.items ?? []).filter(({ at, count }) => count > 0 && nowMs - Date.parse(at) < HOURS * HOUR_MS),
    [answers.value, nowMs],
  )
  if (!mayAudit) return null
  const total = recent.reduce((sum, { count }) => sum + count, 0)
  return (
    <Pane
      title={t('left.title')}
      note={t('left.when')}
      end={
        <Link className="link" to={to.left()}>
          {t('left.all')}
        </Link>
      }
    >
      <Show of={answers} rows={4}>
        {() => (
          <>
            <div className="pane-body">
              <p>
                {total === 0 ? (
                  t('left.none')
                ) : (
                  <Text k="left.sum" n={total} members={new Set(recent.map(({ principal }) => principal)).size} />
                )}
              </p>
              <Hours answers={recent} nowMs={nowMs} />
            </div>
            {recent.length === 0 ? null : (
              <Table label={t('left.title')} columns={columns()} rows={sums(recent)} rowKey={({ key }) => key} dense />
            )}
          </>
        )}
      </Show>
    </Pane>
  )
}

function sums(answers: readonly AnswerView[]): Sum[] {
  const byKey = new Map<string, Sum>()
  for (const { principal, route, count } of answers) {
    const key = `${principal} ${route}`
    byKey.set(key, { key, who: principal, route, count: (byKey.get(key)?.count ?? 0) + count })
  }
  return [...byKey.values()].toSorted((a, b) => b.count - a.count).slice(0, 6)
}

const [WIDTH, HEIGHT, BAR] = [432, 40, 14]

/** One bar an hour; the accent is the hour that runs. */
function Hours({ answers, nowMs }: { readonly answers: readonly AnswerView[]; readonly nowMs: number }): ReactNode {
  const counts = Array.from({ length: HOURS }, () => 0)
  for (const { at, count } of answers) {
    const hour = HOURS - 1 - Math.floor((nowMs - Date.parse(at)) / HOUR_MS)
    if (hour >= 0 && hour < HOURS) counts[hour] = (counts[hour] ?? 0) + count
  }
  const most = Math.max(1, ...counts)
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${WIDTH} 56`}
      width="100%"
      role="img"
      aria-label={t('left.chart', { n: Math.max(...counts) })}
    >
      {counts.map((count, hour) => {
        const height = count === 0 ? 0 : Math.max(2, (count / most) * (HEIGHT - 6))
        return (
          <rect
            key={hour}
            className={hour === HOURS - 1 ? 'now' : undefined}
            x={hour * 18}
            y={HEIGHT - height}
            width={BAR}
            height={height}
          />
        )
      })}
      <line x1="0" x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      <text x="0" y="53">
        {clockTime(nowMs - (HOURS - 1) * HOUR_MS).slice(0, 2)}
      </text>
      <text x={12 * 18} y="53">
        {clockTime(nowMs - 11 * HOUR_MS).slice(0, 2)}
      </text>
      <text x={WIDTH} y="53" textAnchor="end">
        {clockTime(nowMs)}
      </text>
    </svg>
  )
}

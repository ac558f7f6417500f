// What happened: a quiet line of events. Red asks, the accent is the reader's own, hollow is the rest.
import { useMemo, type ReactNode } from 'react'
import type { DeedView } from '#kernel/http/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Pane } from '../ui/region.tsx'
import { Name } from '../ui/value.tsx'
import { Deed } from './deed.tsx'
import { Show } from './fault.tsx'
import type { Page } from './needs.ts'
import { useMemberNames } from './names.ts'
import { useNow } from './now.ts'
import { useRight, useSession } from './session.ts'

const SHOWN = 10

export type Event = {
  readonly key: string
  readonly at: string
  readonly tone?: 'danger' | 'mine'
  readonly what: ReactNode
}

export function Timeline({ events, nowMs }: { readonly events: readonly Event[]; readonly nowMs: number }): ReactNode {
  return (
    <ol className="tl">
      {events.map(({ key, at, tone, what }) => (
        <li key={key}>
          <time dateTime={at}>{when(at, nowMs)}</time>
          <span className={tone === undefined ? 'dot' : `dot dot--${tone}`} />
          <p>{what}</p>
        </li>
      ))}
    </ol>
  )
}

export function Happened(): ReactNode {
  const nowMs = useNow()
  const mayAudit = useRight('audit')
  const { user } = useSession()
  const names = useMemberNames()
  const warnings = useGet<Page<WarningView>>('/warnings?limit=10')
  const deeds = useGet<Page<DeedView>>(mayAudit ? '/audit?limit=20' : undefined)
  const events = useMemo(
    () =>
      [
        ...(warnings.value?.items ?? []).map((warning): Event => ({
          key: `warning ${warning.id}`,
          at: warning.firstSeen,
          tone: 'danger',
          what: (
            <Text
              k="event.warning"
              name={<Link to={to.warning(warning.id)}>{t('warning.name', { id: warning.id })}</Link>}
              author={<Name>{names(warning.author)}</Name>}
            />
          ),
        })),
        ...(deeds.value?.items ?? []).map((deed, at): Event => ({
          key: `deed ${deed.at} ${at}`,
          at: deed.at,
          ...(user !== undefined && deed.actor === `user:${user.name}` ? { tone: 'mine' as const } : {}),
          what: <Deed deed={deed} />,
        })),
      ]
        .toSorted((a, b) => b.at.localeCompare(a.at))
        .slice(0, SHOWN),
    [warnings.value, deeds.value, user, names],
  )
  return (
    <Pane
      title={t('home.happened')}
      end={
        mayAudit ? (
          <Link className="link" to={to.audit()}>
            {t('home.allEvents')}
          </Link>
        ) : undefined
      }
    >
      <div className="pane-body">
        <Show of={warnings} rows={SHOWN}>
          {() =>
            events.length === 0 ? <p className="dim">{t('home.quiet')}</p> : <Timeline events={events} nowMs={nowMs} />
          }
        </Show>
      </div>
    </Pane>
  )
}

// What was done about a warning, by whom and when: its deeds in the audit log, and how it began.
import type { ReactNode } from 'react'
import type { WarningDeedView, WarningView } from '#warning/wire.ts'
import { useGet } from '../load.ts'
import { fullTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Block } from '../ui/region.tsx'
import { Foreign, Name } from '../ui/value.tsx'
import { Actor } from './deed.tsx'
import { Show } from './fault.tsx'
import type { Page } from './needs.ts'
import { useNow } from './now.ts'
import { useSession } from './session.ts'
import { Timeline, type Event } from './timeline.tsx'

export function WarningDone({ warning }: { readonly warning: WarningView }): ReactNode {
  const nowMs = useNow()
  const { user } = useSession()
  const deeds = useGet<Page<WarningDeedView>>(`/warnings/${warning.id}/deeds`)
  const opened: Event = {
    key: 'opened',
    at: warning.firstSeen,
    tone: 'danger',
    what: t('warning.opened', { n: warning.matches.length }),
  }
  const retracted: Event = {
    key: 'retracted',
    at: warning.changed,
    what: <Said what={t('warning.was.retracted')} note={warning.reason} />,
  }
  return (
    <Block title={t('warning.done')}>
      <Show of={deeds} rows={2}>
        {({ items }) => (
          <Timeline
            nowMs={nowMs}
            events={[
              ...(warning.state === 'retracted' ? [retracted] : []),
              ...items.toReversed().map((deed, at): Event => {
                const isMine = user !== undefined && deed.actor === `user:${user.name}`
                return {
                  key: `${deed.at} ${at}`,
                  at: deed.at,
                  ...(isMine ? { tone: 'mine' } : {}),
                  what: <Done deed={deed} />,
                }
              }),
              opened,
            ]}
          />
        )}
      </Show>
    </Block>
  )
}

type Detail = { readonly note?: string; readonly to?: string; readonly until?: string }

function Done({ deed }: { readonly deed: WarningDeedView }): ReactNode {
  const { note = '', to, until } = deed.detail as Detail
  const who = <Actor actor={deed.actor} />
  switch (deed.what) {
    case 'acknowledged':
    case 'closed':
    case 'unmute':
      return <Said what={<Text k={`warning.did.${deed.what}`} who={who} />} note={note} />
    case 'assign':
      return to === '' || to === undefined ? (
        <Text k="warning.did.free" who={who} />
      ) : deed.actor === `user:${to}` ? (
        <Text k="warning.did.took" who={who} />
      ) : (
        <Text k="warning.did.assign" who={who} to={<Actor actor={`user:${to}`} />} />
      )
    case 'mute':
      return <Said what={<Text k="warning.did.mute" who={who} until={fullTime(until ?? deed.at)} />} note={note} />
    default:
      return <Text k="deed.other" who={who} action={<Name>{deed.what}</Name>} subject="" />
  }
}

const Said = ({ what, note }: { readonly what: ReactNode; readonly note: string }): ReactNode => (
  <>
    {what}
    {note === '' ? null : (
      <>
        {' '}
        <Foreign charsMax={1000}>{note}</Foreign>
      </>
    )}
  </>
)

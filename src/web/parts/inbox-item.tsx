// One warning in the inbox: its state, what and where, whose it is and who says so.
import type { ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { Link } from '../router.tsx'
import { age, shortTime, t } from '../text/language.ts'
import { State } from '../ui/state.tsx'
import { Foreign, Name, Observable } from '../ui/value.tsx'
import { RowVerbs, type Choice } from './chosen-warnings.tsx'
import { Tlp } from './marking.tsx'
import { useMemberNames } from './names.ts'
import { useNow } from './now.ts'
import { warningState } from './warning.ts'
import type { Reasons } from './warning-order.ts'

export function InboxItem({
  warning,
  reasons,
  open,
  address,
  choice,
}: {
  readonly warning: WarningView
  readonly reasons: Reasons
  readonly open: boolean
  readonly address: string
  readonly choice: Choice
}): ReactNode {
  const nowMs = useNow()
  const names = useMemberNames()
  const { kind, word } = warningState(warning)
  const { asset, muted, assigned } = warning
  const [match] = warning.matches
  return (
    <div className={choice.has(warning.id) ? 'item-row item-row--chosen' : 'item-row'}>
      <RowVerbs warning={warning} choice={choice} />
      <Link
        to={address}
        className={warning.state === 'new' ? 'item' : 'item item--read'}
        aria-current={open ? 'true' : undefined}
      >
        <span className="item-top">
          <State kind={kind}>{word}</State>
          <span className="mono">{t('warning.name', { id: warning.id })}</span>
          <span className="age">{age(Date.parse(warning.firstSeen), nowMs)}</span>
        </span>
        <span className="item-title">
          <Foreign charsMax={100}>{warning.what}</Foreign>
        </span>
        <span className="item-why">
          <Foreign charsMax={60}>{asset}</Foreign>
          {match === undefined ? null : (
            <>
              {' · '}
              <Observable>{match.value}</Observable>
            </>
          )}
        </span>
        <span className="item-end">
          <Tlp tlp={warning.tlp} />
          {assigned === undefined ? null : <Name charsMax={30}>{assigned}</Name>}
          {muted === undefined ? null : <span>{t('warnings.quietUntil', { until: shortTime(muted.until) })}</span>}
          <span className="by">
            {reasons.members.length > 1 ? (
              t('warnings.membersSay', { n: reasons.members.length })
            ) : (
              <Name charsMax={40}>{names(warning.author)}</Name>
            )}
          </span>
        </span>
      </Link>
    </div>
  )
}

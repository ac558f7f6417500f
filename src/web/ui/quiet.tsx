// What stands where there is nothing to show: not yet (skeletons of the final size), not at all (why, and one button),
// not now (what failed, and one way on).
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'
import { State } from './state.tsx'

export function Skeleton({ rows = 6 }: { readonly rows?: number }): ReactNode {
  const widths = ['w9', 'w6', 'w8'] as const
  return (
    <div className="skels" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="skel-row">
          <div className={`skel ${widths[at % 3]}`} />
        </div>
      ))}
    </div>
  )
}

export function Empty({
  icon,
  title,
  children,
  action,
}: {
  readonly icon: IconName
  readonly title: ReactNode
  readonly children: ReactNode
  readonly action?: ReactNode
}): ReactNode {
  return (
    <div className="empty">
      <Icon name={icon} size={24} />
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

export function Failure({
  title,
  reason,
  remedy,
  at,
  again,
  busy,
}: {
  readonly title: ReactNode
  readonly reason: ReactNode
  readonly remedy?: ReactNode
  readonly at: string
  readonly again?: () => void
  readonly busy?: boolean
}): ReactNode {
  return (
    <div className="failure" role="alert">
      <p>
        <State kind="danger" since={at}>
          {title}
        </State>
      </p>
      <p className="dim">
        {reason} {remedy}
      </p>
      {again === undefined ? null : (
        <div>
          <Button small onClick={again} busy={busy ?? false}>
            {t('again')}
          </Button>
        </div>
      )}
    </div>
  )
}

export function Notice({
  kind,
  children,
}: {
  readonly kind?: 'warning' | 'danger'
  readonly children: ReactNode
}): ReactNode {
  return (
    <div className={kind === undefined ? 'note' : `note note--${kind}`} role={kind === 'danger' ? 'alert' : 'note'}>
      <Icon name={kind === undefined ? 'info' : 'warnings'} />
      <div>{children}</div>
    </div>
  )
}

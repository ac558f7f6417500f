// A failure in words, and the frame in which everything loaded is shown: skeleton, failure, or the thing itself.
import type { ReactNode } from 'react'
import type { ApiFault } from '../api.ts'
import type { Loaded } from '../load.ts'
import { clockTime, hasKey, t } from '../text/language.ts'
import { Failure, Notice, Skeleton } from '../ui/quiet.tsx'
import { Foreign } from '../ui/value.tsx'

/** What happened, in the reader's language; what the node said about it stands behind. */
export function FaultText({ fault }: { readonly fault: ApiFault }): ReactNode {
  const key = `fault.${fault.code}`
  const known = hasKey(key) ? t(key) : t('fault.unknown', { code: fault.code })
  const own = fault.code.startsWith('link.') || fault.message === ''
  return (
    <>
      {known}
      {own ? null : (
        <span className="said">
          <Foreign charsMax={400}>
            {[fault.message, fault.place === undefined ? '' : `(${fault.place})`, fault.remedy ?? ''].join(' ').trim()}
          </Foreign>
        </span>
      )}
    </>
  )
}

export function Show<T>({
  of,
  rows,
  skeleton,
  children,
}: {
  readonly of: Loaded<T>
  readonly rows?: number
  readonly skeleton?: ReactNode
  readonly children: (value: T) => ReactNode
}): ReactNode {
  if (of.value !== undefined)
    return (
      <>
        {of.fault === undefined ? null : <Stale of={of} />}
        {children(of.value)}
      </>
    )
  if (of.fault !== undefined)
    return (
      <Failure
        title={t('failed.title')}
        reason={<FaultText fault={of.fault} />}
        at={clockTime(of.atMs)}
        again={of.again}
        busy={of.busy}
      />
    )
  return skeleton ?? <Skeleton {...(rows === undefined ? {} : { rows })} />
}

function Stale<T>({ of }: { readonly of: Loaded<T> }): ReactNode {
  return (
    <div className="stale">
      <Notice kind="warning">
        {t('stale', { time: clockTime(of.atMs) })}{' '}
        <button type="button" className="link-btn" onClick={of.again}>
          {t('again')}
        </button>
      </Notice>
    </div>
  )
}

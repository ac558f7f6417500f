// Above every page while this log may not be signed: that it is so, what waits, and where a person goes on.
import type { ReactNode } from 'react'
import { to } from '../paths.ts'
import { Link, useAddress } from '../router.tsx'
import { t } from '../text/language.ts'
import { Icon } from '../ui/icon.tsx'
import { useHome } from './needs.ts'

export function Held(): ReactNode {
  const needs = useHome().value?.needs ?? []
  const { pathname } = useAddress()
  if (pathname === to.kept() || !needs.some(({ kind }) => kind === 'frozen')) return null
  const kept = needs.find(({ kind }) => kind === 'kept')?.count ?? 0
  return (
    <aside className="held" aria-label={t('held.title')}>
      <Icon name="lock" />
      <p>{t('held.banner', { n: kept })}</p>
      <Link to={to.kept()}>{t('held.look')}</Link>
    </aside>
  )
}

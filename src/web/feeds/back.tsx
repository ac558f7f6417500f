// The way from one feed, or from a new one, to all of them.
import type { ReactNode } from 'react'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t } from '../text/language.ts'

export const BackToFeeds = (): ReactNode => (
  <div className="toolbar">
    <Link className="link" to={to.settings('feeds')}>
      {t('feeds.all')}
    </Link>
  </div>
)

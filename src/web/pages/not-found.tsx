// An address that leads nowhere.
import type { ReactNode } from 'react'
import { useHead } from '../parts/head.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { PageHead } from '../ui/region.tsx'

export function NotFoundPage(): ReactNode {
  useHead(t('notFound.title'), [{ text: t('notFound.title') }])
  return (
    <PageHead
      title={t('notFound.title')}
      lead={t('notFound.why')}
      actions={
        <Button kind="primary" onClick={() => go(to.home())}>
          {t('notFound.home')}
        </Button>
      }
    />
  )
}

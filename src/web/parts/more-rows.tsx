// The end of a list that goes on.
import type { ReactNode } from 'react'
import type { Paged } from '../load.ts'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'

export function MoreRows<T>({ of }: { readonly of: Paged<T> }): ReactNode {
  if (of.more === undefined) return null
  return (
    <div className="more">
      <Button small busy={of.busy} onClick={of.more}>
        {t('more')}
      </Button>
    </div>
  )
}

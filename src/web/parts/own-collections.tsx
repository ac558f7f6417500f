// The collections that may be written to; without one there is nowhere to write.
import type { ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/quiet.tsx'
import { useCollections } from './collections.tsx'
import { Show } from './fault.tsx'

export function OwnCollections({
  children,
}: {
  readonly children: (collections: readonly CollectionView[]) => ReactNode
}): ReactNode {
  const collections = useCollections('own')
  return (
    <Show of={collections}>
      {({ items }) =>
        items.length > 0 ? (
          children(items)
        ) : (
          <Empty
            icon="knowledge"
            title={t('collections.none')}
            action={<Button onClick={() => go(to.settings('collections'))}>{t('collections.make')}</Button>}
          >
            {t('collections.noneWhy')}
          </Empty>
        )
      }
    </Show>
  )
}

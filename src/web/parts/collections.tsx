// Collections, and how far each goes.
import { useState, type ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { useGet } from '../load.ts'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { copy } from './attempt.tsx'
import { CollectionDialog } from './collection-dialog.tsx'
import { List } from './list.tsx'
import { Tlp } from './marking.tsx'
import { useMemberNames } from './names.ts'
import type { Page } from './needs.ts'
import { useRight } from './session.ts'
import { verbsColumn } from './verbs.tsx'

const NoCollections = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="knowledge" title={t('collections.none')} action={action}>
    {t('collections.noneWhy')}
  </Empty>
)

/** Collections to choose from, by the name that people gave them: all, or this member's own. */
export const useCollections = (whose?: 'own'): ReturnType<typeof useGet<Page<CollectionView>>> =>
  useGet<Page<CollectionView>>(`/collections?limit=500${whose === 'own' ? '&own=true' : ''}`)

export function CollectionsTab(): ReactNode {
  const names = useMemberNames()
  const mayAdminister = useRight('administer')
  const [editing, setEditing] = useState<CollectionView | 'new'>()
  const columns: readonly Column<CollectionView>[] = [
    {
      key: 'title',
      head: t('record.name'),
      fill: true,
      cell: ({ title, alias }) => (
        <>
          <Name>{title}</Name> <Value>{alias ?? ''}</Value>
        </>
      ),
    },
    {
      key: 'author',
      head: t('collections.of'),
      cell: ({ author }) => (
        <span className="nowrap">
          <Name charsMax={40}>{names(author)}</Name>
        </span>
      ),
      wideOnly: true,
    },
    { key: 'tlp', head: t('collections.default'), cell: ({ marking }) => <Tlp tlp={marking.tlp} /> },
    {
      key: 'share',
      head: t('collections.share'),
      cell: ({ share, own }) =>
        own ? (
          <State kind={share === 'none' ? 'off' : 'ok'}>{t(`share.${share}`)}</State>
        ) : (
          <span className="faint">{t('collections.theirs')}</span>
        ),
    },
    {
      key: 'taxii',
      head: 'TAXII',
      wideOnly: true,
      cell: ({ uuid }) => (
        <Button
          small
          kind="quiet"
          onClick={() => {
            copy(`${location.origin}/taxii2/api/collections/${uuid}/`, t('copied'))
          }}
        >
          {t('collections.address')}
        </Button>
      ),
    },
    ...(mayAdminister
      ? [
          verbsColumn((each: CollectionView) =>
            each.own ? (
              <Button small onClick={() => setEditing(each)}>
                {t('collections.change')}
              </Button>
            ) : null,
          ),
        ]
      : []),
  ]
  const add = mayAdminister ? (
    <Button kind="primary" onClick={() => setEditing('new')}>
      {t('collections.make')}
    </Button>
  ) : undefined
  return (
    <>
      <List<CollectionView>
        path="/collections?limit=100"
        label={t('settings.collections')}
        where={t('collections.where')}
        columns={columns}
        rowKey={({ uuid }) => uuid}
        empty={<NoCollections action={add} />}
        actions={add}
      />
      {editing === undefined ? null : (
        <CollectionDialog collection={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />
      )}
    </>
  )
}

// A collection is made or changed: marking and reach are chosen together, with a plain sentence of what follows.
import { useState, type ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Input, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { FormDialog } from './form-dialog.tsx'

const SHARES = ['none', 'named', 'community', 'peers'] as const
const LABELS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const

export function CollectionDialog({
  collection,
  onClose,
}: {
  readonly collection: CollectionView | undefined
  readonly onClose: () => void
}): ReactNode {
  const [title, setTitle] = useState(collection?.title ?? '')
  const [alias, setAlias] = useState(collection?.alias ?? '')
  const [tlp, setTlp] = useState<string>(collection?.marking.tlp ?? 'AMBER+STRICT')
  const [communities, setCommunities] = useState(collection?.marking.audience.communities.join(' ') ?? '')
  const [share, setShare] = useState<string>(collection?.share ?? 'none')
  const save = async (): Promise<void> => {
    const list = communities.split(/[\s,]+/).filter((each) => each !== '')
    const audience = { named: collection?.marking.audience.named ?? false, communities: list }
    const marking = { ...(collection?.marking ?? { personal: 'none' }), tlp, audience }
    const body = { title: title.trim(), ...(alias.trim() === '' ? {} : { alias: alias.trim() }), marking, share }
    if (collection === undefined) await send('POST', '/collections', body)
    else await send('PATCH', `/collections/${collection.uuid}`, body)
    changed('/collections')
    confirmDone(t('collections.saved'))
    onClose()
  }
  return (
    <FormDialog
      wide
      title={
        collection === undefined ? t('collections.make') : <Text k="collections.changeTitle" title={collection.title} />
      }
      verb={t('save')}
      whyNot={title.trim() === '' ? t('write.needName') : undefined}
      act={save}
      onClose={onClose}
    >
      <div className="grid2">
        <Input
          label={t('record.name')}
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <Input
          label={t('collections.alias')}
          mono
          maxLength={63}
          value={alias}
          onChange={(event) => setAlias(event.target.value)}
        />
        <Select
          label={t('collections.default')}
          value={tlp}
          choices={LABELS.map((each) => [each, `TLP:${each}`])}
          onChange={(event) => setTlp(event.target.value)}
        />
        <Select
          label={t('collections.share')}
          value={share}
          choices={SHARES.map((each) => [each, t(`share.${each}`)])}
          onChange={(event) => setShare(event.target.value)}
        />
      </div>
      <Input
        label={t('peer.communities')}
        hint={t('collections.communitiesHint')}
        mono
        value={communities}
        onChange={(event) => setCommunities(event.target.value)}
      />
      <Notice {...(share === 'none' ? {} : { kind: 'warning' as const })}>
        {t(`shareWhy.${share as 'none'}`)} {t(`tlpWhy.${tlp as 'RED'}`)}
      </Notice>
    </FormDialog>
  )
}

// A TAXII client is made, or given other collections: which it reads, and into which of this member's own it writes.
import { useState, type ReactNode } from 'react'
import type { ClientGrant, ClientView, MadeClient } from '#sharing/taxii-server/wire.ts'
import type { CollectionView } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Check, Input } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useCollections } from './collections.tsx'
import { FormDialog } from './form-dialog.tsx'
import { ShortList } from './list.tsx'

export function AddClient({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (made: MadeClient) => void
}): ReactNode {
  const [name, setName] = useState('')
  const [actsFor, setActsFor] = useState('self')
  const [grants, setGrants] = useState<readonly ClientGrant[]>([])
  // Whoever reads for somebody else writes nothing here.
  const given = actsFor.trim() === 'self' ? grants : grants.map((grant) => ({ ...grant, write: false }))
  return (
    <FormDialog
      wide
      title={t('clients.make')}
      verb={t('clients.make')}
      whyNot={name.trim() === '' ? t('write.needName') : missing(given)}
      onClose={onClose}
      act={async () => {
        const body = { name: name.trim(), actsFor: actsFor.trim(), grants: given }
        onMade(await send<MadeClient>('POST', '/clients', body))
        changed('/clients')
        onClose()
      }}
    >
      <div className="grid2">
        <Input
          label={t('people.name')}
          mono
          maxLength={63}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Input
          label={t('clients.for')}
          hint={t('clients.forHint')}
          mono
          maxLength={253}
          value={actsFor}
          onChange={(event) => setActsFor(event.target.value)}
        />
      </div>
      <Grants of={given} mayWrite={actsFor.trim() === 'self'} onChange={setGrants} />
    </FormDialog>
  )
}

export function ChangeClient({
  client: { name, actsFor, grants: before },
  onClose,
}: {
  readonly client: ClientView
  readonly onClose: () => void
}): ReactNode {
  const [grants, setGrants] = useState<readonly ClientGrant[]>(before)
  return (
    <FormDialog
      wide
      title={<Text k="collections.changeTitle" title={name} />}
      verb={t('save')}
      whyNot={missing(grants)}
      onClose={onClose}
      act={async () => {
        await send('PATCH', `/clients/${encodeURIComponent(name)}`, { grants })
        changed('/clients')
        confirmDone(t('clients.saved'))
        onClose()
      }}
    >
      <Grants of={grants} mayWrite={actsFor === 'self'} onChange={setGrants} />
    </FormDialog>
  )
}

const missing = (grants: readonly ClientGrant[]): string | undefined =>
  grants.length === 0 ? t('write.needCollection') : undefined

/** What a client may, collection by collection. Who writes into one reads it, too. */
function Grants({
  of,
  mayWrite,
  onChange,
}: {
  readonly of: readonly ClientGrant[]
  readonly mayWrite: boolean
  readonly onChange: (grants: readonly ClientGrant[]) => void
}): ReactNode {
  const collections = useCollections()
  const grantOf = ({ uuid, alias }: CollectionView): ClientGrant | undefined =>
    of.find(({ collection }) => collection === uuid || collection === alias)
  const set = (collection: CollectionView, read: boolean, write: boolean): void => {
    const others = of.filter((grant) => grant !== grantOf(collection))
    onChange(read ? [...others, { collection: collection.alias ?? collection.uuid, read, write }] : others)
  }
  return (
    <fieldset className="checks">
      <legend>{t('clients.may')}</legend>
      <div className="chosen-from">
        <ShortList<CollectionView>
          of={{ ...collections, value: collections.value?.items }}
          words={({ title, alias, author }) => `${title} ${alias ?? ''} ${author}`}
          label={t('clients.may')}
          where={t('collections.where')}
          empty={<p className="dim">{t('collections.noneWhy')}</p>}
          dense
          rowKey={({ uuid }) => uuid}
          columns={[
            {
              key: 'title',
              head: t('record.name'),
              fill: true,
              cell: ({ title, alias }) => (
                <>
                  <Name charsMax={60}>{title}</Name> <Value>{alias ?? ''}</Value>
                </>
              ),
            },
            {
              key: 'read',
              head: t('clients.reads'),
              cell: (collection) => (
                <Check
                  label={<span className="sr">{t('clients.readOne', { title: collection.title })}</span>}
                  checked={grantOf(collection)?.read === true}
                  onChange={(event) => set(collection, event.target.checked, false)}
                />
              ),
            },
            {
              key: 'write',
              head: t('clients.writes'),
              cell: (collection) =>
                collection.own && mayWrite ? (
                  <Check
                    label={<span className="sr">{t('clients.writeOne', { title: collection.title })}</span>}
                    checked={grantOf(collection)?.write === true}
                    onChange={(event) =>
                      set(collection, event.target.checked || grantOf(collection)?.read === true, event.target.checked)
                    }
                  />
                ) : (
                  <span className="faint">{t('none')}</span>
                ),
            },
          ]}
        />
      </div>
      <Notice {...(of.some(({ write }) => write) ? { kind: 'warning' as const } : {})}>
        {t(of.some(({ write }) => write) ? 'clients.writeWhy' : mayWrite ? 'clients.readWhy' : 'clients.readOnlyWhy')}
      </Notice>
    </fieldset>
  )
}

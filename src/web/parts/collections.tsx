// Collections, how far each goes, and the TAXII clients that read them.
import { useState, type ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { copy } from './attempt.tsx'
import { Check, Input, Select } from '../ui/field.tsx'
import { confirmDone, Dialog } from '../ui/layer.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useAct } from './act.ts'
import { ConfirmButton } from './confirm.tsx'
import { FaultNotice } from './fault-notice.tsx'
import { Show } from './fault.tsx'
import { Tlp } from './marking.tsx'
import { useMemberNames } from './names.ts'
import type { Page } from './needs.ts'
import { useNow } from './now.ts'
import { Secret } from './secret.tsx'
import { useRight } from './session.ts'

const NoCollections = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="knowledge" title={t('collections.none')} action={action}>
    {t('collections.noneWhy')}
  </Empty>
)

const SHARES = ['none', 'named', 'community', 'peers'] as const
const LABELS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const

export const useCollections = (): ReturnType<typeof useGet<Page<CollectionView>>> =>
  useGet<Page<CollectionView>>('/collections?limit=500')

export function CollectionsTab(): ReactNode {
  const collections = useCollections()
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
          {
            key: 'do',
            verbs: true,
            head: <span className="sr">{t('people.change')}</span>,
            number: true,
            cell: (each: CollectionView) =>
              each.own ? (
                <Button small onClick={() => setEditing(each)}>
                  {t('collections.change')}
                </Button>
              ) : null,
          },
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
      {add === undefined || collections.value?.items.length === 0 ? null : <div className="toolbar">{add}</div>}
      <Show of={collections} rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <NoCollections action={add} />
          ) : (
            <Table label={t('settings.collections')} columns={columns} rows={items} rowKey={({ uuid }) => uuid} />
          )
        }
      </Show>
      {editing === undefined ? null : (
        <CollectionDialog collection={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />
      )}
    </>
  )
}

/** Marking and reach are chosen together, with a plain sentence of what follows. */
function CollectionDialog({
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
  const { busy, fault, run } = useAct()
  const save = (): void =>
    run(async () => {
      const list = communities.split(/[\s,]+/).filter((each) => each !== '')
      const audience = { named: collection?.marking.audience.named ?? false, communities: list }
      const marking = { ...(collection?.marking ?? { personal: 'none' }), tlp, audience }
      const body = { title: title.trim(), ...(alias.trim() === '' ? {} : { alias: alias.trim() }), marking, share }
      if (collection === undefined) await send('POST', '/collections', body)
      else await send('PATCH', `/collections/${collection.uuid}`, body)
      changed('/collections')
      confirmDone(t('collections.saved'))
      onClose()
    })
  return (
    <Dialog
      wide
      title={
        collection === undefined ? t('collections.make') : <Text k="collections.changeTitle" title={collection.title} />
      }
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            kind="primary"
            busy={busy}
            whyNot={title.trim() === '' ? t('write.needName') : undefined}
            onClick={save}
          >
            {t('save')}
          </Button>
        </>
      }
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
      <FaultNotice fault={fault} />
    </Dialog>
  )
}

type Client = {
  readonly name: string
  readonly actsFor: string
  readonly created: string
  readonly revoked?: string
  readonly grants: readonly { readonly collection: string; readonly read: boolean; readonly write: boolean }[]
}
type Made = { readonly name: string; readonly secret: string; readonly discovery: string }

export function ClientsTab(): ReactNode {
  const clients = useGet<Page<Client>>('/clients')
  const collections = useCollections()
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [made, setMade] = useState<Made>()
  const [adding, setAdding] = useState(false)
  const titleOf = (uuid: string): string =>
    collections.value?.items.find((each) => each.uuid === uuid || each.alias === uuid)?.title ?? uuid
  const columns: readonly Column<Client>[] = [
    { key: 'name', head: t('people.name'), fill: true, cell: ({ name }) => <Value>{name}</Value> },
    { key: 'for', head: t('clients.for'), cell: ({ actsFor }) => <Name>{actsFor}</Name> },
    {
      key: 'grants',
      head: t('clients.reads'),
      cell: ({ grants }) => (
        <Name charsMax={120}>
          {grants
            .filter(({ read }) => read)
            .map(({ collection }) => titleOf(collection))
            .join(', ')}
        </Name>
      ),
      wideOnly: true,
    },
    {
      key: 'created',
      head: t('clients.since'),
      number: true,
      cell: ({ created }) => <span className="dim">{when(created, nowMs)}</span>,
      wideOnly: true,
    },
    {
      key: 'state',
      head: t('record.state'),
      cell: ({ revoked }) =>
        revoked === undefined ? (
          <State kind="ok">{t('record.valid')}</State>
        ) : (
          <State kind="off">{t('tokens.revoked')}</State>
        ),
    },
    ...(mayAdminister
      ? [
          {
            key: 'do',
            verbs: true,
            head: <span className="sr">{t('people.change')}</span>,
            number: true,
            cell: ({ name, revoked }: Client) =>
              revoked !== undefined ? null : (
                <ConfirmButton
                  small
                  verb={t('tokens.revoke')}
                  title={<Text k="tokens.revokeTitle" name={name} />}
                  why={t('tokens.revokeWhy')}
                  act={async () => {
                    await send('DELETE', `/clients/${encodeURIComponent(name)}`)
                    changed('/clients')
                  }}
                />
              ),
          },
        ]
      : []),
  ]
  return (
    <>
      {mayAdminister ? (
        <div className="toolbar">
          <Button kind="primary" onClick={() => setAdding(true)}>
            {t('clients.make')}
          </Button>
        </div>
      ) : null}
      <Show of={clients} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="file" title={t('clients.none')}>
              {t('clients.noneWhy')}
            </Empty>
          ) : (
            <Table label={t('settings.clients')} columns={columns} rows={items} rowKey={({ name }) => name} />
          )
        }
      </Show>
      {adding ? (
        <AddClient collections={collections.value?.items ?? []} onClose={() => setAdding(false)} onMade={setMade} />
      ) : null}
      {made === undefined ? null : (
        <Secret
          title={t('clients.made')}
          secret={`${made.discovery}\n${made.name}\n${made.secret}`}
          onClose={() => setMade(undefined)}
        >
          {t('clients.madeWhy')}
        </Secret>
      )}
    </>
  )
}

function AddClient({
  collections,
  onClose,
  onMade,
}: {
  readonly collections: readonly CollectionView[]
  readonly onClose: () => void
  readonly onMade: (made: Made) => void
}): ReactNode {
  const [name, setName] = useState('')
  const [actsFor, setActsFor] = useState('self')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { busy, fault, run } = useAct()
  return (
    <Dialog
      title={t('clients.make')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            kind="primary"
            busy={busy}
            whyNot={
              name.trim() === '' ? t('write.needName') : chosen.length === 0 ? t('write.needCollection') : undefined
            }
            onClick={() =>
              run(async () => {
                const grants = chosen.map((collection) => ({ collection, read: true, write: false }))
                onMade(await send<Made>('POST', '/clients', { name: name.trim(), actsFor: actsFor.trim(), grants }))
                changed('/clients')
                onClose()
              })
            }
          >
            {t('clients.make')}
          </Button>
        </>
      }
    >
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
      <fieldset className="checks">
        <legend>{t('clients.reads')}</legend>
        {collections.map(({ uuid, title }) => (
          <Check
            key={uuid}
            label={<Name>{title}</Name>}
            checked={chosen.includes(uuid)}
            onChange={(event) =>
              setChosen(event.target.checked ? [...chosen, uuid] : chosen.filter((each) => each !== uuid))
            }
          />
        ))}
      </fieldset>
      <FaultNotice fault={fault} />
    </Dialog>
  )
}

// TAXII clients: the tools that read this node's collections, or write into them, and what each may.
import { useState, type ReactNode } from 'react'
import type { ClientGrant, ClientView, MadeClient } from '#sharing/taxii-server/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { AddClient, ChangeClient } from './client-dialogs.tsx'
import { useCollections } from './collections.tsx'
import { ConfirmButton } from './confirm.tsx'
import { List } from './list.tsx'
import { useNow } from './now.ts'
import { Secret } from './secret.tsx'
import { useRight } from './session.ts'
import { verbsColumn } from './verbs.tsx'

const NoClients = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="file" title={t('clients.none')} action={action}>
    {t('clients.noneWhy')}
  </Empty>
)

export function ClientsTab(): ReactNode {
  const titleOf = useTitles()
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [made, setMade] = useState<MadeClient>()
  const [editing, setEditing] = useState<ClientView | 'new'>()
  const close = (): void => setEditing(undefined)
  const columns: readonly Column<ClientView>[] = [
    { key: 'name', head: t('people.name'), tight: true, cell: ({ name }) => <Value>{name}</Value> },
    { key: 'for', head: t('clients.for'), tight: true, cell: ({ actsFor }) => <Name>{actsFor}</Name> },
    {
      key: 'reads',
      head: t('clients.reads'),
      fill: true,
      cell: ({ grants }) => <Titles of={grants.filter(({ read }) => read)} titleOf={titleOf} />,
      wideOnly: true,
    },
    {
      key: 'writes',
      head: t('clients.writes'),
      cell: ({ grants }) => <Titles of={grants.filter(({ write }) => write)} titleOf={titleOf} />,
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
          verbsColumn((client: ClientView) =>
            client.revoked === undefined ? <ClientVerbs client={client} onChange={() => setEditing(client)} /> : null,
          ),
        ]
      : []),
  ]
  const add = mayAdminister ? (
    <Button kind="primary" onClick={() => setEditing('new')}>
      {t('clients.make')}
    </Button>
  ) : undefined
  return (
    <>
      <List<ClientView>
        path="/clients?limit=100"
        label={t('settings.clients')}
        where={t('clients.where')}
        columns={columns}
        rowKey={({ name }) => name}
        empty={<NoClients action={add} />}
        actions={add}
      />
      {editing === undefined ? null : editing === 'new' ? (
        <AddClient onClose={close} onMade={setMade} />
      ) : (
        <ChangeClient client={editing} onClose={close} />
      )}
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

function useTitles(): (collection: string) => string {
  const collections = useCollections().value?.items
  return (name) => collections?.find(({ uuid, alias }) => uuid === name || alias === name)?.title ?? name
}

const Titles = ({
  of,
  titleOf,
}: {
  readonly of: readonly ClientGrant[]
  readonly titleOf: (collection: string) => string
}): ReactNode =>
  of.length === 0 ? (
    <span className="faint">{t('none')}</span>
  ) : (
    <Name charsMax={120}>{of.map(({ collection }) => titleOf(collection)).join(', ')}</Name>
  )

const ClientVerbs = ({
  client: { name },
  onChange,
}: {
  readonly client: ClientView
  readonly onChange: () => void
}): ReactNode => (
  <span className="actions">
    <Button small onClick={onChange}>
      {t('people.change')}
    </Button>
    <ConfirmButton
      small
      verb={t('tokens.revoke')}
      title={<Text k="tokens.revokeTitle" name={name} />}
      why={t('tokens.revokeWhy')}
      act={async () => {
        await send('DELETE', `/clients/${encodeURIComponent(name)}`)
        changed('/clients')
        confirmDone(t('tokens.revoked'))
      }}
    />
  </span>
)

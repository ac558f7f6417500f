// Settings: people, tokens, collections with their TAXII address, TAXII clients.
import { useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { MadeTokenShape, TokenView, UserView, Welcome } from '#identity/wire.ts'
import { ROLES, type Role } from '#kernel/role.ts'
import { send } from '../api.ts'
import { useAct } from '../parts/act.ts'
import { CollectionsTab, ClientsTab } from '../parts/collections.tsx'
import { ConfirmButton } from '../parts/confirm.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { JobsTab } from '../parts/jobs.tsx'
import { MoreRows } from '../parts/more-rows.tsx'
import { useNow } from '../parts/now.ts'
import { Secret } from '../parts/secret.tsx'
import { useRight } from '../parts/session.ts'
import { changed, usePages } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { fullTime, t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Check, Input, Select } from '../ui/field.tsx'
import { confirmDone, Dialog } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'

const NoTokens = (): ReactNode => (
  <Empty icon="lock" title={t('tokens.none')}>
    {t('tokens.noneWhy')}
  </Empty>
)

const TABS = [
  ['', 'settings.people', () => <People />],
  ['tokens', 'settings.tokens', () => <Tokens />],
  ['collections', 'settings.collections', () => <CollectionsTab />],
  ['clients', 'settings.clients', () => <ClientsTab />],
  ['jobs', 'settings.jobs', () => <JobsTab />],
] as const

export function SettingsPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const key = params['tab'] ?? ''
  const [, word, body] = TABS.find(([each]) => each === key) ?? TABS[0]
  const mayLook = useRight('audit')
  useHead(t(word), [{ text: t('nav.settings'), to: to.settings() }, { text: t(word) }])
  return (
    <>
      <PageHead title={t('nav.settings')} lead={t('settings.lead')} />
      <nav className="tabs" aria-label={t('nav.settings')}>
        {TABS.map(([each, name]) => (
          <Link
            key={each}
            to={to.settings(each === '' ? undefined : each)}
            aria-current={each === key ? 'page' : undefined}
          >
            {t(name)}
          </Link>
        ))}
      </nav>
      {mayLook || key === 'collections' ? (
        body()
      ) : (
        <Empty icon="lock" title={t('settings.closed')}>
          {t('settings.closedWhy')}
        </Empty>
      )}
    </>
  )
}

const roleChoices = (): readonly (readonly [string, string])[] => ROLES.map((role) => [role, t(`role.${role}`)])

function People(): ReactNode {
  const users = usePages<UserView>('/users?limit=100')
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [adding, setAdding] = useState(false)
  const [welcome, setWelcome] = useState<Welcome>()
  const columns: readonly Column<UserView>[] = [
    {
      key: 'name',
      head: t('people.name'),
      fill: true,
      cell: ({ display, name }) => (
        <>
          <Name>{display}</Name> <Value>{name}</Value>
        </>
      ),
    },
    {
      key: 'role',
      head: t('people.role'),
      cell: (user) => (mayAdminister ? <RoleChoice user={user} /> : t(`role.${user.role}`)),
    },
    {
      key: 'state',
      head: t('record.state'),
      cell: ({ state }) => (
        <State kind={state === 'active' ? 'ok' : state === 'invited' ? 'wait' : 'off'}>{t(`people.${state}`)}</State>
      ),
    },
    { key: 'ways', head: t('people.ways'), wideOnly: true, cell: ({ ways }) => waysOf(ways) },
    {
      key: 'red',
      head: 'RED',
      wideOnly: true,
      cell: ({ red }) => (red ? t('yes') : <span className="faint">{t('no')}</span>),
    },
    {
      key: 'seen',
      head: t('people.seen'),
      number: true,
      wideOnly: true,
      cell: ({ lastSignIn }) => (
        <span className="dim">{lastSignIn === undefined ? t('none') : when(lastSignIn, nowMs)}</span>
      ),
    },
    ...(mayAdminister
      ? [
          {
            key: 'do',
            head: <span className="sr">{t('people.change')}</span>,
            number: true,
            cell: (user: UserView) => <PersonVerbs user={user} onWelcome={setWelcome} />,
          },
        ]
      : []),
  ]
  return (
    <>
      {mayAdminister ? (
        <div className="toolbar">
          <Button kind="primary" onClick={() => setAdding(true)}>
            {t('people.add')}
          </Button>
        </div>
      ) : null}
      <Show of={users} rows={6}>
        {(items) => (
          <>
            <Table label={t('settings.people')} columns={columns} rows={items} rowKey={({ name }) => name} />
            <MoreRows of={users} />
          </>
        )}
      </Show>
      {adding ? (
        <AddPerson
          onClose={() => setAdding(false)}
          onDone={(made) => {
            setAdding(false)
            setWelcome(made)
          }}
        />
      ) : null}
      {welcome === undefined ? null : (
        <Secret title={t('people.link')} secret={welcome.link} onClose={() => setWelcome(undefined)}>
          <Text k="people.linkWhy" name={welcome.user.display} time={fullTime(welcome.expires)} />
        </Secret>
      )}
    </>
  )
}

function waysOf({ password, totp, passkeys, oidc }: UserView['ways']): string {
  return [
    ...(passkeys > 0 ? [t('people.passkeys', { n: passkeys })] : []),
    ...(password ? [t(totp ? 'people.passwordTotp' : 'people.password')] : []),
    ...(oidc ? ['OIDC'] : []),
  ].join(', ')
}

function RoleChoice({ user }: { readonly user: UserView }): ReactNode {
  const { busy, run } = useAct()
  return (
    <select
      className="input"
      aria-label={t('people.roleOf', { name: user.name })}
      value={user.role}
      disabled={busy}
      onChange={(event) =>
        run(async () => {
          await send('PATCH', `/users/${user.name}`, { role: event.target.value as Role })
          changed('/users')
        })
      }
    >
      {roleChoices().map(([role, name]) => (
        <option key={role} value={role}>
          {name}
        </option>
      ))}
    </select>
  )
}

function PersonVerbs({
  user,
  onWelcome,
}: {
  readonly user: UserView
  readonly onWelcome: (welcome: Welcome) => void
}): ReactNode {
  const { busy, run } = useAct()
  const suspended = user.state === 'suspended'
  return (
    <span className="actions">
      <Button
        small
        busy={busy}
        onClick={() => run(async () => onWelcome(await send<Welcome>('POST', `/users/${user.name}/reset`)))}
      >
        {t('people.reset')}
      </Button>
      <Button
        small
        kind="quiet"
        busy={busy}
        onClick={() =>
          run(async () => {
            await send('PATCH', `/users/${user.name}`, { suspended: !suspended })
            changed('/users')
          })
        }
      >
        {t(suspended ? 'people.resume' : 'people.suspend')}
      </Button>
    </span>
  )
}

function AddPerson({
  onClose,
  onDone,
}: {
  readonly onClose: () => void
  readonly onDone: (welcome: Welcome) => void
}): ReactNode {
  const [name, setName] = useState('')
  const [display, setDisplay] = useState('')
  const [role, setRole] = useState<Role>('analyst')
  const [red, setRed] = useState(false)
  const { busy, fault, run } = useAct()
  const add = (): void =>
    run(async () => {
      const made = await send<Welcome>('POST', '/users', {
        name: name.trim(),
        ...(display.trim() === '' ? {} : { display: display.trim() }),
        role,
        red,
      })
      changed('/users')
      onDone(made)
    })
  return (
    <Dialog
      title={t('people.add')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} whyNot={name.trim() === '' ? '' : undefined} onClick={add}>
            {t('people.addVerb')}
          </Button>
        </>
      }
    >
      <Input
        label={t('welcome.name')}
        hint={t('welcome.nameHint')}
        mono
        maxLength={63}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Input
        label={t('people.display')}
        maxLength={200}
        value={display}
        onChange={(event) => setDisplay(event.target.value)}
      />
      <Select
        label={t('people.role')}
        hint={t(`roleWhy.${role}`)}
        value={role}
        choices={roleChoices()}
        onChange={(event) => setRole(event.target.value as Role)}
      />
      <Check label={t('people.red')} checked={red} onChange={(event) => setRed(event.target.checked)} />
      <FaultNotice fault={fault} />
    </Dialog>
  )
}

function Tokens(): ReactNode {
  const tokens = usePages<TokenView>('/tokens')
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [secret, setSecret] = useState<Static<typeof MadeTokenShape>>()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const { busy, fault, run } = useAct()
  const columns: readonly Column<TokenView>[] = [
    { key: 'name', head: t('people.name'), fill: true, cell: (token) => <Value>{token.name}</Value> },
    { key: 'role', head: t('people.role'), cell: (token) => t(`role.${token.role}`) },
    {
      key: 'parts',
      head: t('tokens.parts'),
      wideOnly: true,
      cell: ({ parts }) => (parts.length === 0 ? t('tokens.all') : parts.join(', ')),
    },
    {
      key: 'used',
      head: t('tokens.used'),
      number: true,
      wideOnly: true,
      cell: ({ lastUsed }) => <span className="dim">{lastUsed === undefined ? t('none') : when(lastUsed, nowMs)}</span>,
    },
    {
      key: 'state',
      head: t('record.state'),
      cell: ({ revoked, expires }) =>
        revoked !== undefined ? (
          <State kind="off">{t('tokens.revoked')}</State>
        ) : (
          <State kind="ok" since={expires === undefined ? undefined : t('record.until', { day: when(expires, nowMs) })}>
            {t('record.valid')}
          </State>
        ),
    },
    ...(mayAdminister
      ? [
          {
            key: 'do',
            head: <span className="sr">{t('people.change')}</span>,
            number: true,
            cell: (token: TokenView) =>
              token.revoked !== undefined ? null : (
                <ConfirmButton
                  small
                  verb={t('tokens.revoke')}
                  title={<Text k="tokens.revokeTitle" name={token.name} />}
                  why={t('tokens.revokeWhy')}
                  act={async () => {
                    await send('DELETE', `/tokens/${token.name}`)
                    changed('/tokens')
                    confirmDone(t('tokens.revoked'))
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
        <form
          className="toolbar"
          onSubmit={(event) => {
            event.preventDefault()
            run(async () => {
              setSecret(await send<Static<typeof MadeTokenShape>>('POST', '/tokens', { name: name.trim(), role }))
              changed('/tokens')
              setName('')
            })
          }}
        >
          <Input
            label={t('tokens.name')}
            mono
            required
            maxLength={63}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Select
            label={t('people.role')}
            value={role}
            choices={roleChoices()}
            onChange={(event) => setRole(event.target.value as Role)}
          />
          <Button kind="primary" type="submit" busy={busy}>
            {t('tokens.make')}
          </Button>
        </form>
      ) : null}
      <FaultNotice fault={fault} />
      <Show of={tokens} rows={4}>
        {(items) =>
          items.length === 0 ? (
            <NoTokens />
          ) : (
            <Table label={t('settings.tokens')} columns={columns} rows={items} rowKey={(token) => token.name} />
          )
        }
      </Show>
      {secret === undefined ? null : (
        <Secret title={t('tokens.made')} secret={secret.secret} onClose={() => setSecret(undefined)}>
          {t('tokens.madeWhy')}
        </Secret>
      )}
    </>
  )
}

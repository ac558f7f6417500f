// The people of this node: their roles, how they sign in, and the link by which somebody begins.
import { useState, type ReactNode } from 'react'
import type { UserView, Welcome } from '#identity/wire.ts'
import type { Role } from '#kernel/role.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { fullTime, t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useAct } from './act.ts'
import { AddPerson } from './add-person.tsx'
import { List } from './list.tsx'
import { useNow } from './now.ts'
import { roleChoices } from './role-choices.ts'
import { Secret } from './secret.tsx'
import { useRight } from './session.ts'
import { verbsColumn } from './verbs.tsx'

const NoPeople = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="person" title={t('people.none')} action={action}>
    {t('people.noneWhy')}
  </Empty>
)

export function PeopleTab(): ReactNode {
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
      head: t('people.roleHead'),
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
    ...(mayAdminister ? [verbsColumn((user: UserView) => <PersonVerbs user={user} onWelcome={setWelcome} />)] : []),
  ]
  const add = mayAdminister ? (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {t('people.add')}
    </Button>
  ) : undefined
  return (
    <>
      <List<UserView>
        path="/users?limit=100"
        label={t('settings.people')}
        where={t('people.where')}
        columns={columns}
        rowKey={({ name }) => name}
        empty={<NoPeople action={add} />}
        actions={add}
      />
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
    <span className="select">
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
      <Icon name="down" />
    </span>
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

// One's own things: name, language and looks, ways to sign in, open sessions.
import { useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { AccountView, PasskeyOptionsShape, RecoveryCodesShape, SessionRow, TotpShape } from '#identity/wire.ts'
import { send } from '../api.ts'
import { useAct } from '../parts/act.ts'
import { attempt } from '../parts/attempt.tsx'
import { ConfirmButton } from '../parts/confirm.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { LanguageChoice } from '../parts/language-choice.tsx'
import type { Page } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { makePasskey, passkeysWork } from '../parts/passkey.ts'
import { Secret } from '../parts/secret.tsx'
import { signOut } from '../parts/session.ts'
import { chosenTheme, setTheme } from '../parts/theme.ts'
import { changed, useGet } from '../load.ts'
import { t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Block, Facts, PageHead } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'

const THEMES = ['system', 'light', 'dark'] as const

export function AccountPage(): ReactNode {
  const account = useGet<AccountView>('/account')
  useHead(t('account.title'), [{ text: t('account.title') }])
  return (
    <>
      <PageHead
        title={t('account.title')}
        lead={t('account.lead')}
        actions={<Button onClick={() => attempt(signOut)}>{t('account.signOut')}</Button>}
      />
      <div className="cols">
        <div>
          <Looks />
          <Show of={account} rows={6}>
            {(value) => (
              <>
                <Password account={value} />
                <Totp account={value} />
                <Passkeys account={value} />
              </>
            )}
          </Show>
        </div>
        <div>
          <Show of={account}>
            {({ user }) => (
              <Block title={t('account.you')}>
                <Facts
                  facts={[
                    [t('people.name'), <Name key="n">{user.display}</Name>],
                    [t('signIn.name'), <Value key="v">{user.name}</Value>],
                    [t('people.role'), t(`role.${user.role}`)],
                    ['RED', t(user.red ? 'account.red' : 'account.notRed')],
                  ]}
                />
              </Block>
            )}
          </Show>
          <Sessions />
        </div>
      </div>
    </>
  )
}

function Looks(): ReactNode {
  const [theme, choose] = useState(chosenTheme)
  return (
    <Block title={t('account.looks')}>
      <div className="facets">
        <LanguageChoice />
        <Select
          label={t('account.theme')}
          value={theme}
          choices={THEMES.map((each) => [each, t(`theme.${each}`)])}
          onChange={(event) => {
            const next = THEMES.find((each) => each === event.target.value) ?? 'system'
            setTheme(next)
            choose(next)
          }}
        />
      </div>
    </Block>
  )
}

function Password({ account }: { readonly account: AccountView }): ReactNode {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const { busy, fault, run } = useAct()
  return (
    <Block
      title={t('signIn.password')}
      end={
        <State kind={account.user.ways.password ? 'ok' : 'off'}>
          {t(account.user.ways.password ? 'account.set' : 'account.notSet')}
        </State>
      }
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          run(async () => {
            await send('PUT', '/account/password', { ...(account.user.ways.password ? { current } : {}), password })
            changed('/account')
            setCurrent('')
            setPassword('')
            confirmDone(t('account.changed'))
          })
        }}
      >
        <div className="grid2">
          {account.user.ways.password ? (
            <Input
              label={t('account.current')}
              type="password"
              autoComplete="current-password"
              required
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          ) : null}
          <Input
            label={t('account.newPassword')}
            hint={t('welcome.passwordHint', { n: 12 })}
            type="password"
            autoComplete="new-password"
            required
            minLength={12}
            maxLength={256}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        <FaultNotice fault={fault} />
        <div className="actions">
          <Button type="submit" busy={busy}>
            {t('account.change')}
          </Button>
        </div>
      </form>
    </Block>
  )
}

function Totp({ account }: { readonly account: AccountView }): ReactNode {
  const [started, setStarted] = useState<Static<typeof TotpShape>>()
  const [codes, setCodes] = useState<readonly string[]>()
  const [code, setCode] = useState('')
  const { busy, fault, run } = useAct()
  const on = account.user.ways.totp
  return (
    <Block
      title={t('account.totp')}
      end={
        <State kind={on ? 'ok' : 'off'}>
          {on ? t('account.codesLeft', { n: account.recoveryCodes }) : t('account.notSet')}
        </State>
      }
    >
      <div className="form">
        <p className="dim">{t('account.totpWhy')}</p>
        {started === undefined ? null : (
          <>
            <p>{t('account.totpKey')}</p>
            <code className="codebox">{started.secret}</code>
            <Input
              label={t('signIn.code')}
              mono
              autoComplete="one-time-code"
              maxLength={40}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </>
        )}
        <FaultNotice fault={fault} />
        <div className="actions">
          {started !== undefined ? (
            <Button
              kind="primary"
              busy={busy}
              onClick={() =>
                run(async () => {
                  const { recoveryCodes } = await send<Static<typeof RecoveryCodesShape>>('PUT', '/account/totp', {
                    code: code.trim(),
                  })
                  setCodes(recoveryCodes)
                  setStarted(undefined)
                  changed('/account')
                })
              }
            >
              {t('account.confirm')}
            </Button>
          ) : on ? (
            <ConfirmButton
              small
              verb={t('account.totpEnd')}
              title={t('account.totpEndTitle')}
              why={t('account.totpEndWhy')}
              act={async () => {
                await send('DELETE', '/account/totp')
                changed('/account')
              }}
            />
          ) : (
            <Button
              busy={busy}
              onClick={() => run(async () => setStarted(await send<Static<typeof TotpShape>>('POST', '/account/totp')))}
            >
              {t('account.totpBegin')}
            </Button>
          )}
        </div>
      </div>
      {codes === undefined ? null : (
        <Secret title={t('account.codes')} secret={codes.join('\n')} onClose={() => setCodes(undefined)}>
          {t('account.codesWhy')}
        </Secret>
      )}
    </Block>
  )
}

function Passkeys({ account }: { readonly account: AccountView }): ReactNode {
  const [title, setTitle] = useState('')
  const { busy, fault, run } = useAct()
  const nowMs = useNow()
  const columns: readonly Column<AccountView['passkeys'][number]>[] = [
    { key: 'title', head: t('people.name'), fill: true, cell: (key) => <Name>{key.title}</Name> },
    {
      key: 'used',
      head: t('tokens.used'),
      number: true,
      cell: ({ lastUsed, created }) => <span className="dim">{when(lastUsed ?? created, nowMs)}</span>,
    },
    {
      key: 'do',
      head: <span className="sr">{t('people.change')}</span>,
      number: true,
      cell: (key) => (
        <ConfirmButton
          small
          verb={t('account.remove')}
          title={t('account.removeTitle')}
          why={t('account.removeWhy')}
          act={async () => {
            await send('DELETE', `/account/passkeys/${key.id}`)
            changed('/account')
          }}
        />
      ),
    },
  ]
  return (
    <Block title={t('account.passkeys')}>
      <div className="form">
        {account.passkeys.length === 0 ? (
          <p className="dim">{t('account.passkeysNone')}</p>
        ) : (
          <Table
            label={t('account.passkeys')}
            columns={columns}
            rows={account.passkeys}
            rowKey={({ id }) => id}
            flush={false}
            dense
          />
        )}
        {passkeysWork() ? (
          <form
            className="toolbar toolbar--inset"
            onSubmit={(event) => {
              event.preventDefault()
              run(async () => {
                const { options } = await send<Static<typeof PasskeyOptionsShape>>('POST', '/account/passkeys/options')
                await send('POST', '/account/passkeys', { title: title.trim(), response: await makePasskey(options) })
                changed('/account')
                setTitle('')
              })
            }}
          >
            <Input
              label={t('account.passkeyName')}
              required
              maxLength={100}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
            <Button type="submit" busy={busy}>
              {t('account.passkeyAdd')}
            </Button>
          </form>
        ) : (
          <p className="hint">{t('account.passkeysNot')}</p>
        )}
        <FaultNotice fault={fault} />
      </div>
    </Block>
  )
}

function Sessions(): ReactNode {
  const sessions = useGet<Page<SessionRow>>('/account/sessions')
  const nowMs = useNow()
  const columns: readonly Column<SessionRow>[] = [
    {
      key: 'agent',
      head: t('sessions.where'),
      fill: true,
      cell: ({ agent, address }) => (
        <>
          <Foreign charsMax={50}>{agent}</Foreign> <Value>{address}</Value>
        </>
      ),
    },
    {
      key: 'seen',
      head: t('sessions.seen'),
      number: true,
      cell: ({ lastSeen }) => <span className="dim">{when(lastSeen, nowMs)}</span>,
    },
    {
      key: 'do',
      head: <span className="sr">{t('people.change')}</span>,
      number: true,
      cell: ({ id, current }) =>
        current ? (
          <State kind="mine">{t('sessions.this')}</State>
        ) : (
          <Button
            small
            onClick={() =>
              attempt(async () => {
                await send('DELETE', `/account/sessions/${id}`)
                changed('/account/sessions')
              })
            }
          >
            {t('sessions.end')}
          </Button>
        ),
    },
  ]
  return (
    <Block title={t('sessions.title')}>
      <Show of={sessions} rows={2}>
        {({ items }) => (
          <Table
            label={t('sessions.title')}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
            flush={false}
            dense
          />
        )}
      </Show>
    </Block>
  )
}

// Tokens: what programs of this member show to be let in, each with a role, and no more than that.
import { useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { MadeTokenShape, TokenView } from '#identity/wire.ts'
import type { Role } from '#kernel/role.ts'
import { send } from '../api.ts'
import { changed, usePages } from '../load.ts'
import { t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Input, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Value } from '../ui/value.tsx'
import { useAct } from './act.ts'
import { ConfirmButton } from './confirm.tsx'
import { FaultNotice } from './fault-notice.tsx'
import { Show } from './fault.tsx'
import { useNow } from './now.ts'
import { roleChoices } from './role-choices.ts'
import { Secret } from './secret.tsx'
import { useRight } from './session.ts'

const NoTokens = (): ReactNode => (
  <Empty icon="lock" title={t('tokens.none')}>
    {t('tokens.noneWhy')}
  </Empty>
)

export function TokensTab(): ReactNode {
  const tokens = usePages<TokenView>('/tokens')
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [secret, setSecret] = useState<Static<typeof MadeTokenShape>>()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const { busy, fault, run } = useAct()
  const columns: readonly Column<TokenView>[] = [
    { key: 'name', head: t('people.name'), fill: true, cell: (token) => <Value>{token.name}</Value> },
    { key: 'role', head: t('people.roleHead'), cell: (token) => t(`role.${token.role}`) },
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
            verbs: true,
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

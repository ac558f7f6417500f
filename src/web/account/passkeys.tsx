// Passkeys: those there are, and one more.
import { useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { AccountView, PasskeyOptionsShape } from '#identity/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { useAct } from '../parts/act.ts'
import { ConfirmButton } from '../parts/confirm.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { useNow } from '../parts/now.ts'
import { makePasskey, passkeysWork } from '../parts/passkey.ts'
import { verbsColumn } from '../parts/verbs.tsx'
import { t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { Block } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name } from '../ui/value.tsx'

export function Passkeys({ account }: { readonly account: AccountView }): ReactNode {
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
    verbsColumn((key) => (
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
    )),
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

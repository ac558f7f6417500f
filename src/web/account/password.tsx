// The password: set, or changed with the one before.
import { useState, type ReactNode } from 'react'
import type { AccountView } from '#identity/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { useAct } from '../parts/act.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'

export function Password({ account }: { readonly account: AccountView }): ReactNode {
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

// The code app: begun with a key that a telephone reads from the screen or a person types, in force once a code proves it.
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { AccountView, RecoveryCodesShape, TotpShape } from '#identity/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { useAct } from '../parts/act.ts'
import { ConfirmButton } from '../parts/confirm.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Secret } from '../parts/secret.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'

type Begun = Static<typeof TotpShape>

const QrCode = lazy(async () => ({ default: (await import('./qr-code.tsx')).QrCode }))

export function Totp({ account }: { readonly account: AccountView }): ReactNode {
  const [begun, setBegun] = useState<Begun>()
  const [codes, setCodes] = useState<readonly string[]>()
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
        {begun !== undefined ? (
          <Prove
            begun={begun}
            onProven={(recoveryCodes) => {
              setCodes(recoveryCodes)
              setBegun(undefined)
            }}
          />
        ) : (
          <>
            <FaultNotice fault={fault} />
            <div className="actions">
              {on ? (
                <End />
              ) : (
                <Button
                  busy={busy}
                  onClick={() => run(async () => setBegun(await send<Begun>('POST', '/account/totp')))}
                >
                  {t('account.totpBegin')}
                </Button>
              )}
            </div>
          </>
        )}
      </div>
      {codes === undefined ? null : (
        <Secret title={t('account.codes')} secret={codes.join('\n')} onClose={() => setCodes(undefined)}>
          {t('account.codesWhy')}
        </Secret>
      )}
    </Block>
  )
}

function Prove({
  begun: { secret, uri },
  onProven,
}: {
  readonly begun: Begun
  readonly onProven: (recoveryCodes: readonly string[]) => void
}): ReactNode {
  const [code, setCode] = useState('')
  const { busy, fault, run } = useAct()
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        run(async () => {
          const { recoveryCodes } = await send<Static<typeof RecoveryCodesShape>>('PUT', '/account/totp', {
            code: code.trim(),
          })
          onProven(recoveryCodes)
          changed('/account')
        })
      }}
    >
      <div className="totp">
        <Suspense fallback={<span className="qr" />}>
          <QrCode text={uri} label={t('account.totpQr')} />
        </Suspense>
        <div className="form">
          <p>{t('account.totpKey')}</p>
          <code className="codebox">{secret}</code>
          <Input
            label={t('signIn.code')}
            mono
            required
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={40}
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </div>
      </div>
      <FaultNotice fault={fault} />
      <div className="actions">
        <Button type="submit" kind="primary" busy={busy}>
          {t('account.confirm')}
        </Button>
      </div>
    </form>
  )
}

const End = (): ReactNode => (
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
)

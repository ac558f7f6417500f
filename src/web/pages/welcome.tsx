// A one-time code becomes a person who can sign in: the first administrator, somebody who was invited, somebody who lost
// a password. The code stands behind the number sign of the address, where no server's log sees it.
import { useEffect, useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { PasskeyOptionsShape, SessionView, WelcomeInfoShape } from '#identity/wire.ts'
import { type ApiFault, faultOf, send } from '../api.ts'
import { FaultText } from '../parts/fault.tsx'
import { makePasskey, passkeysWork } from '../parts/passkey.ts'
import { begin } from '../parts/session.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { fullTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Input, Pick } from '../ui/field.tsx'
import { Notice } from '../ui/quiet.tsx'

const PASSWORD_CHARS_MIN = 12

export function WelcomeForm({ code: given, first }: { readonly code: string; readonly first: boolean }): ReactNode {
  const [code, setCode] = useState(given)
  const [info, setInfo] = useState<Static<typeof WelcomeInfoShape>>()
  const [fault, setFault] = useState<ApiFault>()
  const [busy, setBusy] = useState(false)
  const [name, setName] = useState('')
  const [display, setDisplay] = useState('')
  const [password, setPassword] = useState('')
  const [way, setWay] = useState<'passkey' | 'password'>('password')
  const act = (work: () => Promise<void>): void => {
    setBusy(true)
    setFault(undefined)
    work()
      .catch((error: unknown) => setFault(faultOf(error)))
      .finally(() => setBusy(false))
  }
  const look = (): void =>
    act(async () =>
      setInfo(await send<Static<typeof WelcomeInfoShape>>('POST', '/welcome/look', { code: code.trim() })),
    )
  useEffect(() => {
    if (given !== '') look()
    // Looked at once, when the page opens with a code.
  }, [])
  const who = info?.kind === 'first-administrator' ? { name: name.trim(), ...(display === '' ? {} : { display }) } : {}
  const enter = (session: SessionView): void => {
    go(to.home(), { replace: true })
    begin(session)
  }
  const finish = (): void =>
    act(async () => {
      if (way === 'password')
        return enter(await send<SessionView>('POST', '/welcome', { code: code.trim(), ...who, password }))
      const { options } = await send<Static<typeof PasskeyOptionsShape>>('POST', '/welcome/passkey/options', {
        code: code.trim(),
        ...who,
      })
      const response = await makePasskey(options)
      return enter(
        await send<SessionView>('POST', '/welcome/passkey', {
          code: code.trim(),
          ...who,
          title: t('welcome.thisDevice'),
          response,
        }),
      )
    })
  return (
    <>
      <h1>{info === undefined ? t('welcome.title') : t(`welcome.kind.${info.kind}`)}</h1>
      <p className="dim">
        {info === undefined ? (
          t(first ? 'welcome.firstWhy' : 'welcome.why')
        ) : (
          <Text k="welcome.until" time={fullTime(info.expires)} />
        )}
      </p>
      {fault === undefined ? null : (
        <Notice kind="danger">
          <FaultText fault={fault} />
        </Notice>
      )}
      {info === undefined ? (
        <form
          className="door-form"
          onSubmit={(event) => {
            event.preventDefault()
            look()
          }}
        >
          <Input
            label={t('welcome.code')}
            hint={t('welcome.codeHint')}
            mono
            required
            maxLength={40}
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
          <Button kind="primary" type="submit" busy={busy}>
            {t('welcome.look')}
          </Button>
        </form>
      ) : (
        <form
          className="door-form"
          onSubmit={(event) => {
            event.preventDefault()
            finish()
          }}
        >
          {info.kind === 'first-administrator' ? (
            <>
              <Input
                label={t('welcome.name')}
                hint={t('welcome.nameHint')}
                autoComplete="username"
                autoCapitalize="none"
                pattern="[a-z0-9][a-z0-9._\-]{0,62}"
                required
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              <Input
                label={t('welcome.display')}
                autoComplete="name"
                maxLength={200}
                value={display}
                onChange={(event) => setDisplay(event.target.value)}
              />
            </>
          ) : (
            <p>
              <Text k="welcome.for" name={info.user?.display ?? ''} />
            </p>
          )}
          {passkeysWork() ? (
            <div className="grid2">
              <Pick title={t('way.passkey')} name="way" checked={way === 'passkey'} onChange={() => setWay('passkey')}>
                {t('way.passkeyWhy')}
              </Pick>
              <Pick
                title={t('way.password')}
                name="way"
                checked={way === 'password'}
                onChange={() => setWay('password')}
              >
                {t('way.passwordWhy', { n: PASSWORD_CHARS_MIN })}
              </Pick>
            </div>
          ) : null}
          {way === 'password' ? (
            <Input
              label={t('welcome.password')}
              hint={t('welcome.passwordHint', { n: PASSWORD_CHARS_MIN })}
              type="password"
              autoComplete="new-password"
              minLength={PASSWORD_CHARS_MIN}
              maxLength={256}
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          ) : null}
          <Button kind="primary" type="submit" busy={busy}>
            {t('welcome.verb')}
          </Button>
        </form>
      )}
    </>
  )
}

// Signing in: a passkey, or a password with a code where one is set up. The same page takes a one-time link, makes the
// first administrator, and asks again over an open page when a session ended there.
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { PasskeyOptionsShape, REFUSED_PARAMETER as RefusedParameter, SessionView } from '#identity/wire.ts'
import type { Static } from 'typebox'
import { type ApiFault, faultOf, send } from '../api.ts'
import { FaultText } from '../parts/fault.tsx'
import { askPasskey, passkeysWork } from '../parts/passkey.ts'
import { nameIn } from '../parts/peer.ts'
import { begin, useSitting } from '../parts/session.ts'
import { LanguageChoice } from '../parts/language-choice.tsx'
import { useAddress } from '../router.tsx'
import { hasKey, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { Mark } from '../ui/icon.tsx'
import { Notice } from '../ui/quiet.tsx'

const REFUSED: typeof RefusedParameter = 'refused'

const Welcome = lazy(async () => ({ default: (await import('./welcome.tsx')).WelcomeForm }))
const SetUp = lazy(async () => ({ default: (await import('./set-up.tsx')).SetUpForm }))

export function SignInPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const sitting = useSitting()
  const { pathname, hash } = useAddress()
  if (!sitting.known) return null
  const { session } = sitting
  const over = params['over'] !== undefined
  if (session.state === 'set-up')
    return (
      <Suspense fallback={null}>
        <SetUp />
      </Suspense>
    )
  const welcome = pathname === '/welcome' || session.state === 'first-administrator'
  document.title = `${t('signIn.title')} · Comity`
  return (
    <div
      className={over ? 'door door--over' : 'door'}
      role={over ? 'dialog' : undefined}
      aria-modal={over || undefined}
      aria-label={over ? t('signIn.title') : undefined}
    >
      <main className="door-in" id="main">
        <div className="brand">
          <Mark />
          <span>Comity</span>
        </div>
        {welcome ? (
          <Suspense fallback={null}>
            <Welcome code={hash} first={session.state === 'first-administrator'} />
          </Suspense>
        ) : (
          <SignInForm session={session} over={over} />
        )}
        <footer className="door-end">
          <LanguageChoice />
          <span className="label">{t('signIn.version', { version: session.version })}</span>
        </footer>
      </main>
    </div>
  )
}

function SignInForm({ session, over }: { readonly session: SessionView; readonly over: boolean }): ReactNode {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string>()
  const [fault, setFault] = useState<ApiFault>()
  const [busy, setBusy] = useState(false)
  const attempt = (act: () => Promise<SessionView>): void => {
    setBusy(true)
    setFault(undefined)
    act()
      .then(begin)
      .catch((error: unknown) => {
        const failure = faultOf(error)
        if (failure.code === 'auth.code' && code === undefined) setCode('')
        else setFault(failure)
      })
      .finally(() => setBusy(false))
  }
  const byPassword = (): void =>
    attempt(() =>
      send<SessionView>('POST', '/session', {
        name: name.trim(),
        password,
        ...(code === undefined || code === '' ? {} : { code: code.trim() }),
      }),
    )
  const byPasskey = (): void =>
    attempt(async () => {
      const { options } = await send<Static<typeof PasskeyOptionsShape>>('POST', '/session/passkey/options')
      return send<SessionView>('POST', '/session/passkey', { response: await askPasskey(options) })
    })
  const member = nameIn(session.member?.names ?? {}, session.member?.id ?? '')
  return (
    <>
      <h1>{over ? t('signIn.again') : <Text k="signIn.to" member={member} />}</h1>
      <p className="dim">{over ? t('signIn.againWhy') : t('signIn.why')}</p>
      {fault === undefined ? (
        <Refused />
      ) : (
        <Notice kind="danger">
          <FaultText fault={fault} />
        </Notice>
      )}
      <form
        className="door-form"
        onSubmit={(event) => {
          event.preventDefault()
          byPassword()
        }}
      >
        <Input
          label={t('signIn.name')}
          autoComplete="username webauthn"
          autoCapitalize="none"
          required
          maxLength={63}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Input
          label={t('signIn.password')}
          type="password"
          autoComplete="current-password"
          required
          maxLength={256}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {code === undefined ? null : (
          <Input
            label={t('signIn.code')}
            hint={t('signIn.codeHint')}
            autoComplete="one-time-code"
            autoFocus
            mono
            maxLength={40}
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
        <Button kind="primary" type="submit" busy={busy}>
          {t('signIn.verb')}
        </Button>
      </form>
      {session.ways.passkey && passkeysWork() ? (
        <Button icon="lock" onClick={byPasskey} busy={busy}>
          {t('signIn.passkey')}
        </Button>
      ) : null}
      {session.ways.oidc === undefined ? null : (
        <a className="btn" href={session.ways.oidc.start}>
          <Text k="signIn.oidc" title={session.ways.oidc.title} />
        </a>
      )}
    </>
  )
}

/** Who came back from the member's provider and was not let in is told why. */
function Refused(): ReactNode {
  const why = useAddress().search.get(REFUSED)
  if (why === null) return null
  const key = `refused.${why}`
  return <Notice kind="danger">{t(hasKey(key) ? key : 'refused.denied')}</Notice>
}

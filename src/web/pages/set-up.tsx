// First run: one page that makes a member out of an empty folder.
import { useState, type ReactNode } from 'react'
import type { Static } from 'typebox'
import type { SessionView, SetUpDoneShape } from '#identity/wire.ts'
import { type ApiFault, faultOf, get, send } from '../api.ts'
import { FaultText } from '../parts/fault.tsx'
import { LanguageChoice } from '../parts/language-choice.tsx'
import { loadSession } from '../parts/session.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Check, Input, Select } from '../ui/field.tsx'
import { Mark } from '../ui/icon.tsx'
import { Notice } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'

const KINDS = ['government', 'international', 'private', 'academia', 'technical', 'civil'] as const
const MEMBER = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/
const MARK = /[^a-z0-9.-]+/g

type Done = Static<typeof SetUpDoneShape>

export function SetUpForm(): ReactNode {
  // The link in the terminal carries it behind the number sign, where no server sees it.
  const [code, setCode] = useState(() => location.hash.slice(1))
  const [english, setEnglish] = useState('')
  const [chinese, setChinese] = useState('')
  const [member, setMember] = useState('')
  const [kind, setKind] = useState<string>(KINDS[2])
  const [country, setCountry] = useState('')
  const [done, setDone] = useState<Done>()
  const [kept, setKept] = useState(false)
  const [fault, setFault] = useState<ApiFault>()
  const [busy, setBusy] = useState(false)
  const badMember = member !== '' && !MEMBER.test(member)
  const missing =
    code.trim() === ''
      ? t('setUp.needCode')
      : english.trim() === ''
        ? t('setUp.needName')
        : member === '' || badMember
          ? t('setUp.needMember')
          : undefined
  document.title = `${t('setUp.title')} · Comity`
  const start = (): void => {
    setBusy(true)
    setFault(undefined)
    send<Done>('POST', '/setup', {
      code: code.trim(),
      member,
      names: { en: english.trim(), ...(chinese.trim() === '' ? {} : { 'zh-Hans': chinese.trim() }) },
      kind,
      ...(country.trim() === '' ? {} : { country: country.trim().toUpperCase() }),
    })
      .then((made) => {
        setDone(made)
        // Whoever does not see that the page is another one hears it.
        setTimeout(() => document.getElementById('main')?.focus())
      })
      .catch((error: unknown) => setFault(faultOf(error)))
      .finally(() => setBusy(false))
  }
  const goOn = (): void => {
    setBusy(true)
    void nodeRuns().then(() => {
      go(`/welcome#${done?.welcome ?? ''}`, { replace: true })
      return loadSession()
    })
  }
  const steps = [
    [t('setUp.code'), code.trim() !== ''],
    [t('setUp.member'), missing === undefined],
    [t('setUp.key'), kept],
    [t('setUp.admin'), false],
  ] as const
  return (
    <div className="bare">
      <aside className="setup-side" aria-label={t('setUp.steps')}>
        <div className="brand">
          <Mark />
          <span>Comity</span>
        </div>
        <div>
          <h1>{t('setUp.title')}</h1>
          <p className="dim">{t('setUp.why')}</p>
        </div>
        <ol>
          {steps.map(([step, finished], at) => (
            <li key={step} aria-current={at === steps.findIndex(([, each]) => !each) ? 'step' : undefined}>
              <span className="mono">{at + 1}</span>
              <span>{step}</span>
              {finished ? <State kind="ok">{t('setUp.done')}</State> : null}
            </li>
          ))}
        </ol>
        <LanguageChoice />
      </aside>
      <main className="setup" id="main" tabIndex={-1}>
        {done === undefined ? (
          <form
            className="setup-form"
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              start()
            }}
          >
            <Section title={t('setUp.code')} why={t('setUp.codeWhy')}>
              <Input
                label={t('setUp.codeField')}
                mono
                required
                maxLength={40}
                autoComplete="off"
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            </Section>
            <Section title={t('setUp.member')} why={t('setUp.memberWhy')}>
              <div className="grid2">
                <Input
                  label={t('setUp.english')}
                  required
                  maxLength={200}
                  value={english}
                  onChange={(event) => setEnglish(event.target.value)}
                />
                <Input
                  label={t('setUp.chinese')}
                  lang="zh-Hans"
                  maxLength={200}
                  value={chinese}
                  onChange={(event) => setChinese(event.target.value)}
                />
                <Input
                  label={t('setUp.id')}
                  hint={t('setUp.idHint')}
                  error={badMember ? t('setUp.idBad', { id: suggestion(member) }) : undefined}
                  mono
                  required
                  maxLength={253}
                  value={member}
                  onChange={(event) => setMember(event.target.value.trim())}
                />
                <div className="grid2">
                  <Select
                    label={t('setUp.kind')}
                    value={kind}
                    choices={KINDS.map((each) => [each, t(`memberKind.${each}`)])}
                    onChange={(event) => setKind(event.target.value)}
                  />
                  <Input
                    label={t('setUp.country')}
                    hint={t('setUp.countryHint')}
                    mono
                    maxLength={2}
                    pattern="[A-Za-z]{2}"
                    value={country}
                    onChange={(event) => setCountry(event.target.value)}
                  />
                </div>
              </div>
            </Section>
            {fault === undefined ? null : (
              <Notice kind="danger">
                <FaultText fault={fault} />
              </Notice>
            )}
            <div className="setup-end">
              <Button kind="primary" type="submit" busy={busy} whyNot={missing}>
                {t('setUp.make')}
              </Button>
              <span className="end label">{t('setUp.here')}</span>
            </div>
          </form>
        ) : (
          <>
            <Section title={t('setUp.key')} why={t('setUp.keyWhy')}>
              <div className="field">
                <ol className="key" aria-label={t('setUp.key')}>
                  {done.recoveryKey.split(/\s+/).map((word, at) => (
                    <li key={at}>{word}</li>
                  ))}
                </ol>
                <div className="actions">
                  <Button small icon="download" onClick={() => download(done)}>
                    {t('download')}
                  </Button>
                  <Button small icon="print" onClick={() => print()}>
                    {t('print')}
                  </Button>
                  <span className="end">
                    <Check label={t('setUp.kept')} checked={kept} onChange={(event) => setKept(event.target.checked)} />
                  </span>
                </div>
              </div>
            </Section>
            <div className="setup-end">
              <Button kind="primary" busy={busy} whyNot={kept ? undefined : t('setUp.keepFirst')} onClick={goOn}>
                {t('setUp.on')}
              </Button>
            </div>
          </>
        )}
      </main>
    </div>
  )
}

function Section({
  title,
  why,
  children,
}: {
  readonly title: string
  readonly why: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <section className="setup-sec" aria-label={title}>
      <div>
        <h2>{title}</h2>
        <p>{why}</p>
      </div>
      <div>{children}</div>
    </section>
  )
}

const ASKED_MAX = 60
const BETWEEN_MS = 500

/** The member's node takes the place of the page that made it, which takes a moment. */
async function nodeRuns(): Promise<void> {
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const session = await get<SessionView>('/session').catch(() => undefined)
    if (session !== undefined && session.state !== 'set-up') return
    await new Promise((wake) => setTimeout(wake, BETWEEN_MS))
  }
}

/** What somebody probably meant: lower case, hyphens for spaces, a last label where there is none. */
function suggestion(typed: string): string {
  const name = typed
    .toLowerCase()
    .replaceAll(MARK, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return name.includes('.') ? name : `${name}.example`
}

function download({ member, recoveryKey }: Done): void {
  const url = URL.createObjectURL(new Blob([`${member}\n${recoveryKey}\n`], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${member}.recovery-key.txt`
  link.click()
  URL.revokeObjectURL(url)
}

// How two members meet: one makes an invitation, the other accepts it, and both read the same eight words to each other.
import { useEffect, useState, type ReactNode } from 'react'
import { ApiFault, send } from '../api.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { fullTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { Dialog } from '../ui/layer.tsx'
import { Notice, Skeleton } from '../ui/quiet.tsx'
import { copy } from './attempt.tsx'
import { FaultText } from './fault.tsx'

type Invitation = { readonly invitation: string; readonly expires: string }
type Met = { readonly member: string; readonly words: readonly string[] }

const asFault = (error: unknown): ApiFault =>
  error instanceof ApiFault ? error : new ApiFault('internal', String(error))

export function InviteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [made, setMade] = useState<Invitation>()
  const [fault, setFault] = useState<ApiFault>()
  const [started, setStarted] = useState(false)
  const make = (): void => {
    setStarted(true)
    send<Invitation>('POST', '/peers/invitations')
      .then(setMade)
      .catch((error: unknown) => setFault(asFault(error)))
  }
  return (
    <Dialog
      wide
      title={t('invite.title')}
      onClose={onClose}
      actions={
        made === undefined ? (
          <>
            <Button onClick={onClose}>{t('cancel')}</Button>
            <Button kind="primary" busy={started && fault === undefined} onClick={make}>
              {t('invite.make')}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{t('close')}</Button>
            <Button
              kind="primary"
              onClick={() => {
                copy(made.invitation, t('copied'))
              }}
            >
              {t('invite.copy')}
            </Button>
          </>
        )
      }
    >
      <p>{t('invite.why')}</p>
      {made === undefined ? null : (
        <>
          <code className="codebox">{made.invitation}</code>
          <p className="hint">
            <Text k="invite.expires" time={fullTime(made.expires)} />
          </p>
        </>
      )}
      {fault === undefined ? null : (
        <Notice kind="danger">
          <FaultText fault={fault} />
        </Notice>
      )}
    </Dialog>
  )
}

export function AcceptDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [line, setLine] = useState('')
  const [met, setMet] = useState<Met>()
  const [fault, setFault] = useState<ApiFault>()
  const [busy, setBusy] = useState(false)
  useEffect(() => setFault(undefined), [line])
  const accept = (): void => {
    setBusy(true)
    send<Met>('POST', '/peers/accept', { invitation: line.trim() })
      .then((answer) => {
        setMet(answer)
        changed('/peers')
      })
      .catch((error: unknown) => setFault(asFault(error)))
      .finally(() => setBusy(false))
  }
  return (
    <Dialog
      wide
      title={met === undefined ? t('accept.title') : t('words.title')}
      onClose={onClose}
      actions={
        met === undefined ? (
          <>
            <Button onClick={onClose}>{t('cancel')}</Button>
            <Button
              kind="primary"
              busy={busy}
              whyNot={line.trim() === '' ? t('accept.needLine') : undefined}
              onClick={accept}
            >
              {t('accept.verb')}
            </Button>
          </>
        ) : (
          <Button
            kind="primary"
            onClick={() => {
              onClose()
              go(to.peer(met.member))
            }}
          >
            {t('accept.on')}
          </Button>
        )
      }
    >
      {met === undefined ? (
        <Area
          label={t('accept.line')}
          hint={t('accept.hint')}
          error={fault === undefined ? undefined : <FaultText fault={fault} />}
          mono
          rows={3}
          placeholder="comity-invite:…"
          value={line}
          maxLength={8000}
          onChange={(event) => setLine(event.target.value)}
        />
      ) : (
        <>
          <p>{t('words.why')}</p>
          <Words words={met.words} />
        </>
      )}
      {busy ? <Skeleton rows={1} /> : null}
    </Dialog>
  )
}

/** Eight words, numbered, to be read over the telephone. */
export function Words({ words }: { readonly words: readonly string[] }): ReactNode {
  return (
    <ol className="key" aria-label={t('words.title')}>
      {words.map((word, at) => (
        <li key={at}>{word}</li>
      ))}
    </ol>
  )
}

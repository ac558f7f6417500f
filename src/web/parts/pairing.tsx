// How two members meet: one makes an invitation, the other accepts it, and both read the same eight words to each other.
import { useState, type ReactNode } from 'react'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { fullTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { Dialog } from '../ui/layer.tsx'
import { copy } from './attempt.tsx'
import { FormDialog } from './form-dialog.tsx'

type Invitation = { readonly invitation: string; readonly expires: string }
type Met = { readonly member: string; readonly words: readonly string[] }

export function InviteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [made, setMade] = useState<Invitation>()
  if (made === undefined)
    return (
      <FormDialog
        wide
        title={t('invite.title')}
        verb={t('invite.make')}
        act={async () => setMade(await send<Invitation>('POST', '/peers/invitations'))}
        onClose={onClose}
      >
        <p>{t('invite.why')}</p>
      </FormDialog>
    )
  return (
    <Dialog
      wide
      title={t('invite.title')}
      onClose={onClose}
      actions={
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
      }
    >
      <p>{t('invite.why')}</p>
      <code className="codebox">{made.invitation}</code>
      <p className="hint">
        <Text k="invite.expires" time={fullTime(made.expires)} />
      </p>
    </Dialog>
  )
}

export function AcceptDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [line, setLine] = useState('')
  const [met, setMet] = useState<Met>()
  if (met === undefined)
    return (
      <FormDialog
        wide
        title={t('accept.title')}
        verb={t('accept.verb')}
        whyNot={line.trim() === '' ? t('accept.needLine') : undefined}
        act={async () => {
          setMet(await send<Met>('POST', '/peers/accept', { invitation: line.trim() }))
          changed('/peers')
        }}
        onClose={onClose}
      >
        <Area
          label={t('accept.line')}
          hint={t('accept.hint')}
          mono
          rows={3}
          placeholder="comity-invite:…"
          value={line}
          maxLength={8000}
          onChange={(event) => setLine(event.target.value)}
        />
      </FormDialog>
    )
  return (
    <Dialog
      wide
      title={t('words.title')}
      onClose={onClose}
      actions={
        <Button
          kind="primary"
          onClick={() => {
            onClose()
            go(to.peer(met.member))
          }}
        >
          {t('accept.on')}
        </Button>
      }
    >
      <p>{t('words.why')}</p>
      <Words words={met.words} />
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

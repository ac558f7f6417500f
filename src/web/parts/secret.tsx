// Something that is shown once: a link, a token, a password of a client.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { copy } from './attempt.tsx'
import { Dialog } from '../ui/layer.tsx'

export function Secret({
  title,
  secret,
  children,
  onClose,
}: {
  readonly title: string
  readonly secret: string
  readonly children: ReactNode
  readonly onClose: () => void
}): ReactNode {
  return (
    <Dialog
      wide
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('close')}</Button>
          <Button
            kind="primary"
            onClick={() => {
              copy(secret, t('copied'))
            }}
          >
            {t('secret.copy')}
          </Button>
        </>
      }
    >
      <p>{children}</p>
      <code className="codebox">{secret}</code>
      <p className="hint">{t('secret.once')}</p>
    </Dialog>
  )
}

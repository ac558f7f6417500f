// A dialog in which something is filled in: Enter sends it like its button, and what is refused is said inside.
import { useId, type ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/layer.tsx'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'

export function FormDialog({
  title,
  verb,
  whyNot,
  wide,
  danger = false,
  act,
  onClose,
  children,
}: {
  readonly title: ReactNode
  /** What the button says that sends it. */
  readonly verb: string
  /** What is missing before it can be sent. */
  readonly whyNot?: string | undefined
  readonly wide?: boolean
  /** Whether it cannot be undone. */
  readonly danger?: boolean
  /** Sends it, and closes the dialog where that went well. */
  readonly act: () => Promise<void>
  readonly onClose: () => void
  readonly children: ReactNode
}): ReactNode {
  const id = useId()
  const { busy, fault, run } = useAct()
  return (
    <Dialog
      title={title}
      onClose={onClose}
      {...(wide === undefined ? {} : { wide })}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind={danger ? 'danger' : 'primary'} type="submit" form={id} busy={busy} whyNot={whyNot}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          run(act)
        }}
      >
        {children}
        <FaultNotice fault={fault} />
      </form>
    </Dialog>
  )
}

// A question before something that cannot be taken back: it names the thing, and its button repeats the verb.
import { useState, type ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/layer.tsx'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'

export function ConfirmButton({
  verb,
  title,
  why,
  small,
  act,
}: {
  readonly verb: string
  readonly title: ReactNode
  readonly why: ReactNode
  readonly small?: boolean
  readonly act: () => Promise<void>
}): ReactNode {
  const [asking, setAsking] = useState(false)
  const { busy, fault, run, clear } = useAct()
  const close = (): void => {
    setAsking(false)
    clear()
  }
  return (
    <>
      <Button kind="danger" {...(small === undefined ? {} : { small })} onClick={() => setAsking(true)}>
        {verb}
      </Button>
      {asking ? (
        <Dialog
          title={title}
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{t('cancel')}</Button>
              <Button kind="danger" busy={busy} onClick={() => run(async () => act().then(close))}>
                {verb}
              </Button>
            </>
          }
        >
          <p>{why}</p>
          <FaultNotice fault={fault} />
        </Dialog>
      ) : null}
    </>
  )
}

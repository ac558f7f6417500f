// What floats: a dialog that asks about a thing by its name, and short messages that confirm.
import { useEffect, useId, useRef, useSyncExternalStore, type ReactNode } from 'react'
import { t } from '../text/language.ts'
import { IconButton } from './button.tsx'

export function Dialog({
  title,
  children,
  actions,
  onClose,
  wide,
}: {
  readonly title: ReactNode
  readonly children: ReactNode
  readonly actions: ReactNode
  readonly onClose: () => void
  readonly wide?: boolean
}): ReactNode {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      className={wide === true ? 'dialog dialog--wide' : 'dialog'}
      aria-labelledby={heading}
      onClose={onClose}
      onCancel={onClose}
    >
      <header>
        <h2 id={heading}>{title}</h2>
      </header>
      <div>{children}</div>
      <footer>{actions}</footer>
    </dialog>
  )
}

type Toast = { readonly id: number; readonly text: ReactNode; readonly stays: boolean }

let toasts: readonly Toast[] = []
let count = 0
const listeners = new Set<() => void>()

function setToasts(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

const SHOWN_MS = 6000

/** Confirms what was done. Never the only copy of a message: it goes away. */
export function confirmDone(text: ReactNode): void {
  count += 1
  const id = count
  setToasts([...toasts.slice(-2), { id, text, stays: false }])
  setTimeout(() => setToasts(toasts.filter((toast) => toast.id !== id)), SHOWN_MS)
}

/** Says what failed, until somebody closes it. */
export function sayFailed(text: ReactNode): void {
  count += 1
  setToasts([...toasts.slice(-2), { id: count, text, stays: true }])
}

export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, stays }) => (
        <div key={id} className={stays ? 'toast toast--danger' : 'toast'}>
          <span>{text}</span>
          <IconButton
            icon="cross"
            label={t('close')}
            onClick={() => setToasts(toasts.filter((toast) => toast.id !== id))}
          />
        </div>
      ))}
    </div>
  )
}

// Buttons. One primary in a view; one that cannot be pressed says why beside it.
import { useId, type ButtonHTMLAttributes, type ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import { Key } from './key.tsx'

export type ButtonKind = 'plain' | 'primary' | 'quiet' | 'danger'

export type ButtonProps = {
  readonly kind?: ButtonKind
  readonly small?: boolean
  readonly icon?: IconName
  /** The key that does the same, shown inside. */
  readonly shortcut?: string
  /** Why it cannot be pressed now. */
  readonly whyNot?: string | undefined
  readonly busy?: boolean
  readonly children: ReactNode
} & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'className'>

export function Button({
  kind = 'plain',
  small,
  icon,
  shortcut,
  whyNot,
  busy,
  children,
  ...rest
}: ButtonProps): ReactNode {
  const why = useId()
  const names = ['btn', kind === 'plain' ? '' : `btn--${kind}`, small === true ? 'btn--sm' : '']
  return (
    <>
      <button
        type="button"
        {...rest}
        className={names.filter((name) => name !== '').join(' ')}
        disabled={whyNot !== undefined || busy === true}
        aria-busy={busy === true || undefined}
        aria-describedby={whyNot === undefined ? undefined : why}
        aria-keyshortcuts={shortcut}
      >
        {icon === undefined ? null : <Icon name={icon} size={small === true ? 14 : 16} />}
        {children}
        {shortcut === undefined ? null : <Key>{shortcut}</Key>}
      </button>
      {whyNot === undefined || whyNot === '' ? null : (
        <span className="why-not" id={why}>
          {whyNot}
        </span>
      )}
    </>
  )
}

export function IconButton({
  icon,
  label,
  ...rest
}: { readonly icon: IconName; readonly label: string } & Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'aria-label'
>): ReactNode {
  return (
    <button type="button" {...rest} className={`icon-btn ${rest.className ?? ''}`} aria-label={label} title={label}>
      <Icon name={icon} />
    </button>
  )
}

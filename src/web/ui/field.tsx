// Fields: the label above, one sentence below; an error takes the sentence's place and says how to put it right.
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react'
import { Icon } from './icon.tsx'

type Common = {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: ReactNode | undefined
  readonly mono?: boolean
}

function Frame({
  id,
  label,
  hint,
  error,
  children,
}: Common & { readonly id: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {error !== undefined && error !== false ? (
        <span className="err" id={`${id}-note`} role="alert">
          {error}
        </span>
      ) : hint === undefined ? null : (
        <span className="hint" id={`${id}-note`}>
          {hint}
        </span>
      )}
    </div>
  )
}

const described = (id: string, { hint, error }: Common): Record<string, unknown> => ({
  id,
  'aria-describedby': hint === undefined && error === undefined ? undefined : `${id}-note`,
  'aria-invalid': error === undefined ? undefined : true,
})

export function Input({
  label,
  hint,
  error,
  mono,
  ...rest
}: Common & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  const id = useId()
  const common = { label, hint, error }
  return (
    <Frame id={id} {...common}>
      <input
        spellCheck={false}
        {...rest}
        {...described(id, common)}
        className={mono === true ? 'input mono' : 'input'}
        {...(mono === true ? { dir: 'ltr' } : {})}
      />
    </Frame>
  )
}

export function Area({
  label,
  hint,
  error,
  mono,
  ...rest
}: Common & TextareaHTMLAttributes<HTMLTextAreaElement>): ReactNode {
  const id = useId()
  const common = { label, hint, error }
  return (
    <Frame id={id} {...common}>
      <textarea
        rows={4}
        {...rest}
        {...described(id, common)}
        className={mono === true ? 'input mono' : 'input'}
        {...(mono === true ? { dir: 'ltr', spellCheck: false } : {})}
      />
    </Frame>
  )
}

export type Choice = readonly [value: string, label: string]

export function Select({
  label,
  hint,
  error,
  choices,
  ...rest
}: Common & { readonly choices: readonly Choice[] } & SelectHTMLAttributes<HTMLSelectElement>): ReactNode {
  const id = useId()
  const common = { label, hint, error }
  return (
    <Frame id={id} {...common}>
      <span className="select">
        <select {...rest} {...described(id, common)} className="input">
          {choices.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </Frame>
  )
}

export function Check({
  label,
  ...rest
}: { readonly label: ReactNode } & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  )
}

/** A choice with consequences: framed, with a sentence. */
export function Pick({
  title,
  children,
  ...rest
}: { readonly title: ReactNode; readonly children: ReactNode } & Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'title'
>): ReactNode {
  return (
    <label className="pick">
      <input type="radio" {...rest} />
      <span>
        <b>{title}</b>
        <small>{children}</small>
      </span>
    </label>
  )
}

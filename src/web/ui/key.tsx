import type { ReactNode } from 'react'

/** A key of the keyboard, beside what it does. Readers hear it from `aria-keyshortcuts`. */
export function Key({ children }: { readonly children: ReactNode }): ReactNode {
  return <kbd aria-hidden="true">{children}</kbd>
}

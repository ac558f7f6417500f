// Why something was taken back: in the reader's words where they are known, else as its author wrote it.
import type { ReactNode } from 'react'
import { hasKey, t } from '../text/language.ts'
import { Foreign } from '../ui/value.tsx'

export function Reason({ of }: { readonly of: string }): ReactNode {
  const key = `reason.${of}`
  return hasKey(key) ? t(key) : <Foreign charsMax={200}>{of}</Foreign>
}

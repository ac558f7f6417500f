// Why a rule decides as it does. The floors and what the settings of collections mean are this program's own words, said
// in the reader's language; what a member wrote for its own rules stands as it wrote it.
import type { ReactNode } from 'react'
import { hasKey, t } from '../text/language.ts'
import { Name } from '../ui/value.tsx'

export function RuleReason({ rule, reason }: { readonly rule: string; readonly reason: string }): ReactNode {
  const key = `rule.${rule}`
  return hasKey(key) ? t(key) : <Name charsMax={400}>{reason}</Name>
}

import type { ReactNode } from 'react'
import type { ApiFault } from '../api.ts'
import { Notice } from '../ui/quiet.tsx'
import { FaultText } from './fault.tsx'

/** The failure of something that was tried, beside where it was tried. */
export function FaultNotice({ fault }: { readonly fault: ApiFault | undefined }): ReactNode {
  if (fault === undefined) return null
  return (
    <Notice kind="danger">
      <FaultText fault={fault} />
    </Notice>
  )
}

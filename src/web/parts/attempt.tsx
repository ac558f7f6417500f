// Doing something from a button that has no room beside it for a fault: what failed stands in the corner until it is closed.
import { ApiFault, faultOf } from '../api.ts'
import { copyText } from '../ui/clipboard.ts'
import { confirmDone, sayFailed } from '../ui/layer.tsx'
import { FaultText } from './fault.tsx'

export function attempt(work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    sayFailed(<FaultText fault={faultOf(error)} />)
  })
}

/** Copies, and says so once it is copied. */
export function copy(text: string, done: string): void {
  attempt(async () => {
    if (!(await copyText(text))) throw new ApiFault('clipboard', '')
    confirmDone(done)
  })
}

// Doing something at the node: busy while it runs, a fault where it fails, and what it changed read again.
import { useState } from 'react'
import { faultOf, type ApiFault } from '../api.ts'

export type Act = {
  readonly busy: boolean
  readonly fault: ApiFault | undefined
  readonly run: (work: () => Promise<void>) => void
  readonly clear: () => void
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<ApiFault>()
  const run = (work: () => Promise<void>): void => {
    setBusy(true)
    setFault(undefined)
    work()
      .catch((error: unknown) => setFault(faultOf(error)))
      .finally(() => setBusy(false))
  }
  return { busy, fault, run, clear: () => setFault(undefined) }
}

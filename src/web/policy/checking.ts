// Rules are checked by the node while they are written: a moment after the last key.
import { useEffect, useState } from 'react'
import type { CheckView } from '#kernel/policy/wire.ts'
import { type ApiFault, faultOf, send } from '../api.ts'
import { worthKeeping, type RuleFile } from './draft.ts'

export type Finding = CheckView['findings'][number]
export type Checking = {
  readonly busy: boolean
  readonly findings: readonly Finding[]
  readonly rules: CheckView['rules']
  readonly fault: ApiFault | undefined
  /** Everything that stands there now was read, and can be set. */
  readonly clean: boolean
}

const PAUSE_MS = 350
const NOTHING: CheckView = { findings: [], rules: [] }

type Told = { readonly of: string; readonly check: CheckView; readonly fault?: ApiFault }

export function useChecking(files: readonly RuleFile[]): Checking {
  const [told, setTold] = useState<Told>({ of: '', check: NOTHING })
  const of = JSON.stringify(worthKeeping(files))
  useEffect(() => {
    let over = false
    const timer = setTimeout(() => {
      send<CheckView>('POST', '/policy/check', { files: JSON.parse(of) as RuleFile[] })
        .then((check) => over || setTold({ of, check }))
        .catch((error: unknown) => {
          const fault = faultOf(error)
          if (!over) setTold((before) => ({ of, check: before.check, fault }))
        })
    }, PAUSE_MS)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [of])
  const { findings, rules } = told.check
  const busy = told.of !== of
  const wrong = findings.some(({ severity }) => severity === 'error')
  return { busy, findings, rules, fault: told.fault, clean: !busy && !wrong && told.fault === undefined }
}

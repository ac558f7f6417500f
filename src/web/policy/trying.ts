// What rules would do if they were in force: asked of the node, with its progress, and thrown away with the next key.
import { useEffect, useRef, useState } from 'react'
import type { PreviewEvent, PreviewView } from '#kernel/policy/wire.ts'
import { ApiFault, faultOf, sendForEvents } from '../api.ts'
import { worthKeeping, type RuleFile } from './draft.ts'

export type Trying = {
  readonly progress: { readonly done: number; readonly of: number } | undefined
  readonly result: PreviewView | undefined
  readonly fault: ApiFault | undefined
  readonly start: () => void
}

type Told = { readonly of: string } & Partial<Omit<Trying, 'start'>>

/** `version` is the one in force: what was held against another one says nothing any more. */
export function useTrying(files: readonly RuleFile[], version: number): Trying {
  const [told, setTold] = useState<Told>({ of: '' })
  const running = useRef<AbortController>(undefined)
  const of = JSON.stringify(worthKeeping(files))
  useEffect(() => () => running.current?.abort(), [of])
  const start = (): void => {
    const control = new AbortController()
    running.current?.abort()
    running.current = control
    const tell = (more: Partial<Omit<Trying, 'start'>>): void => {
      if (!control.signal.aborted) setTold({ of, ...more })
    }
    tell({ progress: { done: 0, of: 0 } })
    ask(JSON.parse(of) as RuleFile[], control.signal, tell).catch((error: unknown) => tell({ fault: faultOf(error) }))
  }
  const mine = told.of === of ? told : undefined
  const result = mine?.result?.version === version ? mine.result : undefined
  return { progress: mine?.progress, result, fault: mine?.fault, start }
}

async function ask(
  files: readonly RuleFile[],
  signal: AbortSignal,
  tell: (more: Partial<Omit<Trying, 'start'>>) => void,
): Promise<void> {
  let result: PreviewView | undefined
  for await (const event of sendForEvents<PreviewEvent>('/policy/preview', { files }, signal)) {
    if (event.kind === 'progress') tell({ progress: event })
    else if (event.kind === 'result') result = event
    else throw new ApiFault(event.code, event.message, event)
  }
  if (result === undefined) throw new ApiFault('link.lost', 'the answer broke off')
  tell({ result })
}

// Warnings as server-sent events, as they come and change.
import { Readable } from 'node:stream'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Warning } from './warning.ts'

export type WarningEvents = { readonly stream: Readable; readonly end: () => void }

/**
 * Every warning that comes or changes from now on, as it then stands, one `data:` line of JSON (`WarningView`) each,
 * and a comment where it was quiet for long, so that nobody on the way cuts the line. A listener that does not keep up
 * is cut off rather than kept in memory: it reads the list and listens again.
 */
export function warningEvents(warning: Warning, principal: Principal): WarningEvents {
  const changed = new Set<number>()
  let ended = false
  let timer: Disposable | undefined
  const stream = new Readable({
    read: () => {},
    destroy: (error, done) => {
      stop()
      done(error)
    },
  })
  const push = (text: string): void => {
    if (ended) return
    if (stream.readableLength <= LIMITS.eventsBytesMax) stream.push(text)
    else stream.destroy(new Fault('rate.limited', 'this listener does not keep up', { remedy: 'Listen again.' }))
  }
  const send = async (): Promise<void> => {
    for (const id of changed) {
      changed.delete(id)
      const view = await warning.find(id, principal)
      if (view !== undefined) push(`data: ${JSON.stringify(view)}\n\n`)
    }
  }
  let sending: Promise<void> | undefined
  const subscription = warning.onChange((id) => {
    changed.add(id)
    sending ??= send()
      .catch((error: unknown) => void stream.destroy(error as Error))
      .finally(() => {
        sending = undefined
      })
  })
  const stop = (): void => {
    ended = true
    subscription[Symbol.dispose]()
    timer?.[Symbol.dispose]()
  }
  const wait = (): void => {
    timer = warning.clock.after(LIMITS.eventsQuietMs, () => {
      push(': still here\n\n')
      if (!ended) wait()
    })
  }
  push(': listening\n\n')
  wait()
  return {
    stream,
    end: () => {
      if (ended) return
      stop()
      stream.push(null)
    },
  }
}

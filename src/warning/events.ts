// Warnings as server-sent events, as they come and change.
import type { Feed } from '#kernel/http/event-stream.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Warning } from './warning.ts'

/** Every warning that comes or changes from now on, as it then stands (`WarningView`), where the listener may see it. */
export function warningFeed(warning: Warning, principal: Principal): Feed {
  return (stream) => {
    const changed = new Set<number>()
    let sending: Promise<void> | undefined
    const send = async (): Promise<void> => {
      for (const id of changed) {
        changed.delete(id)
        const view = (await stream.listens()) ? await warning.find(id, principal) : undefined
        if (view !== undefined) stream.send({ data: view })
      }
    }
    return warning.onChange((id) => {
      changed.add(id)
      sending ??= send()
        .catch(() => {})
        .finally(() => {
          sending = undefined
        })
    })
  }
}

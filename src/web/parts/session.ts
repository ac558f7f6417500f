// Who sits here, as the node says it. Whatever ends the session (time, another window, an administrator) leads to the
// sign-in page, which comes back to the same address afterwards.
import { useSyncExternalStore } from 'react'
import type { SessionView } from '#identity/wire.ts'
import type { Right } from '#kernel/role.ts'
import { type ApiFault, faultOf, get, send, useCsrf, whenSignedOut } from '../api.ts'
import { forgetAll } from '../load.ts'

export type Sitting =
  | { readonly known: false; readonly fault?: ApiFault }
  | {
      readonly known: true
      readonly session: SessionView
      /** Signed in before on this page, and no more. */ readonly ended: boolean
    }

let sitting: Sitting = { known: false }
const listeners = new Set<() => void>()

function set(next: Sitting): void {
  sitting = next
  for (const listener of listeners) listener()
}

export function useSitting(): Sitting {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => sitting,
  )
}

/** The session of somebody who is signed in; pages are only shown to such. */
export function useSession(): SessionView {
  const now = useSitting()
  if (!now.known) throw new Error('a page was shown before the session was known')
  return now.session
}

export function useRight(right: Right): boolean {
  return useSession().rights?.includes(right) === true
}

export async function loadSession(): Promise<void> {
  try {
    begin(await get<SessionView>('/session'))
  } catch (error) {
    set({ known: false, fault: faultOf(error) })
  }
}

/** Takes the answer of any way to sign in. What was written on a page stays there. */
export function begin(session: SessionView): void {
  const before = sitting.known ? sitting.session.user?.name : undefined
  if (before !== undefined && before !== session.user?.name) forgetAll()
  useCsrf(session.csrf)
  set({ known: true, session, ended: false })
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/session')
  forgetAll()
  await loadSession()
}

whenSignedOut(() => {
  if (sitting.known && sitting.session.state === 'signed-in')
    set({ known: true, session: { ...sitting.session, state: 'signed-out' }, ended: true })
})

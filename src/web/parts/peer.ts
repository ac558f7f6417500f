// How a peer is doing, said once for every page: a state with its word, its name in the reader's language.
import type { PeerView } from '#federation/wire.ts'
import { currentLanguage, t } from '../text/language.ts'
import type { StateKind } from '../ui/state.tsx'

/** The name a member gives itself in the reader's language, else in English, else any. */
export function nameIn(names: Readonly<Record<string, string>>, fallback: string): string {
  const language = currentLanguage()
  return (
    (names[language] ?? names[language.slice(0, 2)] ?? names['en'] ?? Object.values(names)[0] ?? fallback) || fallback
  )
}

export function peerName(peer: Pick<PeerView, 'names' | 'member'>): string {
  return nameIn(peer.names, peer.member)
}

/** As people look for them: by the name that is shown. */
export function byName<P extends Pick<PeerView, 'names' | 'member'>>(peers: readonly P[]): P[] {
  const { compare } = new Intl.Collator(currentLanguage() === 'zh-Hans' ? 'zh-Hans' : 'en')
  return peers.toSorted((a, b) => compare(peerName(a), peerName(b)))
}

const LATE_MS = 15 * 60_000
const SILENT_MS = 6 * 3600_000

export type PeerState = {
  readonly kind: StateKind
  readonly word: string
  readonly code: 'ok' | 'late' | 'silent' | 'pending' | 'stopped' | 'removed'
}

export function peerState(peer: PeerView, nowMs: number): PeerState {
  if (peer.state === 'pending') return { kind: 'wait', code: 'pending', word: t('peer.pending') }
  if (peer.state === 'removed') return { kind: 'off', code: 'removed', word: t('peer.removed') }
  if (peer.stopped !== undefined) return { kind: 'danger', code: 'stopped', word: t('peer.stopped') }
  const silentMs = peer.lastContact === undefined ? Number.POSITIVE_INFINITY : nowMs - Date.parse(peer.lastContact)
  if (silentMs > SILENT_MS) return { kind: 'danger', code: 'silent', word: t('peer.silent') }
  if (silentMs > LATE_MS || peer.lastError !== undefined) return { kind: 'warning', code: 'late', word: t('peer.late') }
  return { kind: 'ok', code: 'ok', word: t('peer.ok') }
}

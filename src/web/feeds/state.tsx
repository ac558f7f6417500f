// How a feed is, in one word and since when.
import type { ReactNode } from 'react'
import type { FeedState, FeedView } from '#sharing/feeds/wire.ts'
import { useNow } from '../parts/now.ts'
import { t, when } from '../text/language.ts'
import { State, type StateKind } from '../ui/state.tsx'

const KINDS: Readonly<Record<FeedState, StateKind>> = {
  waiting: 'wait',
  running: 'wait',
  ok: 'ok',
  failing: 'danger',
  paused: 'off',
}

export function FeedStateMark({ feed: { state, read } }: { readonly feed: FeedView }): ReactNode {
  const nowMs = useNow()
  return (
    <State kind={KINDS[state]} since={read === undefined ? undefined : t('feeds.readAt', { time: when(read, nowMs) })}>
      {t(`feeds.${state}`)}
    </State>
  )
}

// How a member and the exchange with it are drawn: a line is whole, in strokes, in dots. The same in the circle and on the map.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import type { PeerState } from './peer.ts'

export const LINES: Readonly<Record<PeerState['code'], string>> = {
  ok: 'path',
  late: 'late',
  silent: 'silent',
  stopped: 'silent',
  pending: 'l2 dash',
  removed: 'l2 dash',
}

export type SeatState = PeerState['code'] | 'own'

/** How a member itself is drawn, this one among them. */
export const NODES: Readonly<Record<SeatState, string>> = {
  own: 'acc',
  ok: 'node',
  late: 'node node--late',
  silent: 'node node--silent',
  stopped: 'node node--silent',
  pending: 'node dash',
  removed: 'node dash',
}

export const LineLegend = (): ReactNode => (
  <p className="legend" aria-hidden="true">
    <Legend kind="path">{t('ring.yours')}</Legend>
    <Legend kind="late">{t('peer.late')}</Legend>
    <Legend kind="silent">{t('peer.silent')}</Legend>
    <Legend kind="l2 dash">{t('ring.waiting')}</Legend>
  </p>
)

const Legend = ({ kind, children }: { readonly kind: string; readonly children: ReactNode }): ReactNode => (
  <span>
    <svg width="20" height="8" className="draw ring-draw">
      <path className={kind} d="M0 4h20" />
    </svg>
    {children}
  </span>
)

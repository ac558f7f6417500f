// How the exchange with a member is, as a line: whole, in strokes, in dots. The same in the circle and on the map.
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

// A text as a QR code, for a telephone's camera: dark on light in both themes, with the quiet zone that cameras need.
import { encode } from 'uqr'
import type { ReactNode } from 'react'
import { pathOf } from './qr-path.ts'

/** Empty modules around it (ISO/IEC 18004: four). */
const QUIET = 4

export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect className="qr-ground" width={size} height={size} />
      <path className="qr-ink" d={pathOf(data)} />
    </svg>
  )
}

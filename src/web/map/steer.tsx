// What steers the map beside hands and keys: nearer, farther, all of it, and which meridian stands in its middle.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Select } from '../ui/field.tsx'

const EVERY_DEGREES = 30
const MERIDIANS = Array.from({ length: 360 / EVERY_DEGREES }, (_, at) => at * EVERY_DEGREES - 150)

export function Steer({
  isWhole,
  meridian,
  onZoom,
  onWhole,
  onMeridian,
  children,
}: {
  readonly isWhole: boolean
  readonly meridian: number | undefined
  readonly onZoom: (larger: boolean) => void
  readonly onWhole: () => void
  readonly onMeridian: (meridian: number | undefined) => void
  readonly children: ReactNode
}): ReactNode {
  return (
    <div className="map-tools" role="group" aria-label={t('map.view')}>
      {children}
      <div className="actions">
        <Button onClick={() => onZoom(true)} aria-label={t('map.larger')}>
          +
        </Button>
        <Button onClick={() => onZoom(false)} aria-label={t('map.smaller')} whyNot={isWhole ? '' : undefined}>
          −
        </Button>
        <Button onClick={onWhole} whyNot={isWhole ? t('map.isWhole') : undefined}>
          {t('map.all')}
        </Button>
      </div>
      <Select
        label={t('map.meridian')}
        value={meridian ?? ''}
        choices={[
          ['', t('map.between')],
          ...MERIDIANS.map((degrees): readonly [string, string] => [String(degrees), meridianName(degrees)]),
        ]}
        onChange={(event) => onMeridian(event.target.value === '' ? undefined : Number(event.target.value))}
      />
    </div>
  )
}

/** `60° E`: degrees are written alike in every language here. */
const meridianName = (degrees: number): string =>
  `${Math.abs(degrees)}°${degrees === 0 || degrees === 180 ? '' : degrees < 0 ? ' W' : ' E'}`

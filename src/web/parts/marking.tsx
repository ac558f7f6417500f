// Markings. TLP 2.0 is drawn as the standard draws it: the full chip once at the head of a record, a swatch with the word
// in lists.
import type { ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { t } from '../text/language.ts'
import { Facts } from '../ui/region.tsx'
import { Name } from '../ui/value.tsx'

const TONES: Readonly<Record<string, string>> = {
  RED: 'red',
  'AMBER+STRICT': 'amber',
  AMBER: 'amber',
  GREEN: 'green',
  CLEAR: 'clear',
}

export function TlpChip({ tlp }: { readonly tlp: string }): ReactNode {
  return <span className={`tlp tlp--${TONES[tlp] ?? 'red'}`}>{`TLP:${tlp}`}</span>
}

/** Beside the label of what belongs to an exercise, wherever a record stands: nobody takes it for the real world. */
export const Exercise = (): ReactNode => <span className="badge badge--exercise">{t('marking.exercise')}</span>

export function Tlp({ tlp, exercise }: { readonly tlp: string; readonly exercise?: boolean | undefined }): ReactNode {
  const label = <span className={`tlq tlq--${TONES[tlp] ?? 'red'}`}>{tlp}</span>
  return exercise === true ? (
    <span className="tlq-with">
      {label} <Exercise />
    </span>
  ) : (
    label
  )
}

/** Where a marking is chosen: by its whole name, with its colour. */
export function TlpWord({ tlp }: { readonly tlp: string }): ReactNode {
  return <span className={`tlq tlq--name tlq--${TONES[tlp] ?? 'red'}`}>{`TLP:${tlp}`}</span>
}

export type MarkingView = RecordDetail['versions'][number]['marking']

/** Every part of a marking in words. */
export function MarkingFacts({ marking }: { readonly marking: MarkingView }): ReactNode {
  const { tlp, pap, audience, personal, jurisdiction, exercise } = marking
  return (
    <Facts
      facts={[
        [t('marking.handling'), <Tlp key="tlp" tlp={tlp} />],
        [t('marking.audience'), <Audience key="audience" audience={audience} />],
        [t('marking.actions'), pap === undefined ? t('marking.noPap') : t(`pap.${pap}`)],
        [t('marking.personal'), t(personal === 'none' ? 'marking.personalNone' : 'marking.personalSome')],
        ...(jurisdiction === undefined ? [] : [[t('marking.jurisdiction'), jurisdiction] as const]),
        [t('marking.exercise'), exercise === undefined ? t('no') : <Name key="exercise">{exercise}</Name>],
      ]}
    />
  )
}

function Audience({ audience }: { readonly audience: MarkingView['audience'] }): ReactNode {
  const { named, communities } = audience
  if (communities.length === 0) return t(named ? 'marking.named' : 'marking.unnamed')
  return (
    <>
      {communities.map((community, at) => (
        <span key={community}>
          {at === 0 ? null : ', '}
          <Name charsMax={60}>{community}</Name>
        </span>
      ))}
      {named ? ` ${t('marking.andNamed')}` : null}
    </>
  )
}

// What the shapes mean, and what of it is shown: kinds of records, kinds of relations. Each says how many there are.
import { useMemo, type ReactNode } from 'react'
import { typeName } from '../parts/record.ts'
import { relationWord } from '../parts/relations.tsx'
import { number, t } from '../text/language.ts'
import { Check } from '../ui/field.tsx'
import { Block } from '../ui/region.tsx'
import { CORNERS, FAMILIES, familyOf } from './kinds.ts'
import type { Model } from './model.ts'

const SHOWN_MAX = 40

export function Legend({ model, version }: { readonly model: Model; readonly version: number }): ReactNode {
  const types = useMemo(() => tally(model.points.map(({ type }) => type)), [model, version])
  const words = useMemo(() => tally(model.lines.map(({ word }) => word)), [model, version])
  return (
    <>
      <Block title={t('graph.kinds')}>
        <div className="checks graph-legend">
          {types
            .toSorted((a, b) => familyOf(a[0]) - familyOf(b[0]) || b[1] - a[1])
            .map(([type, count]) => (
              <Check
                key={type}
                checked={!model.hidden.types.has(type)}
                onChange={(event) => model.hide('types', type, !event.target.checked)}
                label={
                  <>
                    <Mark family={familyOf(type)} /> {typeName(type)} <span className="faint">{number(count)}</span>
                  </>
                }
              />
            ))}
        </div>
        <p className="small dim">{t('graph.hollow')}</p>
      </Block>
      {words.length === 0 ? null : (
        <Block title={t('graph.words')}>
          <div className="checks graph-legend">
            {words.map(([word, count]) => (
              <Check
                key={word}
                checked={!model.hidden.words.has(word)}
                onChange={(event) => model.hide('words', word, !event.target.checked)}
                label={
                  <>
                    {relationWord(word)} <span className="faint">{number(count)}</span>
                  </>
                }
              />
            ))}
          </div>
        </Block>
      )}
    </>
  )
}

/** The shape of a family as it stands in the drawing. */
export function Mark({ family }: { readonly family: number }): ReactNode {
  const { name, shape } = FAMILIES[family] ?? FAMILIES[0]
  const corners = CORNERS[shape]
  return (
    <svg className={`kind-mark kind-mark--${name}`} viewBox="-1.4 -1.4 2.8 2.8" aria-hidden="true">
      {corners.length === 0 ? (
        <circle r="1" />
      ) : (
        <polygon points={corners.map((corner) => corner.join(',')).join(' ')} />
      )}
    </svg>
  )
}

/** The most frequent first. */
function tally(values: readonly string[]): (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, SHOWN_MAX)
}

// What a record is related to: what it points at, what points at it, and the other ends of those relationships. Drawn as
// a small star that stays still, with the same in words below it.
import { useMemo, type ReactNode } from 'react'
import type { RecordDetail, RecordView, RelatedView } from '#sharing/wire.ts'
import { useGet, type Loaded } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { hasKey, t } from '../text/language.ts'
import { plainText, shortId } from '../ui/harmless.ts'
import { Block } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign } from '../ui/value.tsx'
import { Show } from './fault.tsx'
import { defang } from '../ui/harmless.ts'
import { drawnText } from '../ui/room.ts'
import { recordTitle, typeName } from './record.ts'

type Version = RecordDetail['versions'][number]
/** One line of the star: the word on it, its direction, the record at its end. */
type Relation = {
  readonly key: string
  readonly word: string
  readonly outward: boolean
  readonly id: string
  readonly name: string | undefined
}

const DRAWN_MAX = 8
const LISTED_MAX = 50
const ID = /^[a-z0-9-]{3,250}--[0-9a-f-]{36}$/
/** What nearly every record points at without saying anything about it. */
const NOT_RELATIONS = new Set(['created_by_ref', 'object_marking_refs'])

/** What points at a record. */
export const useRelated = (id: string): Loaded<{ items: RelatedView[] }> =>
  useGet(`/records/${encodeURIComponent(id)}/related?limit=${LISTED_MAX}`)

export function Relations({ version }: { readonly version: Version }): ReactNode {
  const related = useRelated(version.id)
  const relations = useMemo(() => relationsOf(version, related.value?.items ?? []), [version, related.value])
  const columns: readonly Column<Relation>[] = [
    {
      key: 'word',
      head: t('relations.how'),
      cell: ({ word, outward }) => <span className="nowrap">{outward ? `→ ${word}` : `← ${word}`}</span>,
    },
    { key: 'what', head: t('record.name'), fill: true, cell: ({ id, name }) => <End id={id} name={name} /> },
    {
      key: 'type',
      head: t('record.type'),
      wideOnly: true,
      cell: ({ id }) => <span className="badge">{typeName(id.split('--')[0] ?? '')}</span>,
    },
  ]
  const note =
    relations.length > DRAWN_MAX ? t('relations.drawn', { n: relations.length, drawn: DRAWN_MAX }) : undefined
  return (
    <Block
      id="relations"
      title={t('record.part.relations')}
      note={note}
      end={
        <Link className="link" to={to.graph([version.id])}>
          {t('graph.openIt')}
        </Link>
      }
    >
      <Show of={related} rows={3}>
        {() =>
          relations.length === 0 ? (
            <p className="dim">{t('relations.none')}</p>
          ) : (
            <>
              <div className="scroll-x" tabIndex={0} role="region" aria-label={t('relations.graph')}>
                <Star version={version} relations={relations.slice(0, DRAWN_MAX)} />
              </div>
              <Table
                label={t('record.part.relations')}
                columns={columns}
                rows={relations}
                rowKey={({ key }) => key}
                flush={false}
                dense
              />
            </>
          )
        }
      </Show>
    </Block>
  )
}

function relationsOf(version: Version, related: readonly RelatedView[]): Relation[] {
  const own = Object.entries(version.object as Record<string, unknown>)
    .filter(([property]) => /_refs?$/.test(property) && !NOT_RELATIONS.has(property))
    .flatMap(([property, value]) =>
      (Array.isArray(value) ? value : [value]).map((id: unknown) => [property, id] as const),
    )
    .flatMap(([property, id]): Relation[] =>
      typeof id === 'string' && ID.test(id)
        ? [{ key: `out ${property} ${id}`, word: relationWord(property), outward: true, id, name: undefined }]
        : [],
    )
  const others = related.filter(({ latest }) => latest).flatMap((each) => throughOf(version.id, each))
  return [...new Map([...own, ...others].map((each) => [`${each.word} ${each.outward} ${each.id}`, each])).values()]
}

/** A relationship stands for its other end; anything else (a report, a note, a sighting) for itself. */
function throughOf(id: string, related: RelatedView): Relation[] {
  if (related.type !== 'relationship')
    return [{ key: related.id, word: typeName(related.type), outward: false, id: related.id, name: related.name }]
  const outward = related.links.some((link) => link.property === 'source_ref' && link.id === id)
  const other = related.links.find((link) => link.property === (outward ? 'target_ref' : 'source_ref'))
  return other === undefined
    ? []
    : [
        {
          key: related.id,
          word: relationWord(related.relationship ?? 'related-to'),
          outward,
          id: other.id,
          name: undefined,
        },
      ]
}

/** A relation, or the property that refers, in the reader’s language. */
export function relationWord(word: string): string {
  for (const key of [`word.${word}`, `field.${word}`]) if (hasKey(key)) return t(key)
  return plainText(word.replace(/_refs?$/, '').replaceAll('_', ' '), 30)
}

/** The name of the record at the other end, where it is here and may be looked at. */
function useName(id: string, known: string | undefined): string {
  const detail = useGet<RecordDetail>(known === undefined ? `/records/${encodeURIComponent(id)}` : undefined)
  const newest: RecordView | undefined = detail.value?.versions.at(-1)
  return known ?? (newest === undefined ? shortId(id) : recordTitle(newest))
}

function End({ id, name }: { readonly id: string; readonly name: string | undefined }): ReactNode {
  return (
    <Link className="cell" to={to.record(id)}>
      <Foreign charsMax={80}>{useName(id, name)}</Foreign>
    </Link>
  )
}

const [WIDTH, ROW, LEFT, RIGHT] = [712, 46, 120, 420]

/** The record on one side, its relations in a column on the other: places follow from the order alone. */
function Star({
  version,
  relations,
}: {
  readonly version: Version
  readonly relations: readonly Relation[]
}): ReactNode {
  const height = Math.max(96, relations.length * ROW + 20)
  const middle = height / 2
  return (
    <svg
      className="draw"
      viewBox={`0 0 ${WIDTH} ${height}`}
      width="100%"
      role="group"
      aria-label={t('relations.says', { n: relations.length })}
      direction="ltr"
    >
      {relations.map((relation, at) => {
        const y = relations.length === 1 ? middle : 24 + at * ROW
        return (
          <g key={relation.key}>
            <path
              className="l2"
              d={`M${LEFT + 8} ${middle} C ${LEFT + 120} ${middle} ${RIGHT - 190} ${y} ${RIGHT - 8} ${y}`}
            />
            <text className="m a-e" x={RIGHT - 18} y={y - 6}>
              {relation.outward ? relation.word : `← ${relation.word}`}
            </text>
            <circle className="fill" cx={RIGHT} cy={y} r="7" />
            <circle className="l2" cx={RIGHT} cy={y} r="7" />
            <Label relation={relation} y={y} />
          </g>
        )
      })}
      <circle className="acc" cx={LEFT} cy={middle} r="7" />
      <text className="b a-m" x={LEFT} y={middle + 26}>
        {drawnText(defang(recordTitle(version)), 26)}
      </text>
      <text className="m a-m" x={LEFT} y={middle + 42}>
        {typeName(version.type)}
      </text>
    </svg>
  )
}

function Label({ relation, y }: { readonly relation: Relation; readonly y: number }): ReactNode {
  const name = useName(relation.id, relation.name)
  return (
    <Link to={to.record(relation.id)}>
      <text x={RIGHT + 16} y={y - 1}>
        {drawnText(defang(name), 34)}
      </text>
      <text className="m" x={RIGHT + 16} y={y + 13}>
        {typeName(relation.id.split('--')[0] ?? '')}
      </text>
    </Link>
  )
}

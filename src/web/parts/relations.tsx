// What a record is related to: what it points at, what points at it, and the other ends of those relationships. Drawn as
// a small star that stays still, with the same in words below it.
import { useMemo, type ReactNode } from 'react'
import type { GraphEdge, NeighboursView, RecordDetail } from '#sharing/wire.ts'
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
  readonly name: string
}

const DRAWN_MAX = 8
const LISTED_MAX = 50
const ID = /^[a-z0-9-]{3,250}--[0-9a-f-]{36}$/
/** What nearly every record points at without saying anything about it. */
const NOT_RELATIONS = new Set(['created_by_ref', 'object_marking_refs'])

/**
 * What is joined to a record, with the names of what stands at the other ends. Where what it points at fills the page, what
 * points at it is read, too: a report of hundreds may still be disputed by one note.
 */
export function useJoined(id: string): Loaded<NeighboursView> {
  const path = `/records/${encodeURIComponent(id)}/neighbours?limit=${LISTED_MAX}`
  const first = useGet<NeighboursView>(path)
  const isFull = first.value?.next !== undefined && first.value.edges.every((edge) => edge.id === id)
  const inward = useGet<NeighboursView>(isFull ? `${path}&side=in` : undefined)
  if (!isFull || first.value === undefined) return first
  const { value = NOTHING } = inward
  return {
    ...inward,
    value: { nodes: [...first.value.nodes, ...value.nodes], edges: [...first.value.edges, ...value.edges] },
  }
}

const NOTHING: NeighboursView = { nodes: [], edges: [] }

export function Relations({ version }: { readonly version: Version }): ReactNode {
  const joined = useJoined(version.id)
  const relations = useMemo(() => relationsOf(version, joined.value ?? NOTHING), [version, joined.value])
  const columns: readonly Column<Relation>[] = [
    {
      key: 'word',
      head: t('relations.how'),
      cell: ({ word, outward }) => <span className="nowrap">{outward ? `→ ${word}` : `← ${word}`}</span>,
    },
    {
      key: 'what',
      head: t('record.name'),
      fill: true,
      cell: ({ id, name }) => (
        <Link className="cell" to={to.record(id)}>
          <Foreign charsMax={80}>{name}</Foreign>
        </Link>
      ),
    },
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
      <Show of={joined} rows={3}>
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

function relationsOf(version: Version, { nodes, edges }: NeighboursView): Relation[] {
  const names = new Map(nodes.map(({ id, name }) => [id, name]))
  const named = (each: Omit<Relation, 'name'>): Relation => ({ ...each, name: names.get(each.id) ?? shortId(each.id) })
  const own = Object.entries(version.object as Record<string, unknown>)
    .filter(([property]) => /_refs?$/.test(property) && !NOT_RELATIONS.has(property))
    .flatMap(([property, value]) =>
      (Array.isArray(value) ? value : [value]).map((id: unknown) => [property, id] as const),
    )
    .flatMap(([property, id]) =>
      typeof id === 'string' && ID.test(id)
        ? [{ key: `out ${property} ${id}`, word: relationWord(property), outward: true, id }]
        : [],
    )
  const others = edges.filter(({ id }) => id !== version.id).map((edge) => throughOf(version.id, edge))
  const all = [...own, ...others].map(named)
  return [...new Map(all.map((each) => [`${each.word} ${each.outward} ${each.id}`, each])).values()]
}

/** A relationship stands for its other end; anything else (a report, a note, a sighting) for itself. */
function throughOf(id: string, edge: GraphEdge): Omit<Relation, 'name'> {
  if (edge.id === edge.from)
    return { key: edge.id, word: typeName(edge.id.split('--')[0] ?? ''), outward: false, id: edge.id }
  const outward = edge.from === id
  return { key: edge.id, word: relationWord(edge.word), outward, id: outward ? edge.to : edge.from }
}

/** A relation, or the property that refers, in the reader’s language. */
export function relationWord(word: string): string {
  for (const key of [`word.${word}`, `field.${word}`]) if (hasKey(key)) return t(key)
  return plainText(word.replace(/_refs?$/, '').replaceAll('_', ' '), 30)
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
  return (
    <Link to={to.record(relation.id)}>
      <text x={RIGHT + 16} y={y - 1}>
        {drawnText(defang(relation.name), 34)}
      </text>
      <text className="m" x={RIGHT + 16} y={y + 13}>
        {typeName(relation.id.split('--')[0] ?? '')}
      </text>
    </Link>
  )
}

// Fetching more of the graph: neighbours of a record, page by page, and a way between two.
import type { NeighboursView, PathView } from '#sharing/wire.ts'
import { get } from '../api.ts'
import { t } from '../text/language.ts'
import { POINTS_MAX, type Model } from './model.ts'

const PAGE = 200

/** Takes up the next page of what is joined to a record; answers what there is to say about it. */
export async function openRecord(model: Model, id: string, asRoot = false): Promise<string> {
  const known = model.find(id)
  if (known?.opened === 'all') return t('graph.nothingMore')
  if (known !== undefined && model.points.length >= POINTS_MAX) return t('graph.full', { n: POINTS_MAX })
  const cursor = known?.next === undefined ? '' : `&cursor=${known.next}`
  const page = await get<NeighboursView>(`/records/${encodeURIComponent(id)}/neighbours?limit=${PAGE}${cursor}`)
  return t('graph.added', { n: model.takeNeighbours(id, page, asRoot) })
}

export async function findWay(model: Model, from: string, to: string): Promise<string> {
  const ends = new URLSearchParams({ from, to })
  const way = await get<PathView>(`/graph/path?${ends}`)
  if (!way.found) return t(way.whole ? 'graph.noWay' : 'graph.noWayNear')
  model.takeWay(way)
  return t('graph.way', { n: way.edges.length })
}

// A record as a line of a list: what it is called, whose it is, and how it is marked.
import { loadLabel } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { listCollections } from './collection.ts'
import { bytesOfRecord, type RecordRow } from './find.ts'
import type { RecordView } from './wire.ts'

/** One line for each row, in their order. */
export async function toRecordViews(store: Reader, rows: readonly RecordRow[]): Promise<RecordView[]> {
  const titles = new Map((await listCollections(store)).map((each) => [each.id, each.alias ?? each.uuid]))
  const views: RecordView[] = []
  for (const row of rows) {
    const bytes = await bytesOfRecord(store, row.seq)
    const marking = await loadLabel(store, row.labelClass)
    const name = bytes === undefined ? undefined : titleOf(JSON.parse(Buffer.from(bytes).toString('utf8')) as Fields)
    views.push({
      id: row.id,
      type: row.type,
      ...(row.version === undefined ? {} : { version: row.version }),
      author: row.author,
      collection: titles.get(row.collection) ?? '',
      addedAt: row.addedAt,
      latest: row.latest,
      withdrawn: row.withdrawnBy !== null,
      tlp: marking?.tlp ?? 'RED',
      ...(marking?.exercise === undefined ? {} : { exercise: true }),
      ...(name === undefined ? {} : { name }),
    })
  }
  return views
}

type Fields = Readonly<Record<string, unknown>>

/** What says most of these, in this order, is what a record is called where it has no name. */
const TITLES = ['name', 'value', 'abstract', 'content', 'explanation', 'relationship_type'] as const
const TITLE_CHARS_MAX = 200

function titleOf(object: Fields): string | undefined {
  const texts = TITLES.map((field) => object[field]).filter((each) => typeof each === 'string')
  const title = texts.find((each) => each.trim() !== '')
  return title === object['name'] ? title : title?.slice(0, TITLE_CHARS_MAX)
}

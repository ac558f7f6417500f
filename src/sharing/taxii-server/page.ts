// Pages of a collection: candidates by index, through the one door, and only then bytes, joined as they are stored.
import type { Egress } from '#kernel/egress.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy.ts'
import type { Reader, Value } from '#kernel/store/types.ts'
import type { Collection } from '../collection.ts'
import { objectKey } from '../stix-id.ts'
import type { Filters } from './filters.ts'

export type Row = {
  readonly seq: number
  readonly labelClass: number
  readonly version: number
  readonly spec: number
  readonly oid: Uint8Array
  readonly type: string
}

export type Page = {
  readonly rows: readonly Row[]
  readonly more: boolean
  /** Where the next page begins. */ readonly after: number
}

export type PageRequest = {
  readonly collection: Collection
  readonly principal: Principal
  readonly filters: Filters
  /** Sequence number behind which to begin. */
  readonly after: number
  readonly route: string
}

/** The rows that may leave, in the order they were added. Asks the door; records the answer. */
export async function readPage(
  deps: { readonly store: Reader; readonly egress: Egress },
  request: PageRequest,
): Promise<Page> {
  const { collection, principal, filters, after } = request
  const reach = await deps.egress.reach(principal, collection.id)
  const classes = [...reach.always, ...reach.ifNamed]
  if (classes.length === 0) return { rows: [], more: false, after }
  const where = conditions(filters, classes)
  // A row more than asked tells whether there is more.
  const candidates = await deps.store.all<Row>(
    `SELECT r.seq, r.label_class AS labelClass, r.version, r.spec, r.oid, t.name AS type
     FROM record r JOIN stix_type t ON t.id = r.type WHERE r.collection = ? AND r.seq > ? AND r.withdrawn IS NULL ${where.sql}
     ORDER BY r.seq LIMIT ?`,
    collection.id,
    Math.max(after, filters.addedAfter),
    ...where.values,
    filters.limit + 1,
  )
  const page = candidates.slice(0, filters.limit)
  const released = await deps.egress.release({
    principal,
    route: request.route,
    collection: collection.id,
    cursor: String(after),
    candidates: page,
  })
  return { rows: released, more: candidates.length > filters.limit, after: page.at(-1)?.seq ?? after }
}

type Conditions = { readonly sql: string; readonly values: readonly Value[] }

function conditions(filters: Filters, classes: readonly number[]): Conditions {
  const parts: string[] = [`r.label_class IN (${classes.join(',')})`]
  const values: Value[] = []
  if (filters.ids !== undefined) {
    const keys = filters.ids.map(objectKey).filter((key) => key !== undefined)
    parts.push(keys.length === 0 ? '0' : `(${keys.map(() => '(r.oid = ? AND t.name = ?)').join(' OR ')})`)
    for (const key of keys) values.push(key.oid, key.type)
  }
  if (filters.types !== undefined) {
    parts.push(`r.type IN (SELECT id FROM stix_type WHERE name IN (${filters.types.map(() => '?').join(',')}))`)
    values.push(...filters.types)
  }
  const specs = specsOf(filters)
  if (specs !== undefined) parts.push(specs.length === 0 ? '0' : `r.spec IN (${specs.join(',')})`)
  const version = versionCondition(filters, specs)
  parts.push(version.sql)
  values.push(...version.values)
  return { sql: parts.map((part) => `AND ${part}`).join(' '), values }
}

/** STIX versions asked for; undefined for the default, the latest of each object. */
function specsOf({ specVersions }: Filters): number[] | undefined {
  if (specVersions === undefined) return undefined
  return specVersions.flatMap((text) => (text === '2.1' ? [21] : text === '2.0' ? [20] : []))
}

const SIBLING = 'o.oid = r.oid AND o.type = r.type AND o.collection = r.collection AND o.withdrawn IS NULL'

/** The version filter applies to what the spec_version filter left (section 3.4.1). */
function versionCondition({ version }: Filters, specs: readonly number[] | undefined): Conditions {
  if (version.kind === 'all') return { sql: '1', values: [] }
  const among = specs === undefined || specs.length === 0 ? '' : ` AND o.spec IN (${specs.join(',')})`
  const parts: string[] = []
  if (version.last)
    parts.push(
      specs === undefined
        ? 'r.latest = 1'
        : `NOT EXISTS (SELECT 1 FROM record o WHERE ${SIBLING} AND o.version > r.version${among})`,
    )
  if (version.first)
    parts.push(`NOT EXISTS (SELECT 1 FROM record o WHERE ${SIBLING} AND o.version < r.version${among})`)
  if (version.exact.length > 0) parts.push(`r.version IN (${version.exact.map(() => '?').join(',')})`)
  return { sql: parts.length === 0 ? '0' : `(${parts.join(' OR ')})`, values: version.exact }
}

const COMMA = Buffer.from(',')

/** The stored bytes of released rows, a comma between them; stops before the page would grow beyond its bound. */
export async function joinBytes(
  reader: Reader,
  rows: readonly Row[],
): Promise<{ readonly bytes: Buffer; readonly count: number }> {
  const chunks: Uint8Array[] = []
  let size = 0
  let count = 0
  for (const { seq, bytes } of await readItems(reader, rows)) {
    if (rows[count]?.seq !== seq) continue
    if (count > 0 && size + bytes.length > LIMITS.taxiiPageBytesMax) break
    if (count > 0) chunks.push(COMMA)
    chunks.push(bytes)
    size += bytes.length + 1
    count += 1
  }
  return { bytes: Buffer.concat(chunks), count }
}

/** One range over the items where the rows lie close together, else one look-up each. */
async function readItems(reader: Reader, rows: readonly Row[]): Promise<{ seq: number; bytes: Uint8Array }[]> {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return []
  const [{ n } = { n: 0 }] = await reader.all<{ n: number }>(
    'SELECT count(*) AS n FROM (SELECT 1 FROM item WHERE seq BETWEEN ? AND ? LIMIT ?)',
    first.seq,
    last.seq,
    rows.length * 2,
  )
  if (n < rows.length * 2)
    return reader.all('SELECT seq, bytes FROM item WHERE seq BETWEEN ? AND ? ORDER BY seq', first.seq, last.seq)
  const items = []
  for (const { seq } of rows)
    items.push(
      ...(await reader.all<{ seq: number; bytes: Uint8Array }>('SELECT seq, bytes FROM item WHERE seq = ?', seq)),
    )
  return items
}

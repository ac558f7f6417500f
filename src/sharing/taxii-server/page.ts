// Pages of a collection: candidates by index, through the one door, and only then bytes, joined as they are stored.
import type { Egress, Reach } from '#kernel/egress.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { joinedBytes } from '#kernel/store/dialect.ts'
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
  /** The stored bytes of the rows with a comma between them, exactly as they were received; empty unless asked for. */
  readonly bytes: Uint8Array
  readonly more: boolean
  /** Where the next page begins. */
  readonly after: number
}

export type PageRequest = {
  readonly collection: Collection
  readonly principal: Principal
  readonly filters: Filters
  /** Sequence number behind which to begin. */
  readonly after: number
  readonly route: string
  /** Only the bytes will be sent: the rows then carry nothing but place and label. */
  readonly bytesOnly: boolean
}

const NOTHING = new Uint8Array(0)

/** The rows that may leave, in the order they were added. Asks the door; records the answer. */
export async function readPage(
  deps: { readonly store: Reader; readonly egress: Egress },
  request: PageRequest,
): Promise<Page> {
  const { collection, principal, filters, after } = request
  const reach = await deps.egress.reach(principal, collection.id)
  const where = conditions(filters, {
    reach: reachCondition(reach, principal, 'r'),
    newer: collection.mixed ? reachCondition(reach, principal, 'o') : ANYTHING,
  })
  // A row more than asked tells whether there is more.
  const candidates = await deps.store.all<Row>(
    `SELECT ${columnsFor(request)} WHERE r.collection = ? AND r.seq > ? AND r.withdrawn IS NULL ${where.sql}
     ORDER BY r.seq LIMIT ?`,
    collection.id,
    Math.max(after, filters.addedAfter),
    ...where.values,
    filters.limit + 1,
  )
  const asked = candidates.slice(0, filters.limit)
  const page = request.bytesOnly ? await withinBytes(deps.store, asked) : asked
  const { released, fetched } = await deps.egress.releaseWith(
    { principal, route: request.route, collection: collection.id, cursor: String(after), candidates: page },
    async (rows) => (request.bytesOnly ? joinBytes(deps.store, rows) : NOTHING),
  )
  return { rows: released, bytes: fetched, more: candidates.length > page.length, after: page.at(-1)?.seq ?? after }
}

/** Bytes alone need only what the index of the page holds; names of things are looked up where they are told. */
function columnsFor({ bytesOnly, filters }: PageRequest): string {
  if (bytesOnly && filters.ids === undefined) return 'r.seq, r.label_class AS labelClass FROM record r'
  return `r.seq, r.label_class AS labelClass, r.version, r.spec, r.oid, t.name AS type
     FROM record r JOIN stix_type t ON t.id = r.type`
}

type Conditions = { readonly sql: string; readonly values: readonly Value[] }

const ANYTHING: Conditions = { sql: '1', values: [] }

/**
 * Leaves out early what the door would drop, so that a page is not short by it. Class ids are our own integers; `row` is
 * the name of the record in the query.
 */
function reachCondition({ always, ifNamed, unlessNamed }: Reach, principal: Principal, row: 'r' | 'o'): Conditions {
  const open = `${row}.label_class IN (${always.join(',')})`
  if (principal.kind !== 'member' || ifNamed.length + unlessNamed.length === 0) return { sql: open, values: [] }
  const named = `EXISTS (SELECT 1 FROM named n JOIN member m ON m.id = n.member WHERE m.name = ? AND n.statement =
    (SELECT s.seq FROM statement s WHERE s.seq <= ${row}.seq ORDER BY s.seq DESC LIMIT 1))`
  return {
    sql: `(${open} OR (${row}.label_class IN (${ifNamed.join(',')}) AND ${named})
      OR (${row}.label_class IN (${unlessNamed.join(',')}) AND NOT ${named}))`,
    values: [principal.member, principal.member],
  }
}

/** What the principal may have: of the rows themselves, and of those that might be newer or older than one. */
type Reachable = { readonly reach: Conditions; readonly newer: Conditions }

function conditions(filters: Filters, { reach, newer }: Reachable): Conditions {
  const parts: string[] = [reach.sql]
  const values: Value[] = [...reach.values]
  if (filters.ids !== undefined) {
    const keys = filters.ids.map(objectKey).filter((key) => key !== undefined)
    parts.push(keys.length === 0 ? '0' : `(${keys.map(() => '(r.oid = ? AND t.name = ?)').join(' OR ')})`)
    for (const key of keys) values.push(key.oid, key.type)
  }
  if (filters.types !== undefined) {
    // One type by equality finds its own index; a list walks the page's.
    parts.push(
      filters.types.length === 1
        ? 'r.type = (SELECT id FROM stix_type WHERE name = ?)'
        : `r.type IN (SELECT id FROM stix_type WHERE name IN (${filters.types.map(() => '?').join(',')}))`,
    )
    values.push(...filters.types)
  }
  const specs = specsOf(filters)
  // One version by equality: the few of STIX 2.0 have an index of their own.
  if (specs !== undefined)
    parts.push(
      specs.length === 0 ? '0' : specs.length === 1 ? `r.spec = ${specs[0]}` : `r.spec IN (${specs.join(',')})`,
    )
  const version = versionCondition(filters, specs, newer)
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

/**
 * The version filter applies to what the spec_version filter left (section 3.4.1), and to what the principal may have: the
 * last version for somebody is the last that is for somebody.
 */
function versionCondition({ version }: Filters, specs: readonly number[] | undefined, other: Conditions): Conditions {
  const newestSeen = other === ANYTHING
  if (newestSeen && isLastOnly(version) && specs === undefined) return { sql: 'r.latest = 1', values: [] }
  const parts: string[] = []
  const values: Value[] = []
  const none = (condition: string): string => {
    values.push(...other.values)
    return `NOT EXISTS (SELECT 1 FROM record o WHERE ${SIBLING} AND ${condition} AND ${other.sql})`
  }
  const newestSpec = specs === undefined ? none('o.spec > r.spec') : '1'
  if (version.kind === 'all') return { sql: newestSpec, values }
  const among =
    specs === undefined ? ' AND o.spec = r.spec' : specs.length === 0 ? '' : ` AND o.spec IN (${specs.join(',')})`
  if (version.last) parts.push(none(`o.version > r.version${among}`))
  if (version.first) parts.push(none(`o.version < r.version${among}`))
  if (version.exact.length > 0) parts.push(`r.version IN (${version.exact.map(() => '?').join(',')})`)
  return {
    sql: parts.length === 0 ? '0' : `${newestSpec} AND (${parts.join(' OR ')})`,
    values: [...values, ...version.exact],
  }
}

function isLastOnly(version: Filters['version']): boolean {
  return version.kind === 'some' && version.last && !version.first && version.exact.length === 0
}

/** Which items, as a run where they lie next to each other and as a list where they do not. */
function itemsOf(rows: readonly Row[]): Conditions {
  const [first, last] = [rows[0]?.seq ?? 0, rows.at(-1)?.seq ?? -1]
  if (last - first + 1 === rows.length) return { sql: 'seq BETWEEN ? AND ?', values: [first, last] }
  return {
    sql: 'seq IN (SELECT value FROM json_each(?))',
    values: [JSON.stringify(rows.map((row) => row.seq))],
  }
}

/** The longest beginning that stays below the most bytes of a page; at least one row. */
async function withinBytes(reader: Reader, rows: readonly Row[]): Promise<readonly Row[]> {
  const { sql, values } = itemsOf(rows)
  const total = await reader.get<{ bytes: number | null }>(
    `SELECT sum(length(bytes)) AS bytes FROM item WHERE ${sql}`,
    ...values,
  )
  if ((total?.bytes ?? 0) <= LIMITS.taxiiPageBytesMax) return rows
  const sizes = await reader.all<{ bytes: number }>(
    `SELECT length(bytes) AS bytes FROM item WHERE ${sql} ORDER BY seq`,
    ...values,
  )
  let sum = 0
  const end = sizes.findIndex((each) => (sum += each.bytes) > LIMITS.taxiiPageBytesMax)
  return end < 0 ? rows : rows.slice(0, Math.max(end, 1))
}

async function joinBytes(reader: Reader, rows: readonly Row[]): Promise<Uint8Array> {
  const { sql, values } = itemsOf(rows)
  const row = await reader.get<{ joined: Uint8Array | null }>(joinedBytes(sql), ...values)
  return row?.joined ?? NOTHING
}

/** Does the collection hold any version of this object that the principal may have? */
export async function holdsObject(
  deps: { readonly store: Reader; readonly egress: Egress },
  request: { readonly principal: Principal; readonly collection: number; readonly id: string },
): Promise<boolean> {
  const { principal, collection, id } = request
  const key = objectKey(id)
  if (key === undefined) return false
  const reach = reachCondition(await deps.egress.reach(principal, collection), principal, 'r')
  const row = await deps.store.get(
    `SELECT 1 FROM record r JOIN stix_type t ON t.id = r.type
     WHERE r.oid = ? AND t.name = ? AND r.collection = ? AND r.withdrawn IS NULL AND ${reach.sql} LIMIT 1`,
    key.oid,
    key.type,
    collection,
    ...reach.values,
  )
  return row !== undefined
}

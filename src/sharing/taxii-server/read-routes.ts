// Reading over TAXII 2.1: objects, one object, manifest, versions (sections 5.4 to 5.9), all paged alike.
import { formatMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { objectId } from '../stix-id.ts'
import { visibleCollection } from './access.ts'
import { formatCursor, parseCursor } from './cursor.ts'
import { bindingOf, readFilters, type Filters, type MatchField } from './filters.ts'
import { joinBytes, readPage, type Page, type Row } from './page.ts'
import { sendBytes, sendJson, setDates } from './reply.ts'
import { API_ROOT, type Register, type TaxiiContext, type TaxiiDeps } from './context.ts'

const COLLECTION = `${API_ROOT}collections/:collection/`

export function readRoutes(register: Register, deps: TaxiiDeps): void {
  register('GET', `${COLLECTION}objects/`, async (context) => {
    const { page, next } = await load(deps, context, 'objects', ['id', 'type', 'version', 'spec_version'])
    return sendObjects(deps, context, page, next)
  })
  register('GET', `${COLLECTION}objects/:object/`, async (context) => {
    const { page, next, isFirst } = await load(deps, context, 'object', ['version', 'spec_version'])
    if (page.rows.length === 0 && isFirst) throw absent()
    return sendObjects(deps, context, page, next)
  })
  register('GET', `${COLLECTION}manifest/`, async ({ reply, ...context }) => {
    const { page, next } = await load(deps, { reply, ...context }, 'manifest', [
      'id',
      'type',
      'version',
      'spec_version',
    ])
    setDates(reply, page.rows)
    return sendJson(reply, page.rows.length === 0 ? {} : { ...moreOf(page, next), objects: page.rows.map(manifestRow) })
  })
  register('GET', `${COLLECTION}objects/:object/versions/`, async ({ reply, ...context }) => {
    const { page, next, isFirst } = await load(deps, { reply, ...context }, 'versions', ['spec_version'])
    if (page.rows.length === 0 && isFirst) throw absent()
    setDates(reply, page.rows)
    return sendJson(reply, page.rows.length === 0 ? {} : { ...moreOf(page, next), versions: page.rows.map(versionOf) })
  })
}

function absent(): Fault {
  return new Fault('not-found', 'no such object is here for you')
}

type Loaded = { readonly page: Page; readonly next: string; readonly isFirst: boolean }

async function load(
  deps: TaxiiDeps,
  { request, access, params }: TaxiiContext,
  route: string,
  allowed: readonly MatchField[],
): Promise<Loaded> {
  const collection = visibleCollection(access, params['collection'] ?? '')
  if (!collection.canRead) throw new Fault('auth.denied', 'this client may not read this collection')
  const asked = readFilters(request.query as Record<string, unknown>, allowed)
  const one = params['object']
  const filters: Filters = {
    ...asked,
    ...(one === undefined ? {} : { ids: [one] }),
    ...(route === 'versions' ? { version: { kind: 'all' as const } } : {}),
  }
  const binding = bindingOf(`${collection.uuid}/${route}`, filters)
  const after = asked.next === undefined ? 0 : parseCursor(deps.cursorSecret, asked.next, binding)
  const page = await readPage(deps, {
    collection,
    principal: access.principal,
    filters,
    after,
    route: `taxii/${route}`,
  })
  return { page, next: formatCursor(deps.cursorSecret, page.after, binding), isFirst: asked.next === undefined }
}

function moreOf(page: Page, next: string): object {
  return page.more ? { more: true, next } : { more: false }
}

async function sendObjects(deps: TaxiiDeps, { request, reply, params }: TaxiiContext, page: Page, next: string) {
  if (page.rows.length === 0) return sendJson(reply, page.more ? { more: true, next, objects: [] } : {})
  const { bytes, count } = await joinBytes(deps.store, page.rows)
  const rows = page.rows.slice(0, count)
  setDates(reply, rows)
  const cut = count < page.rows.length ? cutCursor(deps, { request, params }, rows) : undefined
  const head =
    page.more || cut !== undefined
      ? `{"more":true,"next":${JSON.stringify(cut ?? next)},"objects":[`
      : '{"more":false,"objects":['
  return sendBytes(request, reply, Buffer.concat([Buffer.from(head), bytes, Buffer.from(']}')]))
}

/** The page was cut because its objects are large: the next one begins behind the last that fitted. */
function cutCursor(
  deps: TaxiiDeps,
  { request, params }: Pick<TaxiiContext, 'request' | 'params'>,
  rows: readonly Row[],
): string {
  const one = params['object']
  const asked = readFilters(request.query as Record<string, unknown>, ['id', 'type', 'version', 'spec_version'])
  const filters = one === undefined ? asked : { ...asked, ids: [one] }
  return formatCursor(
    deps.cursorSecret,
    rows.at(-1)?.seq ?? 0,
    bindingOf(`${params['collection']}/${one === undefined ? 'objects' : 'object'}`, filters),
  )
}

/** A record without versions of its own has one: the moment it was added. */
function versionOf(row: Row): string {
  return formatMicros(row.version === 0 ? row.seq : row.version)
}

function manifestRow(row: Row): object {
  return {
    id: objectId(row),
    date_added: formatMicros(row.seq),
    version: versionOf(row),
    media_type: `application/stix+json;version=${row.spec === 20 ? '2.0' : '2.1'}`,
  }
}

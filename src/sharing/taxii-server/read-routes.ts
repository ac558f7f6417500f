// Reading over TAXII 2.1: objects, one object, manifest, versions (sections 5.4 to 5.9), all paged alike.
import { formatMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { objectId } from '../stix-id.ts'
import { visibleCollection } from './access.ts'
import { formatCursor, parseCursor } from './cursor.ts'
import { bindingOf, readFilters, type Filters, type MatchField } from './filters.ts'
import { holdsObject, readPage, type Page, type Row } from './page.ts'
import { sendBytes, sendJson, setDates } from './reply.ts'
import { API_ROOT, type Register, type TaxiiContext, type TaxiiDeps } from './context.ts'

const COLLECTION = `${API_ROOT}collections/:collection/`

export function readRoutes(register: Register, deps: TaxiiDeps): void {
  register('GET', `${COLLECTION}objects/`, async (context) => {
    const { page, next } = await load(deps, context, 'objects', ['id', 'type', 'version', 'spec_version'])
    return sendObjects(context, page, next)
  })
  register('GET', `${COLLECTION}objects/:object/`, async (context) => {
    const { page, next } = await load(deps, context, 'object', ['version', 'spec_version'])
    return sendObjects(context, page, next)
  })
  register('GET', `${COLLECTION}manifest/`, async ({ reply, ...context }) => {
    const { page, next } = await load(deps, { reply, ...context }, 'manifest', [
      'id',
      'type',
      'version',
      'spec_version',
    ])
    setDates(reply, page.rows)
    return sendBytes(context.request, reply, listed(page, next, 'objects', page.rows.map(manifestRow)))
  })
  register('GET', `${COLLECTION}objects/:object/versions/`, async ({ reply, ...context }) => {
    const { page, next } = await load(deps, { reply, ...context }, 'versions', ['spec_version'])
    setDates(reply, page.rows)
    return sendBytes(context.request, reply, listed(page, next, 'versions', page.rows.map(versionOf)))
  })
}

function absent(): Fault {
  return new Fault('not-found', 'no such object is here for you')
}

type Loaded = { readonly page: Page; readonly next: string }

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
  const { principal } = access
  if (one !== undefined && !(await holdsObject(deps, { principal, collection: collection.id, id: one }))) throw absent()
  const page = await readPage(deps, {
    collection,
    principal,
    filters,
    after,
    route: `taxii/${route}`,
    bytesOnly: route === 'objects' || route === 'object',
  })
  return { page, next: formatCursor(deps.cursorSecret, page.after, binding) }
}

/** An empty answer is `{}`; a page that the door emptied still says where to go on. */
function listed(page: Page, next: string, key: string, rows: readonly unknown[]): Buffer {
  const more = page.more ? { more: true, next } : rows.length === 0 ? {} : { more: false }
  return Buffer.from(JSON.stringify(rows.length === 0 ? more : { ...more, [key]: rows }))
}

async function sendObjects({ request, reply }: TaxiiContext, page: Page, next: string) {
  if (page.rows.length === 0) return sendJson(reply, page.more ? { more: true, next } : {})
  setDates(reply, page.rows)
  const head = page.more ? `{"more":true,"next":${JSON.stringify(next)},"objects":[` : '{"more":false,"objects":['
  return sendBytes(request, reply, Buffer.concat([Buffer.from(head), page.bytes, Buffer.from(']}')]))
}

/** What has no versions of its own has one, the same everywhere, that match[version] finds: 1970 (section 3.4.1). */
function versionOf(row: Row): string {
  return formatMicros(row.version)
}

function manifestRow(row: Row): object {
  return {
    id: objectId(row),
    date_added: formatMicros(row.seq),
    version: versionOf(row),
    media_type: `application/stix+json;version=${row.spec === 20 ? '2.0' : '2.1'}`,
  }
}

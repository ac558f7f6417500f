// Writing over TAXII 2.1: adding objects with a status (sections 5.5 and 4.3), and deleting, which is a withdrawal.
import { formatMicros, formatTime, parseMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { uuidv4 } from '#kernel/id.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { putObjects, type PutResult } from '../put.ts'
import { splitObjects } from '../stream.ts'
import type { Piece } from '../piece.ts'
import { withdrawRecords } from '../withdraw-command.ts'
import { unauthorised, visibleCollection, type Access } from './access.ts'
import { saveStatus, type StandingVersion } from './client-commands.ts'
import { readFilters, type Filters } from './filters.ts'
import { isTaxiiContent, TAXII_MEDIA_TYPE } from './negotiate.ts'
import { readPage, type PageRequest } from './page.ts'
import { sendBytes, sendJson } from './reply.ts'
import { API_ROOT, type Register, type TaxiiContext, type TaxiiDeps } from './context.ts'

const COLLECTION = `${API_ROOT}collections/:collection/`
/** How much of two values in conflict is shown in a status. */
const SHOWN_CHARS_MAX = 2000
/** Objects stand two levels deep in an envelope. */
const ENVELOPE_DEPTH_MAX = LIMITS.jsonDepthMax + 2

export function writeRoutes(register: Register, deps: TaxiiDeps): void {
  const add = async ({ request, reply, access, params }: TaxiiContext) => {
    const collection = visibleCollection(access, params['collection'] ?? '')
    const pieces = await readEnvelope(request.body)
    const requestedMs = deps.now()
    const results: PutResult[] = []
    for (let from = 0; from < pieces.length; from += LIMITS.groupRecordsMax) {
      const group = pieces.slice(from, from + LIMITS.groupRecordsMax)
      for (const result of await putObjects(deps, { collection, pieces: group }))
        results.push(result.outcome === 'conflict' ? await hideUnreadable(deps, access, collection, result) : result)
    }
    const id = uuidv4(deps.random(16))
    const status = describeStatus(id, formatTime(requestedMs), pieces, results)
    await deps.store.write(saveStatus, {
      uuid: id,
      client: access.client,
      body: Buffer.from(JSON.stringify(status)),
      about: standingOf(results),
      keepMs: LIMITS.taxiiStatusKeptMs,
    })
    return sendJson(reply, status, 202)
  }
  register('POST', `${COLLECTION}objects/`, add, admitWriter)
  register('GET', `${API_ROOT}status/:status/`, async ({ request, reply, access, params }) => {
    const row = await deps.store.get<{ body: Uint8Array }>(
      'SELECT body FROM taxii_status WHERE uuid = ? AND client = ? AND time_ms >= ?',
      params['status'] ?? '',
      access.client,
      deps.now() - LIMITS.taxiiStatusKeptMs,
    )
    if (row === undefined) throw new Fault('not-found', 'no such status is here for you')
    return sendBytes(request, reply, Buffer.from(row.body))
  })
  register('DELETE', `${COLLECTION}objects/:object/`, async ({ request, reply, access, params }) => {
    const collection = visibleCollection(access, params['collection'] ?? '')
    if (access.client === 0) throw unauthorised()
    if (!collection.canWrite || !collection.canRead)
      throw new Fault('auth.denied', 'deleting needs leave to read and to write')
    const id = params['object'] ?? ''
    const query = request.query as Record<string, unknown>
    const versions = await findVersions(deps, { collection, principal: access.principal, id, query })
    if (versions.size === 0) throw new Fault('not-found', 'no such object is here for you')
    await deps.store.write(withdrawRecords, {
      actor: `client:${access.name}`,
      id,
      versions: [...versions],
      collection: collection.id,
      reason: 'revoked',
    })
    return reply.code(200).header('content-type', TAXII_MEDIA_TYPE).send(Buffer.from('{}'))
  })
}

/** Who may not write, or writes something else, is told so before anything of the body is read. */
function admitWriter({ request, access, params }: Omit<TaxiiContext, 'reply'>): void {
  const collection = visibleCollection(access, params['collection'] ?? '')
  if (access.client === 0) throw unauthorised()
  if (!collection.canWrite) throw new Fault('auth.denied', 'this client may not write to this collection')
  if (!isTaxiiContent(request.headers['content-type']))
    throw new Fault('input.media-type', `an envelope is sent as ${TAXII_MEDIA_TYPE}`, {
      remedy: `Send Content-Type: ${TAXII_MEDIA_TYPE}`,
    })
}

type Doomed = Pick<PageRequest, 'collection' | 'principal'> & {
  readonly id: string
  readonly query: Readonly<Record<string, unknown>>
}

/** The versions a deletion is about: without match[version] all of them, of every STIX version that is not ruled out. */
async function findVersions(deps: TaxiiDeps, { id, query, ...request }: Doomed): Promise<Set<number>> {
  const asked = readFilters(query, ['version', 'spec_version'])
  const every = query['match[version]'] === undefined
  const filters: Filters = {
    ...asked,
    ids: [id],
    limit: LIMITS.taxiiPageMax,
    ...(every ? { version: { kind: 'all' }, specVersions: asked.specVersions ?? ['2.0', '2.1'] } : {}),
  }
  const versions = new Set<number>()
  for (let after = 0; ;) {
    const page = await readPage(deps, { ...request, filters, after, route: 'taxii/delete', bytesOnly: false })
    for (const row of page.rows) versions.add(row.version)
    if (!page.more) return versions
    after = page.after
  }
}

/** What a conflicting object met may stand where the submitter cannot read: it is quoted only through the door. */
async function hideUnreadable(
  deps: TaxiiDeps,
  access: Access,
  collection: Access['collections'][number],
  { stored, ...result }: PutResult,
): Promise<PutResult> {
  if (stored === undefined || !collection.canRead || result.id === undefined) return result
  const version = result.version === undefined ? 0 : (parseMicros(result.version) ?? 0)
  const { rows } = await readPage(deps, {
    collection,
    principal: access.principal,
    filters: {
      ...readFilters({}, []),
      ids: [result.id],
      version: { kind: 'some', first: false, last: false, exact: [version] },
    },
    after: 0,
    route: 'taxii/conflict',
    bytesOnly: false,
  })
  return rows.length === 0 ? result : { ...result, stored }
}

/** The objects of an envelope with their exact bytes. Not JSON is 400; JSON that is no envelope is 422. */
async function readEnvelope(body: unknown): Promise<Piece[]> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    // Slower, and says where.
    parseJson(bytes, { depthMax: ENVELOPE_DEPTH_MAX })
    throw new Fault('input.malformed', 'the body is not JSON in UTF-8', { cause })
  }
  const objects = (value as { objects?: unknown } | null)?.objects
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    !(objects === undefined || Array.isArray(objects))
  )
    throw new Fault('input.unprocessable', 'the body is not a TAXII envelope', { remedy: 'Send {"objects": […]}.' })
  if (objects === undefined || objects.length === 0)
    throw new Fault('input.unprocessable', 'the envelope holds no objects', { remedy: 'Send {"objects": […]}.' })
  const pieces: Piece[] = []
  for await (const batch of splitObjects(single(bytes))) pieces.push(...batch)
  return pieces
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** What was added, was here, or is quoted because it stands in the way. */
function standingOf(results: readonly PutResult[]): StandingVersion[] {
  return results.flatMap(({ id, version, outcome }) =>
    id === undefined || outcome === 'refused' || outcome === 'kept'
      ? []
      : [{ id, version: version === undefined ? 0 : (parseMicros(version) ?? 0) }],
  )
}

type Detail = { readonly id: string; readonly version: string; readonly message?: string }

/** A status resource (section 4.3.1): counts that add up, and every object with what became of it. */
function describeStatus(
  id: string,
  requestTimestamp: string,
  pieces: readonly Piece[],
  results: readonly PutResult[],
): object {
  const successes: Detail[] = []
  const failures: Detail[] = []
  for (const [i, result] of results.entries()) {
    const stands: Detail = { id: result.id ?? `object ${result.index}`, version: result.version ?? formatMicros(0) }
    if (result.outcome === 'added')
      successes.push(result.findings.length === 0 ? stands : { ...stands, message: `accepted; ${sayFindings(result)}` })
    else if (result.outcome === 'kept')
      successes.push({ ...stands, message: 'received; logged once this node resumes' })
    else if (result.outcome === 'known') successes.push({ ...stands, message: 'it was here already' })
    else failures.push({ ...stands, message: sayFailure(result, pieces[i]) })
  }
  return {
    id,
    status: 'complete',
    request_timestamp: requestTimestamp,
    total_count: results.length,
    success_count: successes.length,
    failure_count: failures.length,
    pending_count: 0,
    ...(successes.length === 0 ? {} : { successes }),
    ...(failures.length === 0 ? {} : { failures }),
  }
}

function sayFindings({ findings }: PutResult): string {
  return findings
    .slice(0, 5)
    .map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`)
    .join('; ')
}

function sayFailure(result: PutResult, piece: Piece | undefined): string {
  if (result.outcome !== 'conflict') return `object ${result.index}: ${sayFindings(result)}`
  const show = (bytes: Uint8Array | undefined): string =>
    Buffer.from(bytes ?? [])
      .toString('utf8')
      .slice(0, SHOWN_CHARS_MAX)
  return `the same id and version is here with another value. Here: ${result.stored === undefined ? 'a value this client may not read.' : show(result.stored)} Sent: ${show(piece?.bytes)}`
}

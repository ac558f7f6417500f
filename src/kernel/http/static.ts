// The built files of the console, as they lie in a folder. Only files that were listed are ever opened, so no path leads
// elsewhere. Beside a file may lie the same one compressed (`app.js.zst`, `.br`, `.gz`); a browser gets the smallest it takes.
// Names under assets/ carry a hash of what is in them and are kept for ever; everything else is asked after each time.
import { createHash } from 'node:crypto'
import { existsSync, globSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LIMITS } from '../limits.ts'
import { acceptsCoding } from './coding.ts'

/** Smallest first. */
const ENCODINGS = [
  ['zstd', '.zst'],
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Paths that belong to programs: a page is no answer there. */
const NOT_PAGES = /^\/(?:api|taxii2|peer|log|witness|\.well-known|healthz|readyz|metrics|assets)(?:\/|$)/

/**
 * What pages of this node may load and do: its own files and nothing else, no script or style inside a page, no frame
 * around it, and no text becomes markup (Trusted Types, of which there is no policy).
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

type File = {
  readonly path: string
  readonly type: string
  readonly encodings: ReadonlySet<string>
  readonly kept: boolean
}

/** Serves the console's files from `folder`; where none are built, says how they are. */
export function staticRoutes(folder: string): (app: FastifyInstance) => Promise<void> {
  const shelf = new Shelf(folder)
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.url.split('?', 1)[0] ?? '/'
    const file = shelf.find(path) ?? (isPage(request, path) ? shelf.find('/index.html') : undefined)
    if (file !== undefined) return send(request, reply, file)
    if (isPage(request, path) && !shelf.built)
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', PAGE_POLICY)
        .header('cache-control', 'no-store')
        .send(NOT_BUILT)
    reply.callNotFound()
    return reply
  }
  return async (app) => {
    app.get('/', { schema: { hide: true } }, handle)
    app.get('/*', { schema: { hide: true } }, handle)
  }
}

/** A path of the console’s own, which a browser opens as a page. */
function isPage({ headers }: FastifyRequest, path: string): boolean {
  const last = path.slice(path.lastIndexOf('/') + 1)
  return (
    (!NOT_PAGES.test(path) && !last.includes('.') && (headers.accept ?? '*/*').includes('text/html')) || path === '/'
  )
}

/** The list of files; read again when the page itself was built anew. */
class Shelf {
  readonly #folder: string
  #files: ReadonlyMap<string, File> = new Map()
  #builtMs = -1

  constructor(folder: string) {
    this.#folder = folder
  }

  get built(): boolean {
    return this.#files.size > 0
  }

  find(path: string): File | undefined {
    const known = this.#files.get(path)
    if (known?.kept === true) return known
    const index = join(this.#folder, 'index.html')
    const builtMs = existsSync(index) ? statSync(index).mtimeMs : 0
    if (builtMs !== this.#builtMs) this.#files = listFiles(this.#folder)
    this.#builtMs = builtMs
    return this.#files.get(path)
  }
}

function listFiles(folder: string): Map<string, File> {
  const names = globSync('**/*', { cwd: folder, withFileTypes: false }).slice(0, LIMITS.staticFilesMax)
  const all = new Set(names)
  return new Map(
    names.flatMap((name): [string, File][] => {
      const type = TYPES[extname(name)]
      if (type === undefined) return []
      const encodings = new Set(ENCODINGS.flatMap(([encoding, suffix]) => (all.has(name + suffix) ? [encoding] : [])))
      const path = `/${name.replaceAll('\\', '/')}`
      return [[path, { path: join(folder, name), type, encodings, kept: path.startsWith('/assets/') }]]
    }),
  )
}

async function send(request: FastifyRequest, reply: FastifyReply, file: File): Promise<FastifyReply> {
  const accepted = request.headers['accept-encoding']
  const [encoding, suffix] = ENCODINGS.find(([name]) => file.encodings.has(name) && acceptsCoding(accepted, name)) ?? [
    undefined,
    '',
  ]
  const bytes = await readFile(file.path + suffix)
  reply.type(file.type).header('vary', 'accept-encoding')
  if (file.type.startsWith('text/html')) reply.header('content-security-policy', PAGE_POLICY)
  if (encoding !== undefined) reply.header('content-encoding', encoding)
  if (file.kept) return reply.header('cache-control', 'public, max-age=31536000, immutable').send(bytes)
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  reply.header('cache-control', 'no-cache').header('etag', etag)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.send(bytes)
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Comity</title>
<h1>The console is not built</h1>
<p>This node runs. Its pages are made once after each change, with <code>npm run build:console</code> in the folder of the
program; then load this page again. Everything can also be done with <code>comity help</code>.</p>
</html>
`

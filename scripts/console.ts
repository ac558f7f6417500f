// `npm run build:console`: bundles src/web into dist/console, prints what it weighs and fails where the first page is
// too heavy. With `--if-stale` it does nothing where dist/console is what the sources say; `comity serve` and the tests
// call it so. `--watch` builds again whenever a source changes.
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { installTools, removeTools, runAtMost, strangersIn } from './tools.ts'
import { describeWeight, isTooHeavy, weigh, type Chunk, type Weight } from './weight.ts'
import { makeWorld } from './world.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OUT = join(ROOT, 'dist/console')
const STAMP = join(OUT, 'stamp.json')
const TOOLS = join(ROOT, '.cache/console')

/** Puts the styles behind what the page shows at once, so that it does not wait for them; the program still does. */
const stylesBehind = {
  name: 'styles-behind',
  transformIndexHtml: {
    order: 'post',
    handler: (html: string): string => {
      const links = html.match(STYLE_LINK) ?? []
      return html.replaceAll(STYLE_LINK, '').replace('</body>', `${links.join('')}</body>`)
    },
  },
} as const
const STYLE_LINK = /\s*<link rel="stylesheet"[^>]*>/g

/** The land of the map, made from the atlas as its file is bundled (scripts/world.ts). */
const worldInside = {
  name: 'world-inside',
  resolveId: (id: string): string | undefined => (id === WORLD ? `\0${WORLD}` : undefined),
  load: (id: string): string | undefined =>
    id === `\0${WORLD}` ? `export const world = JSON.parse(${JSON.stringify(JSON.stringify(makeWorld()))})` : undefined,
}
const WORLD = 'virtual:world'

type Vite = { readonly build: (config: object) => Promise<{ readonly output: readonly Chunk[] }> }

/** The console's files are what they should be: nothing it was made of changed since. */
export function consoleIsFresh(): boolean {
  if (!existsSync(STAMP)) return false
  const { files, digest } = JSON.parse(readFileSync(STAMP, 'utf8')) as { files: string[]; digest: string }
  return files.every((file) => existsSync(join(ROOT, file))) && digestOf(sourcesWith(files)) === digest
}

/** Builds the console unless it is fresh. Throws where that fails. */
export async function ensureConsole(): Promise<void> {
  if (!consoleIsFresh()) await buildConsole()
}

/** What the console weighs as it was last built. */
export function builtWeight(): Weight {
  return (JSON.parse(readFileSync(STAMP, 'utf8')) as { weight: Weight }).weight
}

/** What always counts, and what the last bundle was made of. */
function sourcesWith(bundled: readonly string[]): string[] {
  const always = [
    'scripts/console.ts',
    'scripts/weight.ts',
    'scripts/world.ts',
    'scripts/console-tools.json',
    'package-lock.json',
  ]
  const own = globSync('src/web/**/*.*', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'))
  return [...new Set([...always, ...own, ...bundled])].toSorted()
}

function digestOf(files: readonly string[]): string {
  const digest = createHash('sha256')
  for (const file of files)
    digest
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0')
  return digest.digest('hex')
}

async function loadVite(): Promise<Vite> {
  const known = JSON.parse(readFileSync(join(ROOT, 'scripts/console-tools.json'), 'utf8')) as Record<string, string>
  const wanted = Object.keys(known).filter((spec) => !/linux|darwin|fsevents/.test(spec))
  if (!(await installTools(TOOLS, wanted)))
    throw new Error('the bundler could not be installed; is a package registry reachable?')
  const strangers = strangersIn(TOOLS, known)
  if (strangers.length > 0) {
    removeTools(TOOLS)
    throw new Error(`the bundler is not the one that scripts/console-tools.json names: ${strangers.join(', ')}`)
  }
  return (await import(pathToFileURL(join(TOOLS, 'node_modules/vite/dist/node/index.js')).href)) as Vite
}

export async function buildConsole(): Promise<readonly Chunk[]> {
  const vite = await loadVite()
  const { output } = await vite.build({
    configFile: false,
    root: join(ROOT, 'src/web'),
    logLevel: 'warn',
    clearScreen: false,
    plugins: [stylesBehind, worldInside],
    resolve: { conditions: ['browser', 'module', 'production'] },
    build: {
      outDir: OUT,
      emptyOutDir: true,
      target: 'es2024',
      // Everything is a file of its own: the policy of the pages allows no data: URLs.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // What most pages share comes in one file: over a slow line each file costs a second of its own.
      rolldownOptions: {
        checks: { bundlerTimings: false },
        output: { codeSplitting: { groups: [{ name: 'core', minShareCount: 5 }] } },
      },
    },
  })
  const inside = (id: string): string | undefined => {
    const path = relative(ROOT, id.split('?')[0] ?? '')
    return path.startsWith('src') ? path : undefined
  }
  const files = output.flatMap((chunk) => (chunk.moduleIds ?? []).map(inside)).filter((path) => path !== undefined)
  for (const { fileName, code, source } of output) compress(fileName, code ?? source)
  const stamp = { files: [...new Set(files)].toSorted(), digest: digestOf(sourcesWith(files)), weight: weigh(output) }
  writeFileSync(STAMP, `${JSON.stringify(stamp)}\n`)
  return output
}

/** Text is laid beside itself compressed as far as it goes: it is made once and sent often, over thin lines. */
function compress(fileName: string, content: string | Uint8Array | undefined): void {
  if (content === undefined || !/\.(?:js|css|html|svg|json)$/.test(fileName)) return
  const bytes = Buffer.from(content)
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
  writeFileSync(join(OUT, `${fileName}.br`), brotliCompressSync(bytes, options))
  writeFileSync(join(OUT, `${fileName}.gz`), gzipSync(bytes, { level: 9 }))
}

/** How long a start waits for the pages. A registry that nobody reaches keeps no node from starting: they follow. */
const START_WAITS_MS = 30_000

async function buildBeforeStart(): Promise<void> {
  if (consoleIsFresh()) return
  console.error('comity: building the console (once after each change, about ten seconds) …')
  const code = await runAtMost(process.execPath, [fileURLToPath(import.meta.url)], START_WAITS_MS)
  if (code === undefined) console.error('comity: the node starts without its console, which follows when it is built')
}

async function buildAndPrint(): Promise<void> {
  try {
    const weight = weigh(await buildConsole())
    for (const line of describeWeight(weight)) console.log(line)
    if (isTooHeavy(weight)) process.exitCode = 1
  } catch (error) {
    console.error(`comity: the console could not be built: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url))
  await (process.argv.includes('--if-stale') ? buildBeforeStart() : buildAndPrint())

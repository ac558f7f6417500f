// Who may import whom: main → node → capabilities → kernel. The one statement of the rule (docs/ARCHITECTURE.md).
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CAPABILITIES = ['sharing', 'federation', 'warning', 'identity']
/** Of a capability, what the command line may see: shapes, and splitting a stream, which is pure. */
const OPEN_TO_CLI = ['wire.ts', 'stream.ts']

/** What the platform does for the kernel, and the same for a browser; `imports` in package.json chooses. */
const BROWSER_TWINS: Readonly<Record<string, string>> = {
  'src/kernel/ascii-domain.ts': 'src/web/platform/ascii-domain.ts',
  'src/kernel/hash.ts': 'src/web/platform/hash.ts',
  'src/kernel/verify.ts': 'src/web/platform/verify.ts',
}

type Files = ReadonlyMap<string, string>

function readSources(): Files {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'))
  return new Map(files.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))
}

const SPECIFIER = /(?:from|import)\s*\(?\s*'([^']+)'/g

/** The project's own files that a file imports, `type` imports apart. */
function importsOf(path: string, text: string): { readonly target: string; readonly typeOnly: boolean }[] {
  const found = []
  for (const match of text.matchAll(SPECIFIER)) {
    const specifier = match[1] ?? ''
    const statement = text.slice(text.lastIndexOf('\n', match.index) + 1, match.index)
    const target = specifier.startsWith('.')
      ? normalize(join(dirname(path), specifier))
      : specifier.startsWith('#src/')
        ? specifier.replace('#src/', 'src/')
        : specifier.startsWith('#')
          ? specifier.replace('#', 'src/')
          : undefined
    if (target !== undefined) found.push({ target, typeOnly: /^\s*(import|export) type/.test(statement) })
  }
  return found
}

const roomOf = (path: string): string => path.split('/')[1] ?? ''

/** Undefined where the import is allowed, else the rule it breaks. */
function judge(from: string, target: string): string | undefined {
  const [room, other] = [roomOf(from), roomOf(target)]
  if (target === 'src/main.ts') return 'nobody imports main'
  if (room === 'web')
    return room === other || other === 'kernel' || target.endsWith('/wire.ts')
      ? undefined
      : 'the console sees wire.ts and kernel'
  if (other === 'web') return 'nobody imports the console'
  if (room === other) return undefined
  if (room === 'kernel') return 'kernel imports kernel only'
  if (CAPABILITIES.includes(room)) {
    if (other === 'kernel') return undefined
    if (CAPABILITIES.includes(other))
      return target.endsWith('/api.ts') ? undefined : 'a capability enters another by its api.ts'
    return 'a capability imports kernel and capabilities only'
  }
  if (room === 'client')
    return other === 'kernel' || target.endsWith('/wire.ts') ? undefined : 'client sees wire.ts and kernel'
  if (room === 'cli') {
    if (['kernel', 'client', 'version.ts'].includes(other)) return undefined
    return OPEN_TO_CLI.some((name) => target.endsWith(`/${name}`))
      ? undefined
      : 'the command line sees wire.ts, client and kernel'
  }
  return undefined
}

function violations(files: Files): string[] {
  const found: string[] = []
  for (const [path, text] of files) {
    if (/^export default/m.test(text)) found.push(`${path}: default export`)
    for (const { target } of importsOf(path, text)) {
      const rule = judge(path, target)
      if (rule !== undefined) found.push(`${path} → ${target}: ${rule}`)
    }
  }
  return found
}

/** A circle of imports between files, or between capabilities. Types may look at each other. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const walk = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of edges.keys()) {
    const cycle = walk(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

function fileEdges(files: Files): Map<string, string[]> {
  return new Map(
    [...files].map(([path, text]) => [
      path,
      importsOf(path, text)
        .filter((each) => !each.typeOnly)
        .map((each) => each.target),
    ]),
  )
}

test('every import goes from the outside in', () => {
  assert.deepEqual(violations(readSources()), [])
})

test('every import finds its file', () => {
  for (const [path, text] of readSources())
    for (const { target } of importsOf(path, text)) assert.ok(existsSync(join(ROOT, target)), `${path} → ${target}`)
})

test('no circle runs between files or between capabilities', () => {
  const files = readSources()
  assert.equal(findCycle(fileEdges(files)), undefined)
  const rooms = new Map<string, string[]>()
  for (const [path, text] of files)
    for (const { target } of importsOf(path, text))
      if (roomOf(path) !== roomOf(target) && CAPABILITIES.includes(roomOf(path)))
        rooms.set(roomOf(path), [...(rooms.get(roomOf(path)) ?? []), roomOf(target)])
  assert.equal(findCycle(rooms), undefined)
})

test('the thread that writes loads nothing of what the other threads serve', () => {
  const edges = fileEdges(readSources())
  const loaded = new Set(['src/writer-thread.ts'])
  for (const path of loaded) for (const target of edges.get(path) ?? []) loaded.add(target)
  assert.ok(loaded.has('src/federation/commands.ts'))
  assert.deepEqual(
    [...loaded].filter((path) => /routes\.ts$|\/api\.ts$|\/http\/server\.ts$/.test(path)),
    [],
  )
})

test('every capability has the rooms a visitor expects', () => {
  for (const name of CAPABILITIES)
    for (const file of ['api.ts', 'wire.ts', 'routes.ts', 'migrations.ts', 'writer.ts'])
      assert.ok(existsSync(join(ROOT, 'src', name, file)), `src/${name}/${file}`)
})

test('what crosses the network needs no Node', () => {
  for (const name of CAPABILITIES)
    assert.doesNotMatch(readFileSync(join(ROOT, 'src', name, 'wire.ts'), 'utf8'), /from 'node:/)
})

test('what a browser gets needs no Node', () => {
  const files = readSources()
  const reached = new Set([...files.keys()].filter((path) => path.startsWith('src/web/')))
  for (const path of reached) {
    const text = files.get(path) ?? ''
    assert.doesNotMatch(text, /from 'node:|\bBuffer\b|process\./, `${path} reaches the browser`)
    for (const { target, typeOnly } of importsOf(path, text))
      if (!typeOnly) reached.add(BROWSER_TWINS[target] ?? target)
  }
  for (const twin of Object.values(BROWSER_TWINS)) assert.ok(reached.has(twin), `nobody uses ${twin}`)
})

test('only main and the clock ask the world for time, chance and environment', () => {
  for (const [path, text] of readSources()) {
    if (path === 'src/main.ts' || path === 'src/kernel/clock.ts' || /^src\/(?:cli\/demo|web)\//.test(path)) continue
    assert.doesNotMatch(text, /Date\.now\(|Math\.random\(|process\.env/, path)
  }
})

test('the rule finds what breaks it', () => {
  const planted = new Map([
    ['src/kernel/a.ts', `import { x } from '#sharing/api.ts'`],
    ['src/sharing/b.ts', `import { y } from '#warning/search.ts'`],
    ['src/cli/c.ts', `import { z } from '#federation/pull.ts'`],
    ['src/warning/d.ts', 'export default 1'],
  ])
  assert.equal(violations(planted).length, 4)
  assert.deepEqual(
    findCycle(
      new Map([
        ['a', ['b']],
        ['b', ['a']],
      ]),
    ),
    ['a', 'b', 'a'],
  )
})

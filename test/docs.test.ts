// Documents are true to the code: every setting, command and metric is told, and no link leads nowhere.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { COMMON_OPTIONS } from '#cli/args.ts'
import { COMMANDS } from '#cli/commands.ts'
import { ENVIRONMENT, FLAGS } from '#src/config.ts'
import { ConfigFile } from '#src/config-file.ts'
import { World } from './world/world.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const documents = globSync('**/*.md', { cwd: ROOT, exclude: ['node_modules/**', '.cache/**'] })

type Shape = { readonly default?: unknown; readonly properties?: Readonly<Record<string, Shape>> }

/** The keys of the settings file, nested ones with dots. */
function keysOf(shape: Shape, prefix = ''): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties === undefined ? [`${prefix}${name}`] : keysOf(inner, `${prefix}${name}.`),
  )
}

/** The defaults as the page writes them, by key; an empty list is “none”. */
function defaultsOf(shape: Shape, prefix = ''): [string, string][] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]): [string, string][] => {
    if (inner.properties !== undefined) return defaultsOf(inner, `${prefix}${name}.`)
    if (inner.default === undefined) return []
    const { default: value } = inner
    return [[`${prefix}${name}`, Array.isArray(value) && value.length === 0 ? 'none' : `\`${String(value)}\``]]
  })
}

test('every setting is in the page about settings, with what may set it', () => {
  const page = read('docs/operating/configure.md')
  const config = read('src/config.ts')
  const keys = keysOf(ConfigFile as Shape)
  assert.ok(keys.length > 10)
  const row = (key: string): string => page.split('\n').find((line) => line.startsWith(`| \`${key}\` |`)) ?? ''
  for (const key of keys) assert.notEqual(row(key), '', `configure.md does not tell of ${key}`)
  for (const [name, key] of Object.entries(ENVIRONMENT))
    assert.ok(row(key).includes(`| \`${name}\` |`), `${key}: ${name}`)
  for (const [flag, key] of Object.entries(FLAGS))
    assert.ok(row(key).includes(`| \`--${flag}\` |`), `${key}: --${flag}`)
  for (const [key, value] of defaultsOf(ConfigFile as Shape))
    assert.ok(row(key).includes(`| ${value} |`), `${key} is ${value} by default`)
  for (const [name] of config.matchAll(/COMITY_[A-Z_]+/g))
    assert.ok(page.includes(`\`${name}\``), `configure.md does not tell of ${name}`)
  for (const [, name = ''] of page.matchAll(/`(COMITY_[A-Z_]+)`/g))
    assert.ok(config.includes(name) || read('src/main.ts').includes(name), `${name} sets nothing`)
})

test('every command is shown to people who run a node', () => {
  const texts = documents
    .filter((path) => path.startsWith('README') || path.startsWith('docs/operating/'))
    .map(read)
    .join('\n')
  for (const name of Object.keys(COMMANDS))
    assert.ok(name === 'version' || texts.includes(`comity ${name}`), `no page shows comity ${name}`)
  for (const [, name = ''] of texts.matchAll(/comity ([a-z]+)\b/g))
    assert.ok(COMMANDS[name] !== undefined || name === 'help', `comity ${name} is no command`)
})

test('every command line in the documents is one that works', async () => {
  let seen = 0
  for (const path of documents)
    for (const [line, name = '', rest = ''] of read(path).matchAll(
      /(?<![\p{L}\d/-])(?:\.\/)?comity ([a-z]+)\b([^`\n#]*)/gu,
    )) {
      const entry = COMMANDS[name]
      if (entry === undefined) continue
      const { command } = await entry.load()
      seen += 1
      for (const [, flag = ''] of rest.matchAll(/\s--([a-z][a-z-]*)/g))
        assert.ok({ ...COMMON_OPTIONS, ...command.options }[flag] !== undefined, `${path}: ${line}: no --${flag}`)
      const verbs = command.usage
        .map((usage) => usage.split(' ')[1] ?? '')
        .filter((word) => /^[a-z][a-z-]+$/.test(word))
      const [, verb] = /^ ([a-z][a-z-]+)(?= |$)/.exec(rest) ?? []
      if (verb !== undefined && verbs.length > 1) assert.ok(verbs.includes(verb), `${path}: ${line}: no verb ${verb}`)
    }
  assert.ok(seen > 50)
})

test('every document that the program, its tests and its files name exists', () => {
  const files = globSync(['src/**/*.ts', 'test/**/*.ts', 'deploy/*', 'scripts/*'], { cwd: ROOT })
  for (const file of files)
    for (const [path] of read(file).matchAll(/\bdocs\/[\w/-]+(?:\.md)?/g))
      assert.ok(existsSync(join(ROOT, path)), `${file} names ${path}`)
  for (const path of documents)
    for (const [, named = ''] of read(path).matchAll(
      /(?<![\w/])((?:src|test|deploy|docs|scripts|examples)\/[\w./-]+\.\w+)/g,
    ))
      assert.ok(existsSync(join(ROOT, named)), `${path} names ${named}`)
})

test('every metric is told', async () => {
  const world = new World('docs')
  await using _ = world
  const node = await world.add('a.example')
  const text = (await node.app.inject({ url: '/metrics' })).body
  const page = read('docs/operating/logs.md')
  const names = [...text.matchAll(/^# TYPE (comity_\w+)/gm)].map(([, name = '']) => name)
  assert.ok(names.length > 5)
  for (const name of names) assert.ok(page.includes(`\n| \`${name}\` |`), `logs.md does not tell of ${name}`)
})

test('no link leads nowhere', () => {
  for (const path of documents)
    for (const [, target = ''] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const full = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file)
      assert.ok(existsSync(full), `${path} links to ${target}`)
      if (anchor !== undefined) assert.ok(anchorsIn(readFileSync(full, 'utf8')).includes(anchor), `${path}: ${target}`)
    }
})

function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('every folder of the program is in the architecture, every page in its index', () => {
  const architecture = read('docs/ARCHITECTURE.md')
  for (const folder of globSync('src/*/', { cwd: ROOT }))
    assert.ok(architecture.includes(`${folder.replace(/\/?$/, '')}/`), `ARCHITECTURE.md does not tell of ${folder}`)
  for (const index of ['docs/operating', 'docs/decisions'])
    for (const page of globSync(`${index}/*.md`, { cwd: ROOT }))
      assert.ok(page.endsWith('README.md') || read(`${index}/README.md`).includes(`(${page.split('/').at(-1)})`), page)
})

test('both READMEs show the same commands and the same figures', () => {
  const blocks = (text: string): string[] =>
    [...text.matchAll(/```[a-z]*\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  const commands = (text: string): string[] =>
    blocks(text).flatMap((block) =>
      [...block.matchAll(/^\.?\/?comity .*$/gm)].map(([line]) =>
        (line.split('#')[0] ?? '').replaceAll(/"[^"]*"/g, '""').trim(),
      ),
    )
  const [english, chinese] = [read('README.md'), read('README.zh-CN.md')]
  assert.ok(commands(english).length > 5)
  assert.deepEqual(commands(chinese), commands(english))
  const figures = (text: string): string[] =>
    [...text.matchAll(/^\|.*$/gm)].map(([row]) => (row.match(/\d(?:[\d,.]*\d)?/g) ?? []).join(' '))
  assert.deepEqual(figures(chinese), figures(english))
  const headings = (text: string): number => text.match(/^#+ /gm)?.length ?? 0
  assert.equal(headings(chinese), headings(english))
})

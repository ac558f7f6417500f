// Documents are true to the code: every setting, command and metric is told, and no link leads nowhere.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { COMMANDS } from '#cli/commands.ts'
import { ConfigFile } from '#src/config.ts'
import { World } from './world/world.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const documents = globSync('**/*.md', { cwd: ROOT, exclude: ['node_modules/**', '.cache/**'] })

type Shape = { readonly properties?: Readonly<Record<string, Shape>> }

/** The keys of the settings file, nested ones with dots. */
function keysOf(shape: Shape, prefix = ''): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties === undefined ? [`${prefix}${name}`] : keysOf(inner, `${prefix}${name}.`),
  )
}

test('every setting is in the page about settings, with what may set it', () => {
  const page = read('docs/operating/configure.md')
  const config = read('src/config.ts')
  const keys = keysOf(ConfigFile as Shape)
  assert.ok(keys.length > 10)
  for (const key of keys) assert.ok(page.includes(`\`${key}\``), `configure.md does not tell of ${key}`)
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

test('every metric is told', async () => {
  const world = new World('docs')
  await using _ = world
  const node = await world.add('a.example')
  const text = (await node.app.inject({ url: '/metrics' })).body
  const page = read('docs/operating/logs.md')
  const names = [...text.matchAll(/^# TYPE (comity_\w+)/gm)].map(([, name = '']) => name)
  assert.ok(names.length > 5)
  for (const name of names) assert.ok(page.includes(`\`${name}\``), `logs.md does not tell of ${name}`)
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

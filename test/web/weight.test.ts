// What a first visit loads is weighed whole, and too much of it is refused.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { describeWeight, FIRST_PAGE_BYTES_MAX, isTooHeavy, weigh, type Chunk } from '../../scripts/weight.ts'

/** Code that does not get smaller. */
const code = (bytes: number): string =>
  randomBytes(bytes)
    .toString('latin1')
    .replaceAll(/[^ -~]/g, 'x')
const bundle = (more: Partial<Record<'entry' | 'shared' | 'home' | 'other', number>>): Chunk[] => [
  { fileName: 'index.js', code: code(more.entry ?? 100), isEntry: true, imports: ['shared.js'] },
  { fileName: 'shared.js', code: code(more.shared ?? 100) },
  {
    fileName: 'home.js',
    code: code(more.home ?? 100),
    facadeModuleId: '/src/web/pages/home.tsx',
    imports: ['shared.js'],
  },
  { fileName: 'graph.js', code: code(more.other ?? 100), facadeModuleId: '/src/web/pages/graph.tsx' },
  { fileName: 'index.css', source: 'x'.repeat(100) },
]

test('the entry, the home page and what both import count; what is fetched later does not', () => {
  const { files, firstPageBytes } = weigh(bundle({ other: 2 * FIRST_PAGE_BYTES_MAX }))
  assert.deepEqual(
    files.filter(({ first }) => first).map(({ name }) => name),
    ['index.js', 'shared.js', 'home.js'],
  )
  assert.equal(files.length, 5)
  assert.ok(firstPageBytes < 1000)
})

test('a first page above its limit is too heavy, wherever the weight lies', () => {
  for (const part of ['entry', 'shared', 'home'] as const) {
    const weight = weigh(bundle({ [part]: 4 * FIRST_PAGE_BYTES_MAX }))
    assert.ok(isTooHeavy(weight), part)
    assert.match(
      describeWeight(weight).at(-1) ?? '',
      /^first page \(\*\): \d+\.\d kB of JavaScript, gzip; at most 150\.0 kB$/,
    )
  }
  assert.equal(isTooHeavy(weigh(bundle({ other: 4 * FIRST_PAGE_BYTES_MAX }))), false)
})

test('a bundle without a home page is not weighed as if it were light', () => {
  assert.throws(() => weigh(bundle({}).filter(({ fileName }) => fileName !== 'home.js')), /cannot be weighed/)
})

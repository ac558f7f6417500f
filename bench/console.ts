// How fast the console is on a node of a million records: what its pages ask the node for, and how soon somebody sees and
// uses a page, on this machine and over a line of 64 kbit/s with a second to and fro.
import { ensureConsole } from '../scripts/console.ts'
import { noBrowser, openBrowser } from '#test/console/browser.ts'
import type { Million } from './million.ts'
import { startMillion } from './million.ts'
import { openPage, THIN, type Opened } from './page.ts'
import { demand, ms, percentile, type Report } from './report.ts'

const ROUNDS = 5
/** Words as people search for them: rare and frequent, whole and begun, one and several. */
const WORDS = [
  'loader',
  'malware',
  'cobalt strike',
  'windows',
  'the',
  'att',
  'com',
  'powershell',
  'spear phishing',
  'a',
  'kerb',
  'exploit public-facing application',
  'proxy',
  'credential dumping',
  'registry',
  'zzzz',
  'linux',
  'russia',
  't1059',
  'in',
]
const TYPES = ['malware', 'attack-pattern', 'relationship']

export async function measureConsole(report: Report, { attack }: { readonly attack: string }): Promise<void> {
  await using million = await startMillion(report, attack)
  await measureRequests(report, million)
  if (noBrowser === undefined) await measurePages(report, million)
  else report.note(noBrowser)
}

async function measureRequests(report: Report, { node, records, digest }: Million): Promise<void> {
  const ids = await someRecords(node)
  const sets = await node.client.get<{ items: { id: string }[] }>('/search', { type: 'intrusion-set', limit: 3 })
  const groups: readonly (readonly [what: string, paths: readonly string[]])[] = [
    ['list of the newest', ['', ...TYPES.map((type) => `type=${type}&`)].map((by) => `/search?${by}limit=50`)],
    ['search by words', WORDS.map((q) => `/search?${new URLSearchParams({ q, limit: '50' })}`)],
    [
      'search by words, one kind',
      WORDS.flatMap((q) => TYPES.map((type) => `/search?${new URLSearchParams({ q, type, limit: '50' })}`)),
    ],
    ['facets', ['/search/facets', ...WORDS.map((q) => `/search/facets?${new URLSearchParams({ q })}`)]],
    [
      'attack matrix',
      ['', '?chain=mitre-attack', '?q=script', '?platform=Linux', '?tactic=execution', '?q=t1059&platform=Windows']
        .concat(sets.items.map(({ id }) => `?by=${id}`))
        .map((asked) => `/attack${asked}`),
    ],
    ['record page', ids.flatMap((id) => [`/records/${id}`, `/records/${id}/related`])],
    [
      'home page',
      [
        '/home',
        '/left?hours=24',
        '/peers',
        '/trust',
        '/quarantine?limit=50',
        '/evidence',
        '/warnings?state=new&limit=50',
      ],
    ],
  ]
  for (const [what, paths] of groups) {
    const times: number[] = []
    const slowest = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round += 1)
      for (const path of paths) {
        const started = performance.now()
        await node.client.get(path)
        const took = performance.now() - started
        times.push(took)
        slowest.set(path, Math.max(slowest.get(path) ?? 0, took))
      }
    const [worst = ['', 0]] = [...slowest].toSorted(([, a], [, b]) => b - a)
    report.note(`${what}: slowest ${worst[0]}, ${ms(worst[1])} ms`)
    report.add({
      what: `console, ${what}, at 1,000,000 records`,
      figure: `p50 ${ms(percentile(times, 0.5))} ms, p95 ${ms(percentile(times, 0.95))} ms`,
      limit: 'p95 100 ms',
      readBack: demand(records, 1_000_000, 'records'),
      digest,
    })
  }
}

async function someRecords(node: Million['node']): Promise<string[]> {
  const ids: string[] = []
  for (const type of TYPES) {
    const { items } = await node.client.get<{ items: { id: string }[] }>('/search', { q: 'the', type, limit: 20 })
    ids.push(...items.map(({ id }) => id))
  }
  return ids
}

async function measurePages(report: Report, { node, records, digest }: Million): Promise<void> {
  await ensureConsole()
  const [record = ''] = await someRecords(node)
  const pages = [
    ['home', '/'],
    ['search', '/knowledge?q=loader'],
    ['record', `/records/${record}`],
  ] as const
  await using browser = await openBrowser('')
  for (const [what, address] of pages)
    for (const [line, limit] of [
      [undefined, 'seen in 1 s, no shift'],
      [THIN, 'seen in 30 s, no shift'],
    ] as const) {
      const { first, again } = await openPage(browser, node, address, line)
      report.add({
        what: `console, ${what}, ${line === undefined ? 'this machine' : '64 kbit/s, 1 s'}: first visit / again`,
        figure: `${describe(first)} / ${describe(again)}`,
        limit,
        readBack: records,
        digest,
      })
    }
}

const seconds = (value: number): string => (value / 1000).toFixed(value < 10_000 ? 2 : 1)

const describe = (page: Opened): string =>
  `painted ${seconds(page.firstPaintMs)}, largest ${seconds(page.largestPaintMs)}, usable ${seconds(page.usableMs)} s, ` +
  `long tasks ${ms(page.longTasksMs)} ms, shift ${page.shift.toFixed(3)}, ${(page.bytes / 1000).toFixed(0)} kB`

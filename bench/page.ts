// A page of the console as a browser opens it: when something is painted, when it can be used, what moves, what it weighs.
import type { Browser, BrowserContext } from 'playwright-core'
import type { Member } from '#cli/demo/member.ts'

export type Opened = {
  readonly firstPaintMs: number
  readonly largestPaintMs: number
  /** Everything is there and nothing keeps the page from answering. */
  readonly usableMs: number
  readonly longTasksMs: number
  /** Cumulative layout shift: how much of what was seen moved by itself. */
  readonly shift: number
  /** As they came over the line. */
  readonly bytes: number
}

export type Line = { readonly bytesPerSec: number; readonly latencyMs: number }

/** 64 kbit/s and a second to and fro. */
export const THIN: Line = { bytesPerSec: 8000, latencyMs: 1000 }

const USER = 'bench'
const PASSWORD = 'a sentence that nobody guesses'
const OPEN_MS_MAX = 300_000

/** Opens a page with nothing kept, and once more with what the browser keeps. */
export async function openPage(
  browser: Browser,
  node: Member,
  address: string,
  line: Line | undefined,
): Promise<{ readonly first: Opened; readonly again: Opened }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    await signIn(context, node)
    return { first: await open(context, node, address, line), again: await open(context, node, address, line) }
  } finally {
    await context.close()
  }
}

async function signIn(context: BrowserContext, node: Member): Promise<void> {
  const origin = node.url.replace('127.0.0.1', 'localhost')
  const known = await node.client.get<{ items: { name: string }[] }>('/users')
  const code = known.items.some(({ name }) => name === USER)
    ? (await node.client.post<{ code: string }>(`/users/${USER}/reset`)).code
    : (await node.client.post<{ code: string }>('/users', { name: USER, display: 'Bench', role: 'administrator' })).code
  const answer = await context.request.post(`${origin}/api/welcome`, {
    headers: { origin },
    data: { code, password: PASSWORD },
  })
  if (!answer.ok()) throw new Error(await answer.text())
}

/** Watches from before the page's first byte; kept on the page, because what was painted is known there alone. */
const WATCH = `
globalThis.seen = { first: 0, largest: 0, shift: 0, long: 0, lastLong: 0 }
const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
watch('paint', (each) => { if (each.name === 'first-contentful-paint') seen.first = each.startTime })
watch('largest-contentful-paint', (each) => { seen.largest = each.startTime })
watch('layout-shift', (each) => { if (!each.hadRecentInput) seen.shift += each.value })
watch('longtask', (each) => { seen.long += each.duration; seen.lastLong = each.startTime + each.duration })
`

const SETTLED = `(async () => {
  const wait = (ms) => new Promise((wake) => setTimeout(wake, ms))
  while (localStorage.getItem('comity.typefaces') === null) await wait(100)
  await document.fonts.ready
  await wait(1500)
})()`

type Seen = { first: number; largest: number; shift: number; long: number; lastLong: number; now: number }

async function open(context: BrowserContext, node: Member, address: string, line: Line | undefined): Promise<Opened> {
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  let bytes = 0
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))
  if (line !== undefined)
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: line.latencyMs,
      downloadThroughput: line.bytesPerSec,
      uploadThroughput: line.bytesPerSec,
    })
  await page.addInitScript(WATCH)
  page.setDefaultTimeout(OPEN_MS_MAX)
  await page.goto(node.url.replace('127.0.0.1', 'localhost') + address, { waitUntil: 'commit', timeout: OPEN_MS_MAX })
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
  const usable = await page.evaluate<Seen>('({ ...seen, now: performance.now() })')
  // What comes late (typefaces, counts) may still move what is there.
  await page.evaluate(SETTLED)
  const seen = await page.evaluate<Seen>('({ ...seen, now: performance.now() })')
  await page.close()
  return {
    firstPaintMs: seen.first,
    largestPaintMs: seen.largest,
    usableMs: Math.max(usable.now, usable.lastLong),
    longTasksMs: seen.long,
    shift: seen.shift,
    bytes,
  }
}

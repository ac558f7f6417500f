// The graph in a real browser: 5,000 records on the screen, moved by a hand and by the wheel, frames counted. The browser
// paints without a graphics card, as on the weakest machine.
import { hash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { noBrowser, openBrowser, openWindow } from '#test/console/browser.ts'
import { addPerson, buildStage, OWN, PASSWORD, say } from '#test/console/stage.ts'
import { ensureConsole } from '../scripts/console.ts'
import { demand, digestOfText, type Report } from './report.ts'

const POINTS = 5000
const HUBS = 25
const HELD_MS = 5000
const TIME = '2026-01-14T08:22:00.000Z'

const idOf = (type: string, n: number): string =>
  `${type}--${hash('sha256', `${type} ${n}`, 'hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')}`

type Fields = Readonly<Record<string, unknown>>
const object = (type: string, n: number, fields: Fields): Fields => ({
  type,
  spec_version: '2.1',
  id: idOf(type, n),
  created: TIME,
  modified: TIME,
  ...fields,
})

/** One intrusion set that uses malware, each of it with its indicators: a tree of three levels, and cross lines. */
function records(): readonly Fields[] {
  const joined = (n: number, from: string, word: string, to: string): Fields =>
    object('relationship', n, { relationship_type: word, source_ref: from, target_ref: to })
  const hubs = Array.from({ length: HUBS }, (_, n) => [
    object('malware', n, { name: `Family ${n}`, is_family: true }),
    joined(n, idOf('intrusion-set', 0), 'uses', idOf('malware', n)),
  ])
  const leaves = Array.from({ length: POINTS - HUBS - 1 }, (_, n) => [
    object('indicator', n, {
      name: `Host ${n}`,
      pattern: `[domain-name:value = 'h${n}.quay.example']`,
      pattern_type: 'stix',
      valid_from: TIME,
    }),
    joined(HUBS + n, idOf('indicator', n), 'indicates', idOf('malware', n % HUBS)),
  ])
  return [object('intrusion-set', 0, { name: 'Slack Tide' }), ...hubs.flat(), ...leaves.flat()]
}

export async function measureGraph(report: Report): Promise<void> {
  if (noBrowser !== undefined) return report.note(`graph: not measured, ${noBrowser}`)
  await ensureConsole()
  await using stage = await buildStage({ members: [OWN], story: false })
  await addPerson(stage.world, stage.own, { name: 'mara', display: 'Mara', role: 'administrator' })
  await stage.world.api(stage.own, 'POST', '/collections', {
    title: 'Bench',
    alias: 'bench',
    share: 'none',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  const said = records()
  await say(stage.own, 'bench', said)
  const browser = await openBrowser(stage.hostRules)
  try {
    const { page } = await openWindow(browser, undefined)
    await signIn(page)
    const points = await openAll(page)
    const common = { readBack: demand(points, POINTS, 'records drawn'), digest: digestOfText(JSON.stringify(said)) }
    const ways = [
      ['all of them in view, moved by a hand', panning],
      ['the same, larger and smaller by the wheel', zooming],
    ] as const
    for (const [what, way] of ways) {
      const { perSecond, slowestMs } = await framesWhile(page, way)
      report.add({
        what: `graph: 5,000 records, ${what} (1440 x 900, painted without a graphics card)`,
        figure: `${perSecond.toFixed(0)} frames a second, slowest ${slowestMs.toFixed(0)} ms`,
        limit: 'at least 30',
        ...common,
      })
    }
  } finally {
    await browser.close()
  }
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`http://${OWN}/`)
  await page.getByLabel('User name').fill('mara')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
}

/** Opens every hub to the end by its address, and waits until all have found their places; answers how many there are. */
async function openAll(page: Page): Promise<number> {
  const hubs = [idOf('intrusion-set', 0), ...Array.from({ length: HUBS }, (_, n) => idOf('malware', n))]
  const status = page.locator('[role=status].graph-status')
  const beside = page.getByRole('complementary')
  await page.goto(`http://${OWN}/graph?id=${hubs[0]}`)
  await status.getByText(/26 records/).waitFor()
  const words = page.getByRole('table', { name: 'In words' })
  for (let n = 0; n < HUBS; n += 1) {
    await words
      .getByRole('button', { name: `Family ${n}`, exact: true })
      .first()
      .click()
    await beside.getByRole('heading', { name: `Family ${n}`, exact: true }).waitFor()
    await beside.getByRole('button', { name: /^Expand/ }).click()
    await beside.getByRole('button', { name: 'Expand', exact: true }).and(page.locator(':disabled')).waitFor()
  }
  await page.getByRole('button', { name: 'Show all' }).click()
  await status.getByText(/5,000 records/).waitFor()
  const text = (await status.textContent()) ?? ''
  return Number((/([\d,]+) records,/.exec(text)?.[1] ?? '0').replaceAll(',', ''))
}

type Hand = (page: Page, box: { x: number; y: number; width: number; height: number }, step: number) => Promise<void>

const panning: Hand = async (page, box, step) => {
  await page.mouse.move(box.x + box.width / 2 + 120 * Math.sin(step / 12), box.y + 20 + 60 * Math.cos(step / 9))
}
const zooming: Hand = async (page, _box, step) => {
  await page.mouse.wheel(0, Math.floor(step / 20) % 2 === 0 ? -24 : 24)
}

/** Frames the page painted while a hand was on the drawing. */
async function framesWhile(page: Page, hand: Hand): Promise<{ perSecond: number; slowestMs: number }> {
  const box = await page.getByRole('application').boundingBox()
  if (box === null) throw new Error('the drawing is not on the page')
  await page.mouse.move(box.x + box.width / 2, box.y + 20)
  if (hand === panning) await page.mouse.down()
  await page.evaluate(`(() => {
    globalThis.comityFrames = []
    const frames = globalThis.comityFrames
    const count = (at) => {
      if (globalThis.comityFrames !== frames) return
      frames.push(at)
      requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })()`)
  const until = performance.now() + HELD_MS
  for (let step = 0; performance.now() < until; step += 1) await hand(page, box, step)
  const times = (await page.evaluate('globalThis.comityFrames.slice()')) as number[]
  if (hand === panning) await page.mouse.up()
  const gaps = times.slice(1).map((at, n) => at - (times[n] ?? at))
  const whole = (times.at(-1) ?? 0) - (times[0] ?? 0)
  return { perSecond: (gaps.length / whole) * 1000, slowestMs: Math.max(...gaps) }
}

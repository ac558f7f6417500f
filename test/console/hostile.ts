// Names that try to harm whoever reads them, said by a peer: on every page that shows names they hide nothing, turn
// nothing, run nothing and stay within the screen.
import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, say, type Stage } from './stage.ts'
import { Reader } from './words.ts'

const OURS = 'indicator--00000000-0000-4000-8000-0000000000c8'
const TIME = '2026-01-14T08:22:00.000Z'
const idOf = (type: string, n: number): string => `${type}--00000000-0000-4000-9000-${n.toString(16).padStart(12, '0')}`
const CAMPAIGN = idOf('campaign', 1)
const WIDE = idOf('malware', 2)
const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>'

const object = (type: string, n: number, fields: object): Readonly<Record<string, unknown>> => ({
  type,
  spec_version: '2.1',
  id: idOf(type, n),
  created: TIME,
  modified: TIME,
  ...fields,
})

function hostileRecords(): object[] {
  const campaign = object('campaign', 1, { name: `Invoice\u202Efdp.exe\u200B ${SCRIPT}`, first_seen: TIME })
  const others = [
    object('malware', 2, { name: 'W'.repeat(10_000), is_family: true, description: 'W'.repeat(10_000) }),
    object('intrusion-set', 3, { name: `Z${'\u0336\u0301'.repeat(100)}algo` }),
    object('attack-pattern', 4, {
      name: 'W'.repeat(10_000),
      external_references: [{ source_name: 'mitre-attack', external_id: 'T0822' }],
      kill_chain_phases: [{ kill_chain_name: 'mitre-ics-attack', phase_name: 'execution' }],
    }),
    object('tool', 5, { name: '=HYPERLINK("http://192.0.2.7/","open")' }),
    object('threat-actor', 6, { name: '\u200B\u200B' }),
  ]
  const watched = { pattern_type: 'stix', valid_from: TIME }
  const warning = [
    object('indicator', 7, {
      name: 'W'.repeat(10_000),
      pattern: "[domain-name:value = 'cdn.updates.example']",
      ...watched,
    }),
    object('indicator', 8, { name: 'خادم خبيث 203.0.113.9', pattern: "[ipv4-addr:value = '203.0.113.9']", ...watched }),
  ]
  const joined = others.map(({ id }, at) =>
    object('relationship', 20 + at, { relationship_type: 'uses', source_ref: campaign['id'], target_ref: id }),
  )
  return [campaign, ...others, ...warning, ...joined]
}

const PAGES = [
  '/',
  '/warnings',
  '/knowledge',
  '/knowledge?type=malware',
  `/records/${CAMPAIGN}`,
  `/records/${WIDE}`,
  `/records/${idOf('indicator', 7)}`,
  `/graph?id=${CAMPAIGN}`,
  `/timeline?id=${CAMPAIGN}`,
  `/attack?by=${CAMPAIGN}`,
  `/policy/why?id=${CAMPAIGN}&to=fjord.example`,
  `/write/note?about=${CAMPAIGN}`,
  '/audit',
]

export async function hostileNames(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  await say(stage.member('isles.example'), 'advisories', hostileRecords())
  await stage.world.quiesce()
  for (const look of [{}, { phone: true }]) {
    const { context, page, complaints } = await openWindow(browser, stage, look)
    let asked = false
    page.on('dialog', (dialog) => {
      asked = true
      void dialog.dismiss()
    })
    await signIn(page, OWN)
    const reader = new Reader(page)
    for (const address of PAGES) {
      await reader.turnTo(address)
      await page.getByRole('heading', { level: 1 }).or(page.getByRole('region')).first().waitFor()
      await reader.settled()
      assert.deepEqual(await harmOf(page), [], `${address} in ${JSON.stringify(look)}`)
    }
    await namesAreReadable(page)
    assert.equal(asked, false)
    assert.deepEqual(unexpected(complaints), [])
    await context.close()
  }
}

async function namesAreReadable(page: Page): Promise<void> {
  await page.goto(`http://${OWN}/records/${OURS}`)
  await page.getByRole('heading', { name: /Invoice/ }).waitFor()
  assert.match(
    await page.getByRole('heading', { level: 1 }).innerText(),
    /Invoice\s*U\+202E\s*fdp\.exe <script>alert\(1\)<\/script>/,
  )
  assert.equal(await page.title(), 'Invoice\u{FFFD}fdp.exe <script>alert(1)</script> · Comity')
  await page.goto(`http://${OWN}/knowledge?q=very`)
  await page.getByRole('link', { name: /^Very/ }).waitFor()
  assert.ok((await page.getByRole('link', { name: /^Very/ }).innerText()).length < 200)
  await page.goto(`http://${OWN}/records/${idOf('indicator', 8)}`)
  const title = page.getByRole('heading', { level: 1 })
  await title.locator('[dir="ltr"]').filter({ hasText: '203.0.113[.]9' }).waitFor()
}

/** What of a page is wider than the screen, hides, turns, leads out, or came to life. */
const harmOf = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const HIDDEN = /[\\u200b\\u202a-\\u202e\\u2060-\\u2064\\ufeff]/
    const { scrollWidth, clientWidth } = document.documentElement
    const faults = scrollWidth > clientWidth + 1 ? ['too wide by ' + (scrollWidth - clientWidth)] : []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { nodeValue, parentElement } = walker.currentNode
      if (HIDDEN.test(nodeValue)) faults.push('hides: ' + parentElement.className + ' ' + nodeValue.slice(0, 60))
    }
    for (const element of document.querySelectorAll('[title], [aria-label]'))
      for (const name of ['title', 'aria-label']) {
        const text = element.getAttribute(name) ?? ''
        if (HIDDEN.test(text) || text.length > 400) faults.push(name + ': ' + text.slice(0, 60))
      }
    if (document.querySelector('main script, main img') !== null) faults.push('markup came to life')
    for (const { href } of document.querySelectorAll('a[href]'))
      if (typeof href === 'string' && !href.startsWith(location.origin)) faults.push('leads out: ' + href)
    return faults
  })()`)

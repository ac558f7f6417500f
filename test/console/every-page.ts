// What holds on every page: axe-core finds nothing, nothing is complained about, nothing is wider than the screen, and
// where an answer fails the page says so and goes on when somebody asks again.
import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { accessibilityFaults, openWindow, unexpected, type Look } from './browser.ts'
import { OWN, PASSWORD, type Stage } from './stage.ts'
import { Reader, type Language } from './words.ts'

/** An address with something that is there once its page has loaded. */
export type PageUnderTest = readonly [address: string, heading: RegExp]

export async function signIn(page: Page, host = OWN, name = 'mara', language: Language = 'en'): Promise<Reader> {
  const reader = new Reader(page, language)
  await page.goto(`http://${host}/`)
  await reader.fill('signIn.name', name)
  await reader.fill('signIn.password', PASSWORD)
  await reader.press('signIn.verb')
  await reader.field('signIn.password').waitFor({ state: 'detached' })
  await page.getByRole('main').waitFor()
  return reader
}

export async function withoutFaults(browser: Browser, stage: Stage, pages: readonly PageUnderTest[]): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  const faults: string[] = []
  const examine = async (where: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const found = await accessibilityFaults(page, colorScheme === 'light' ? 'all' : 'colours')
      faults.push(...found.map((fault) => `${where}, ${colorScheme}: ${fault}`))
    }
  }
  await page.goto(`http://${OWN}/`)
  await page.getByLabel('User name').waitFor()
  await examine('sign in')
  await page.goto(`http://${OWN}/welcome`)
  await page.getByLabel('One-time code').waitFor()
  await examine('welcome')
  const reader = await signIn(page)
  for (const [address, heading] of pages) {
    await reader.turnTo(address)
    await page.getByRole('heading', { name: heading }).first().waitFor()
    await reader.settled()
    await examine(address)
  }
  await page.keyboard.press('Control+k')
  await reader.by('combobox', 'palette.title').waitFor()
  await page.keyboard.type('harbour')
  await page
    .getByRole('option', { name: /^Harbour/ })
    .first()
    .waitFor()
  await examine('command bar')
  assert.deepEqual(faults, [])
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

/** Dialogs that ask, by the page and the button that open them. */
const DIALOGS: readonly (readonly [address: string, button: string])[] = [
  ['/federation', 'peers.invite'],
  ['/federation', 'peers.accept'],
  ['/federation/peer?member=isles.example', 'peer.end'],
  ['/warnings/1', 'warning.acknowledge'],
  ['/settings', 'people.add'],
  ['/settings/collections', 'collections.make'],
  ['/settings/clients', 'clients.make'],
  ['/settings/feeds?feed=bad-domains', 'people.change'],
  ['/settings/feeds?feed=bad-domains', 'feeds.remove'],
]

export async function dialogsWithoutFaults(browser: Browser, stage: Stage): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage, { dark: true })
  const reader = await signIn(page)
  for (const [address, button] of DIALOGS) {
    await reader.turnTo(address)
    await reader.press(button)
    await page
      .getByRole('dialog')
      .waitFor()
      .catch(() => assert.fail(`${button} of ${address} opens no dialog`))
    assert.deepEqual(await accessibilityFaults(page), [], `${button} of ${address}`)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

export async function fitsEveryScreen(
  browser: Browser,
  stage: Stage,
  pages: readonly PageUnderTest[],
  look: Look,
): Promise<void> {
  const language = look.pseudo === true ? 'en-XB' : look.language === 'zh-CN' ? 'zh-Hans' : 'en'
  const { context, page, complaints } = await openWindow(browser, stage, look)
  const reader = await signIn(page, OWN, 'mara', language)
  for (const [address] of pages) {
    await reader.turnTo(address)
    await page.getByRole('heading', { level: 1 }).or(page.getByRole('region')).first().waitFor()
    await reader.settled()
    const wide = (await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )) as number
    assert.ok(wide <= 1, `${address} is ${wide} too wide in ${JSON.stringify(look)}`)
  }
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

/** Pages that show something without asking the node for it. */
const ASK_NOTHING = ['/help', '/nowhere', '/account/passkeys']

export async function sayWhatFailed(browser: Browser, stage: Stage, pages: readonly PageUnderTest[]): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  const reader = await signIn(page)
  for (const [address, heading] of pages.filter(([each]) => !ASK_NOTHING.includes(each))) {
    const heal = await breakReads(context)
    await page.goto(`http://${OWN}${address}`)
    const failed = page
      .getByRole('main')
      .getByRole('alert')
      .filter({ hasText: reader.says('failed.title', {}) })
    const again = page.getByRole('main').getByRole('button', { name: reader.says('again') })
    await again
      .first()
      .waitFor()
      .catch(() => assert.fail(`${address} does not say that it failed`))
    await reader.settled()
    if (address === '/') assert.deepEqual(await accessibilityFaults(page), [], `${address}, failed`)
    await heal()
    await tryAgain(again, address)
    await page.getByRole('heading', { name: heading }).first().waitFor()
    assert.equal(await failed.count(), 0, `${address} still says that it failed`)
  }
  await context.close()
}

/** Each button is pressed until none is left. Some go by themselves: what failed beside it is read again, too. */
async function tryAgain(again: Locator, address: string): Promise<void> {
  const timeout = 2000
  const endMs = Date.now() + 10 * timeout
  for (let left = await again.count(); left > 0; left = await again.count()) {
    assert.ok(Date.now() < endMs, `${address} goes on asking to try again`)
    await again
      .first()
      .click({ timeout })
      .then(() => again.nth(left - 1).waitFor({ state: 'detached', timeout }))
      .catch(() => undefined)
  }
}

/** Every read fails, but who sits here. Returns what ends it. */
async function breakReads(context: BrowserContext): Promise<() => Promise<void>> {
  const url = (at: URL): boolean => at.pathname.startsWith('/api/') && at.pathname !== '/api/session'
  const body = JSON.stringify({ code: 'storage.failed', detail: 'the disk does not answer', status: 500 })
  await context.route(url, (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body }))
  return () => context.unroute(url)
}

// What each role meets: a page it may not see says why, none asks for what would be refused, and no button does.
import assert from 'node:assert/strict'
import type { Browser, Locator, Page } from 'playwright-core'
import { ROLE_RIGHTS, type Right, type Role } from '#kernel/role.ts'
import { RIGHTS_OF } from '#test/rights.ts'
import { openWindow, unexpected } from './browser.ts'
import { signIn, type PageUnderTest } from './every-page.ts'
import { OWN, type Stage } from './stage.ts'
import { Reader } from './words.ts'

/** Pages for some, with the right they ask for and what they say to the others. */
const CLOSED: readonly (readonly [address: RegExp, right: Right, says: string])[] = [
  [/^\/audit/, 'audit', 'audit.closed'],
  [/^\/settings\/backups/, 'administer', 'settings.closed'],
  [/^\/settings(?!\/collections)/, 'audit', 'settings.closed'],
  [/^\/write/, 'contribute', 'write.closed'],
  [/^\/import/, 'contribute', 'import.closed'],
  [/^\/federation\/bundles/, 'administer', 'bundles.closed'],
]

/** Walks every page as somebody and presses every button. Answers the routes that were tried. */
export async function walk(
  browser: Browser,
  stage: Stage,
  { name, role }: { readonly name: string; readonly role: Role },
  pages: readonly PageUnderTest[],
): Promise<string[]> {
  const { context, page, complaints } = await openWindow(browser, stage)
  const reader = await signIn(page, OWN, name)
  const refused: string[] = []
  page.on('response', (response) => {
    if (response.status() === 403) refused.push(`${response.request().method()} ${response.url()}`)
  })
  const tried = await withholdWrites(page)
  // An address that was opened stands in front: a page behind it is drawn once in two seconds.
  page.on('popup', (popup) => {
    popup
      .close()
      .then(() => page.bringToFront())
      .catch(() => {})
  })
  const pressed = new Set<string>()
  for (const [address] of pages) {
    await reader.turnTo(address)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await reader.settled()
    const closed = CLOSED.find(([pattern]) => pattern.test(address))
    if (closed !== undefined) {
      const [, right, says] = closed
      assert.equal(await reader.text(says).count(), may(role, right) ? 0 : 1, `${address} for ${role}`)
    }
    await pressEverything(reader, address, pressed)
  }
  const routes = [...new Set(tried.map(routeOf))]
  assert.deepEqual(refused, [], `what a page asks a ${role} may know`)
  assert.deepEqual(
    routes.filter((route) => !may(role, RIGHTS_OF[route])),
    [],
    `what a button asks a ${role} may do`,
  )
  assert.deepEqual(
    unexpected(complaints).filter((each) => !each.includes('status of 503')),
    [],
  )
  await context.close()
  return routes
}

const may = (role: Role, right: Right | 'user' | 'anyone' | undefined): boolean =>
  right === 'user' || right === 'anyone' || (right !== undefined && ROLE_RIGHTS[role].includes(right))

/** Whatever would change something is noted and answered as a busy node would. */
async function withholdWrites(page: Page): Promise<string[]> {
  const tried: string[] = []
  await page.route('**/api/**', async (route) => {
    const request = route.request()
    if (request.method() === 'GET') return route.fallback()
    tried.push(`${request.method()} ${new URL(request.url()).pathname}`)
    const body = JSON.stringify({ code: 'busy', detail: 'withheld', status: 503 })
    return route.fulfill({ status: 503, contentType: 'application/problem+json', body })
  })
  return tried
}

/** The route a request belongs to: the one with the fewest parts left open. */
function routeOf(tried: string): string {
  const fits = Object.keys(RIGHTS_OF).filter((route) =>
    new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+').replaceAll('/', '\\/')}$`).test(tried),
  )
  const [best] = fits.toSorted((a, b) => a.split(':').length - b.split(':').length)
  assert.ok(best !== undefined, `${tried} is no route`)
  return best
}

/** Presses each button of a page that was not pressed elsewhere, and in each dialog that opens each button but the last. */
async function pressEverything(reader: Reader, address: string, pressed: Set<string>): Promise<void> {
  const { page } = reader
  const place = address.split(/[/?]/)[1] ?? ''
  const buttons = page.getByRole('main').getByRole('button', { disabled: false })
  for (const name of await newNames(buttons, place, pressed)) {
    const button = page.getByRole('main').getByRole('button', { name, exact: true, disabled: false }).first()
    await pressIfThere(button)
    const dialog = page.getByRole('dialog')
    if (await dialog.isVisible()) {
      await fillIn(reader)
      const verbs = await newNames(dialog.getByRole('button', { disabled: false }), `${place} ${name}`, pressed)
      // The verb stands last; what stands before it closes the dialog.
      for (const verb of verbs.toReversed().filter((each) => !closes(reader, each)))
        await pressIfThere(dialog.getByRole('button', { name: verb, exact: true, disabled: false }).first())
      while (await dialog.first().isVisible()) await page.keyboard.press('Escape')
    }
    if (new URL(page.url()).pathname !== new URL(address, 'http://x').pathname) {
      await reader.turnTo(address)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await reader.settled()
    }
  }
}

const closes = (reader: Reader, name: string): boolean => ['cancel', 'close'].some((key) => reader.says(key).test(name))

/** A list may have loaded on, or a dialog closed, since its buttons were counted. */
async function pressIfThere(button: Locator): Promise<void> {
  if (!(await button.isVisible())) return
  await button.click({ timeout: 5000 }).catch(async (error: unknown) => {
    if (await button.isVisible()) throw error
  })
}

type Shown = { readonly innerText: string; readonly getAttribute: (name: string) => string | null }

/** The names of buttons that no page of this kind had before. */
async function newNames(
  buttons: ReturnType<Page['getByRole']>,
  where: string,
  pressed: Set<string>,
): Promise<string[]> {
  const names = await buttons.evaluateAll((all) =>
    (all as unknown as Shown[]).map((each) => each.getAttribute('aria-label') ?? each.innerText.trim()),
  )
  return names.filter((name) => {
    const key = `${where} ${name.replaceAll(/\d+/g, '0')}`
    if (name === '' || pressed.has(key)) return false
    pressed.add(key)
    return true
  })
}

/** Something in every empty field of a dialog, so that its verb can be pressed. */
async function fillIn({ page }: Reader): Promise<void> {
  for (const field of await page.getByRole('dialog').getByRole('textbox').all())
    if ((await field.inputValue()) === '') await field.fill('something')
  for (const box of await page.getByRole('dialog').getByRole('checkbox').all()) await box.check()
}

/** Whoever has not signed in is asked to, at every address, and learns nothing else. */
export async function strangerSeesNothing(
  browser: Browser,
  stage: Stage,
  pages: readonly PageUnderTest[],
): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  const asked = new Set<string>()
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.startsWith('/api/')) asked.add(pathname)
  })
  const reader = new Reader(page)
  for (const [address] of pages) {
    await page.goto(`http://${OWN}${address}`)
    await reader.field('signIn.password').waitFor()
  }
  assert.deepEqual([...asked], ['/api/session'])
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

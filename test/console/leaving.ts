// What leaves the page by a hand's doing: a link out, after a question that names its place; and what is copied, also from
// within a dialog and on a page that did not come over TLS.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { accessibilityFaults, openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

const FOREIGN = 'indicator--00000000-0000-4000-8000-000000000001'
const ADDRESS = 'https://isles.example/reports/7'

export async function linkOut(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  const asked: string[] = []
  await context.route(/^https:/, (route) => {
    const request = route.request()
    asked.push(`${request.url()} ${request.headers()['referer'] ?? 'from nowhere'}`)
    return route.fulfill({ body: 'here' })
  })
  await page.goto(`http://${OWN}/records/${FOREIGN}`)
  await page.getByRole('button', { name: 'Open hxxps://isles[.]example/reports/7' }).click()
  const question = page.getByRole('dialog', { name: 'Open this address?' })
  await question.getByText('isles.example', { exact: true }).waitFor()
  await question.getByText(ADDRESS, { exact: true }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.deepEqual(asked, [], 'nothing is asked for before the answer')
  const opened = context.waitForEvent('page')
  await question.getByRole('button', { name: 'Open it' }).click()
  const other = await opened
  await other.getByText('here').waitFor()
  assert.equal(await other.evaluate('opener === null'), true)
  await other.close()
  assert.equal(asked[0], `${ADDRESS} from nowhere`)
  await context.close()
}

export async function copiedFromADialog(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/federation`)
  await page.getByRole('button', { name: 'Invite a member' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Make an invitation' }).click()
  await dialog.getByRole('button', { name: 'Copy the line' }).click()
  await page.getByText('Copied').waitFor()
  const line = await dialog.locator('code').first().innerText()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Accept an invitation' }).click()
  await dialog.getByRole('textbox').focus()
  await page.keyboard.press('ControlOrMeta+v')
  assert.equal(await dialog.getByRole('textbox').inputValue(), line)
  await context.close()
}

/** A warning and a record on paper say whose page it was and when, name the record in full, and show nothing to press. */
export async function onPaper(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage, { dark: true })
  await signIn(page, OWN)
  for (const address of ['/warnings/1', `/records/${FOREIGN}`]) {
    await page.goto(`http://${OWN}${address}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const printed = page.getByText(/^Printed at CERT North by Mara Lindqvist, 15 January 2026, \d\d:\d\d UTC\.$/)
    assert.equal(await printed.isVisible(), false)
    await page.emulateMedia({ media: 'print' })
    await printed.waitFor()
    const pressed = await page.getByRole('main').getByRole('button').allInnerTexts()
    assert.deepEqual(
      pressed.filter((name) => !/^\d+$/.test(name)),
      [],
      'nothing but the numbers of versions',
    )
    await page
      .getByText(/^[a-z-]+--[0-9a-f]{8}-[0-9a-f-]{27}$/)
      .first()
      .waitFor()
    await page.emulateMedia({ media: 'screen' })
  }
  await context.close()
}

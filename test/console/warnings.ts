// A night at the inbox: a warning is given to a person, kept quiet, let speak again and closed with a reason; another
// person's open page follows without reloading, and what was done stands with who and when.
import { LIMITS } from '#kernel/limits.ts'
import type { Browser, Page } from 'playwright-core'
import { openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

export async function nightAtTheInbox(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  const other = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/warnings`)
  await page
    .getByRole('link', { name: /Password spraying source/ })
    .first()
    .click()
  await page.getByText('no owner yet').waitFor()
  const address = page.url()
  await signIn(other.page, OWN, 'vera')
  await other.page.goto(address)
  await other.page.getByText('no owner yet').waitFor()

  await byKey(page, 's', async (dialog) => dialog.getByLabel('Person').selectOption('mara'))
  await page.getByText('yours', { exact: true }).waitFor()
  await newsGoesOut(stage)
  await other.page.getByText('taken on by mara').waitFor()
  await page.getByRole('region', { name: 'Yours' }).getByRole('link').waitFor()

  await byKey(page, 'm', async (dialog) => dialog.getByLabel('Reason').fill('a test of the owner'))
  await page.getByText(/^Quiet until .*a test of the owner$/).waitFor()
  await newsGoesOut(stage)
  await other.page.getByText(/^Quiet until/).waitFor()
  await page.getByRole('link', { name: 'Muted', exact: true }).click()
  await page
    .getByRole('link', { name: /Password spraying source/ })
    .first()
    .click()
  await byKey(page, 'm', async () => {})
  await page.getByText('You let it speak again.').waitFor()

  await byKey(page, 'a', async (dialog) => dialog.getByLabel('Note').fill('calling the clinic'))
  await byKey(page, 'x', async (dialog) => dialog.getByLabel('Reason').fill('blocked at the gateway'))
  for (const done of [/You took it on/, /You muted it until/, /calling the clinic/, /blocked at the gateway/])
    await page.getByText(done).first().waitFor()
  await newsGoesOut(stage)
  await other.page.getByText(/mara closed it/).waitFor()
  await page.getByRole('link', { name: 'Closed', exact: true }).click()
  await page
    .getByRole('region', { name: 'Done' })
    .getByRole('link', { name: /Password spraying/ })
    .waitFor()
  for (const each of [context, other.context]) await each.close()
}

/** Changes are gathered for a moment by the stage’s clock. */
async function newsGoesOut({ world }: Stage): Promise<void> {
  world.clock.advance(LIMITS.newsGatherMs)
  await world.quiesce()
}

async function byKey(
  page: Page,
  key: string,
  answer: (dialog: ReturnType<Page['getByRole']>) => Promise<unknown>,
): Promise<void> {
  await page.getByRole('heading', { level: 1, name: /Password spraying source/ }).waitFor()
  await page.keyboard.press(key)
  const dialog = page.getByRole('dialog')
  await answer(dialog)
  await dialog.getByRole('button').last().click()
  await dialog.waitFor({ state: 'detached' })
}

// Several warnings at once: chosen by boxes and a key, given to a person, kept quiet and let speak again, closed with one
// reason; and a row that is answered without being opened.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { accessibilityFaults, openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

export async function severalAtOnce(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/warnings`)
  const inbox = page.getByRole('region', { name: 'Warnings' })
  const row = (name: RegExp) => inbox.locator('.item-row').filter({ hasText: name })
  const [meters, relays] = [row(/CVE-2026-12345/), row(/Update domain that serves a loader/)]
  const bar = page.getByRole('group', { name: 'With those chosen' })

  const chooseBoth = async (): Promise<void> => {
    for (const each of [meters, relays]) await each.getByRole('checkbox').check()
    await bar.getByText('2 chosen').waitFor()
  }

  await relays.hover()
  await relays.getByRole('button', { name: /^Assign W-/ }).click()
  await page.getByRole('dialog').getByLabel('Person').selectOption('ada')
  await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click()
  await relays.getByText('ada', { exact: true }).waitFor()

  await meters.getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: /CVE-2026-12345/ }).waitFor()
  await page.keyboard.press('i')
  await bar.getByText('1 chosen').waitFor()
  await relays.getByRole('checkbox').check()
  await bar.getByText('2 chosen').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.keyboard.press('s')
  const dialog = page.getByRole('dialog', { name: 'Who takes 2 warnings on?' })
  await dialog.getByLabel('Person').selectOption('mara')
  await dialog.getByRole('button', { name: 'Assign' }).click()
  const yours = page.getByRole('region', { name: 'Yours' })
  await yours.getByText('Update domain').waitFor()
  await yours.getByText('CVE-2026-12345').first().waitFor()

  await page.keyboard.press('m')
  const quiet = page.getByRole('dialog', { name: 'Keep 2 warnings quiet?' })
  assert.ok(await quiet.getByRole('button', { name: 'Mute' }).isDisabled(), 'not without a reason')
  await quiet.getByLabel('Reason').fill('a drill')
  await quiet.getByRole('button', { name: 'Mute' }).click()
  // A row of the list before could be chosen, too, and would be let go of with that list.
  for (const each of [meters, relays]) await each.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Muted', exact: true }).click()
  await chooseBoth()
  await page.keyboard.press('u')
  await page.getByRole('dialog').getByRole('button', { name: 'Unmute' }).click()
  await page.getByText('No warnings here').waitFor()

  await page.getByRole('link', { name: 'Open', exact: true }).click()
  await chooseBoth()
  await bar.getByRole('button', { name: /^Acknowledge/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Acknowledge/ })
    .click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await bar.getByRole('button', { name: /^Acknowledge/ }).waitFor({ state: 'detached' })
  await page.keyboard.press('x')
  const end = page.getByRole('dialog', { name: 'Close 2 warnings?' })
  await end.getByLabel('Reason').fill('a drill, over')
  await end.getByRole('button', { name: 'Close' }).click()
  await relays.waitFor({ state: 'detached' })
  await bar.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Closed', exact: true }).click()
  await relays.waitFor()
  assert.equal(await relays.getByRole('checkbox').count(), 0, 'what is over is not answered any more')
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

// Policy from the page: a rule is written, found wrong, put right, tried, put in force, and then seen in the matrix; a
// second person who began from the version before is told, and keeps the text.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

const RULE = `@id("no.rail")
@reason("nothing goes to the rail board for now")
forbid (principal == Member::"rail-east.example", action == Action::"deliver", resource);
`

export async function policyFromThePage(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const other = await openWindow(browser, stage)
  await signIn(other.page, OWN)
  await other.page.goto(`http://${OWN}/policy`)
  await other.page.getByLabel('Rules in own.cedar').fill(RULE.replaceAll('rail', 'fjord'))

  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.getByRole('link', { name: 'Policy', exact: true }).click()
  const text = page.getByLabel('Rules in own.cedar')
  await text.fill(`${RULE}permit (principal, action, resource) when { resource.nonsense };`)
  await page.getByText('1 mistake').waitFor()
  await page.getByRole('button', { name: 'own.cedar, line 4' }).click()
  await page.locator('textarea:focus').waitFor()
  await text.fill(RULE)
  await page.getByText('1 rule, nothing wrong').waitFor()
  assert.ok(await page.getByRole('button', { name: 'Put these rules in force' }).isDisabled())
  await page.getByRole('button', { name: 'Try it' }).click()
  const stops = page.getByRole('region', { name: 'Would stop' })
  await stops.getByText('Eastern Rail Board').waitFor()
  await page.getByRole('button', { name: 'Put these rules in force' }).click()
  await page.getByText('Version 1 is in force').first().waitFor()

  await page.getByRole('link', { name: 'Who may have what' }).click()
  await page.getByRole('button', { name: 'Eastern Rail Board: may not' }).first().click()
  await page.getByText('nothing goes to the rail board for now').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('heading', { name: 'What version 1 changed' }).waitFor()
  await context.close()

  await other.page.reload()
  await other.page.getByText('Version 1 came into force since you began').waitFor()
  assert.match(await other.page.getByLabel('Rules in own.cedar').inputValue(), /fjord-east\.example/)
  await other.page.getByRole('button', { name: 'Go on from version 1' }).click()
  await other.page.getByText('It was begun from version 1').waitFor()
  await other.page.getByRole('button', { name: 'Throw the draft away' }).click()
  assert.equal(await other.page.getByLabel('Rules in own.cedar').inputValue(), RULE)
  await other.context.close()
}

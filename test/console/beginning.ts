// An empty node: home shows three ways on, to each person those that are theirs; the example is looked around in, tells how
// a warning comes about, and goes again in one place.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { accessibilityFaults, openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { addPerson, OWN, type Stage } from './stage.ts'

export async function threeWaysOn(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  await addPerson(stage.world, stage.own, { name: 'mara', display: 'Mara Lindqvist', role: 'administrator' })
  await addPerson(stage.world, stage.own, { name: 'vera', display: 'Vera Holm', role: 'viewer' })
  const viewer = await openWindow(browser, stage)
  await signIn(viewer.page, OWN, 'vera')
  await viewer.page.getByRole('heading', { name: 'Your way in' }).waitFor()
  for (const name of ['Accept an invitation', 'Choose a file', 'Load the example'])
    assert.ok(await viewer.page.getByRole('button', { name }).isDisabled(), name)
  await viewer.page.getByText('This is for contributors.').waitFor()

  const { context, page, complaints } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.getByRole('button', { name: 'Accept an invitation' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Choose a file' }).click()
  await page.getByRole('button', { name: 'Make a collection' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Your way in' }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'Load the example' }).click()
  await page.getByText(/records of the example are here/).waitFor()
  await page.getByText(/The example never warns/).waitFor()
  await page.getByRole('heading', { name: 'Your way in' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Load the example' }).count(), 0)
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('link', { name: 'All its records' }).click()
  await page.getByRole('row', { name: /^LampOil command server Indicator .* exercise/ }).waitFor()
  await page.getByRole('link', { name: 'LampOil command server', exact: true }).click()
  await page.getByRole('heading', { name: /LampOil command server/ }).waitFor()
  await page.getByText('exercise', { exact: true }).first().waitFor()
  await viewer.page.goto(`http://${OWN}/`)
  await viewer.page.getByRole('heading', { name: 'The example' }).waitFor()
  assert.ok(await viewer.page.getByRole('button', { name: 'Remove the example' }).isDisabled())
  await page.goto(`http://${OWN}/`)
  await page.getByRole('button', { name: 'Remove the example' }).click()
  await page
    .getByRole('dialog')
    .getByText(/records are erased/)
    .waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the example' }).click()
  await page.getByText('The example is gone').waitFor()
  await page.getByRole('heading', { name: 'The example' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Load the example' }).waitFor()
  await page.getByText('Nothing needs you now').waitFor()
  assert.deepEqual(unexpected(complaints), [])
  for (const each of [viewer.context, context]) await each.close()
}

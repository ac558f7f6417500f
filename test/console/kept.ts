// A node that may sign nothing: every page says so, what is written is received and kept, one change is let go of, and once
// the peers have confirmed the log the rest is said by itself.
import assert from 'node:assert/strict'
import { freezeLog } from '#kernel/log/freeze.ts'
import type { Browser, Page } from 'playwright-core'
import { accessibilityFaults, openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

export async function keptUntilResumed(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  await stage.own.store.write(freezeLog, { peer: 'isles.example', reason: 'isles.example knows more of this log' })
  await signIn(page, OWN)
  const banner = page.getByRole('complementary', { name: 'Until the log is resumed' })
  await banner.getByText(/Nothing may be signed now/).waitFor()
  await write(page, '198.51.100.201')
  await write(page, '198.51.100.202')

  await page.goto(`http://${OWN}/`)
  await banner.getByText(/2 changes are received and kept/).waitFor()
  await banner.getByRole('link', { name: 'What to do' }).click()
  await page.getByText('isles.example knows more of this log').waitFor()
  const table = page.getByRole('table', { name: 'Received and kept' })
  const rows = table.getByRole('row', { name: /1 record to be said/ })
  await rows.nth(1).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await rows.nth(1).getByRole('button', { name: 'Let go' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Let go' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await rows.nth(1).waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Ask the peers and resume' }).click()
  await page.getByRole('heading', { name: 'The log is resumed', exact: true }).waitFor()
  await page.getByText(/^Confirmed by .*CERT Isles/).waitFor()
  await stage.world.quiesce()
  await page.goto(`http://${OWN}/knowledge?q=198.51.100.201`)
  await page.getByRole('link', { name: '198.51.100[.]201', exact: true }).waitFor()
  await page.goto(`http://${OWN}/knowledge?q=198.51.100.202`)
  await page.getByText('Nothing was found').waitFor()
  assert.equal(await banner.count(), 0)
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

async function write(page: Page, address: string): Promise<void> {
  await page.goto(`http://${OWN}/write`)
  await page.getByLabel('Paste anything').fill(address)
  await page.getByLabel(/TLP:GREEN/).check()
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByText('1 record received and kept').waitFor()
}

// A file through the console: nothing is sent before the button, counts and refusals with their reasons come back, and
// the very same file is known the second time.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

const TIME = '2026-01-10T08:00:00.000Z'
const object = (tail: string, more: object): object => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--0a0a0a0a-0000-4000-8000-0000000000${tail}`,
  created: TIME,
  modified: TIME,
  valid_from: TIME,
  pattern_type: 'stix',
  ...more,
})
const BUNDLE = {
  type: 'bundle',
  id: 'bundle--0a0a0a0a-0000-4000-8000-000000000000',
  objects: [
    object('01', { name: 'Slipway relay', pattern: "[ipv4-addr:value = '198.51.100.201']" }),
    object('02', { name: 'Slipway panel', pattern: "[domain-name:value = 'panel.slipway.example']" }),
    { type: 'indicator', spec_version: '2.1', id: 'indicator--not-an-id' },
  ],
}

export async function aFileThroughThePage(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/api/import')) sent.push(request.url())
  })
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/knowledge`)
  await page.getByRole('button', { name: 'Import a file' }).click()
  await page.getByRole('heading', { name: 'Import a file', level: 1 }).waitFor()
  await page.getByText(/recipients? will receive this/).waitFor()
  const file = { name: 'slipway.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(BUNDLE)) }
  const choose = page.getByLabel('Drop STIX files here, or choose them')
  await choose.setInputFiles([file])
  const files = page.getByRole('list', { name: 'Files' })
  const say = files.getByRole('button', { name: /^Import into/ })
  await say.waitFor()
  assert.deepEqual(sent, [], 'nothing is sent before somebody says so')
  await say.click()
  await files.getByText('Imported, except for what was refused').waitFor()
  assert.equal(sent.length, 1)
  assert.equal(await factOf(page, 'added'), '2')
  assert.equal(await factOf(page, 'refused'), '1')
  await files.getByText('indicator--not-an-id').waitFor()
  await files.getByLabel('Find among what was refused').fill('nothing like this')
  await files.getByText('indicator--not-an-id').waitFor({ state: 'detached' })

  await files.getByRole('button', { name: 'Put this file away' }).click()
  await choose.setInputFiles([file])
  await say.click()
  await files.getByText('This very file was imported into this collection before.').waitFor()
  await files.getByRole('button', { name: 'Import it once more' }).click()
  await files.getByText('Imported, except for what was refused').waitFor()
  assert.equal(await factOf(page, 'known already'), '2')
  await files.getByRole('link', { name: /^Show what is in/ }).click()
  await page.getByRole('link', { name: 'Slipway relay' }).waitFor()
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

type Page = Awaited<ReturnType<typeof openWindow>>['page']

const factOf = (page: Page, name: string): Promise<string> =>
  page.locator('.fact').filter({ hasText: name }).last().locator('dd').innerText()

// Lists through the console: what stands beyond the first page is found by a part of it, also by who comes back to it, and
// what is not there is told apart from what was never put in; a token is made for one part until a day, and a client that
// writes.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import type { ClientView } from '#sharing/taxii-server/wire.ts'
import type { TokenView } from '#identity/wire.ts'
import { openWindow, unexpected } from './browser.ts'
import { signIn } from './every-page.ts'
import { OWN, type Stage } from './stage.ts'

const MANY = 230
const FIELD = { name: 'Search the list' }

export async function listsAreSearched(browser: Browser, stage: Stage): Promise<void> {
  const { world, own } = stage
  const { context, page, complaints } = await openWindow(browser, stage)
  for (let i = 1; i <= MANY; i += 1)
    await world.api(own, 'POST', '/watch', { value: `pump${i}.lists.example`, asset: 'Ärztehaus' })
  const reader = await signIn(page, OWN)
  await reader.turnTo('/watch')
  const count = page.getByRole('status').filter({ hasText: 'entries' })
  await count.filter({ hasText: 'the first 200 entries' }).waitFor()
  await page.keyboard.press('f')
  await page.keyboard.type('PUMP229[.]lists')
  await page.getByRole('cell', { name: 'pump229.lists[.]example' }).waitFor()
  await page.getByText('“PUMP229[.]lists”: 1 entry').waitFor()
  await reader.turnTo('/federation')
  await page.goBack()
  await page.getByText('“PUMP229[.]lists”: 1 entry').waitFor()
  assert.equal(await page.getByRole('searchbox', FIELD).inputValue(), 'PUMP229[.]lists')
  await page.getByRole('searchbox', FIELD).fill('nobody has this')
  await page.getByRole('heading', { name: 'Nothing here has “nobody has this” in it' }).waitFor()
  await reader.press('list.clear')
  await count.filter({ hasText: 'the first 200 entries' }).waitFor()
  assert.equal(await page.getByRole('searchbox', FIELD).inputValue(), '')
  assert.equal(new URL(page.url()).search, '')
  await page.locator('input[type=search]:focus').waitFor()
  await reader.press('more')
  await count.filter({ hasText: /^2\d\d entries$/ }).waitFor()
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

export async function tokensAndClients(browser: Browser, stage: Stage): Promise<void> {
  const { world, own } = stage
  const { context, page, complaints } = await openWindow(browser, stage)
  const reader = await signIn(page, OWN)
  await reader.turnTo('/settings/tokens')
  await reader.press('tokens.make')
  const dialog = reader.by('dialog', 'tokens.make')
  await dialog.getByLabel('Only some parts').check()
  await dialog.getByLabel('Name of the token').fill('dashboard')
  await dialog.getByText('Choose at least one part.').waitFor()
  await dialog.getByLabel(/^Warnings/).check()
  await dialog.getByLabel('It works', { exact: true }).selectOption('30')
  await dialog.getByLabel('Name of the token').press('Enter')
  await page
    .getByRole('dialog', { name: 'API token' })
    .getByText(/It works until/)
    .waitFor()
  await page.getByRole('dialog', { name: 'API token' }).getByRole('button', { name: 'Close' }).click()
  await page.getByRole('cell', { name: /^Valid until/ }).waitFor()
  const { items } = await world.api<{ items: TokenView[] }>(own, 'GET', '/tokens?q=dashboard')
  assert.deepEqual([items[0]?.parts, items[0]?.role], [['warning'], 'viewer'])

  await reader.turnTo('/settings/clients')
  await reader.press('clients.make')
  const client = reader.by('dialog', 'clients.make')
  await client.getByLabel(reader.says('people.name')).fill('writer')
  await client.getByLabel('Writes into Advisories', { exact: true }).check()
  await client.getByText(/adds records and withdraws them/).waitFor()
  await client.getByRole('button', { name: 'Make a client' }).click()
  await page.getByRole('dialog', { name: 'TAXII client' }).getByRole('button', { name: 'Close' }).click()
  const row = page.getByRole('row', { name: /writer/ })
  await row.getByRole('button', { name: 'Change' }).click()
  await page.getByLabel('Writes into Advisories', { exact: true }).uncheck()
  await reader.press('save')
  await page.getByText('The client was changed').waitFor()
  const clients = await world.api<{ items: ClientView[] }>(own, 'GET', '/clients?q=writer')
  assert.deepEqual(clients.items[0]?.grants, [{ collection: 'advisories', read: true, write: false }])
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

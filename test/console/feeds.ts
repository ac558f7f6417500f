// A feed from the page where it is chosen to the records it brings: another member's node as the source, tried before it
// is added; then a source that fails, says why and what to do, is paused and removed.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow, unexpected } from './browser.ts'
import { signIn } from './every-page.ts'
import { OWN, type Stage } from './stage.ts'

/** A client of the isles' node, for a feed. */
async function clientOfIsles({ world, member }: Stage): Promise<string> {
  const grants = [{ collection: 'advisories', read: true, write: false }]
  const client = { name: 'north-reads', actsFor: OWN, grants }
  return (await world.api<{ secret: string }>(member('isles.example'), 'POST', '/clients', client)).secret
}

/** Feeds as people find them: one that works, one that fails. */
export async function withFeeds(stage: Stage): Promise<void> {
  const { world, own } = stage
  const secret = await clientOfIsles(stage)
  await world.api(own, 'POST', '/collections', { title: 'From feeds', alias: 'from-feeds' })
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  const common = { kind: 'taxii', url: 'http://isles.example/taxii2/api/', collection: 'from-feeds', marking }
  const feeds = [
    { ...common, name: 'isles-advisories', from: 'advisories', licence: 'with thanks', everyMinutes: 30, secret },
    { ...common, name: 'isles-energy', from: 'energy', licence: 'for the circle', everyMinutes: 60, secret },
    {
      ...common,
      kind: 'list',
      name: 'bad-domains',
      url: 'http://gone.example/domains.txt',
      licence: 'CC0',
      everyMinutes: 15,
    },
  ]
  for (const feed of feeds) await world.api(own, 'POST', '/feeds', feed)
  await world.quiesce()
  await world.api(own, 'PATCH', '/feeds/isles-energy', { paused: true })
}

export async function feedsFromThePage(browser: Browser, stage: Stage): Promise<void> {
  const { world, own } = stage
  const secret = await clientOfIsles(stage)
  await world.api(own, 'POST', '/collections', { title: 'From feeds', alias: 'from-feeds' })
  const { context, page, complaints } = await openWindow(browser, stage)
  const reader = await signIn(page)
  await reader.turnTo('/settings')
  await reader.follow('settings.feeds')
  await reader.by('heading', 'feeds.none').waitFor()
  await reader.press('feeds.add')

  await page.getByLabel('TAXII 2.1').check()
  await reader.fill('feeds.address', 'http://isles.example/taxii2/api/')
  await reader.fill('feeds.secret', secret)
  await reader.press('feeds.try')
  await page.getByRole('cell', { name: 'Advisories' }).waitFor()
  await page.getByRole('button', { name: 'Choose', exact: true }).first().click()
  await reader.press('feeds.try')
  await page.getByText('that is all of it').waitFor()
  await page
    .getByText(/^\d+ indicators?$/i)
    .first()
    .waitFor()
  const add = page.getByRole('button', { name: 'Add a feed' })
  assert.ok(await add.isDisabled(), 'nothing is added without a collection, a marking and a licence')
  await page.getByLabel('into').selectOption('from-feeds')
  await page.getByLabel('at least').selectOption('AMBER')
  await reader.fill('feeds.licence', 'for our constituency')
  await reader.fill('feeds.name', 'isles')
  await page.getByText('What it brings is said by this member').waitFor()
  await add.click()
  await page.getByRole('heading', { name: 'isles' }).waitFor()
  await world.quiesce()
  await page.getByText(/^Last run: [1-9]\d* added, 0 known, 0 refused\.$/).waitFor()
  await page.getByText('Works', { exact: true }).waitFor()
  await page.getByText('Nothing was refused.').waitFor()

  await world.api(stage.member('isles.example'), 'DELETE', '/clients/north-reads')
  for (let failures = 0; failures < 3; failures += 1) {
    await world.api(own, 'POST', '/feeds/isles/run')
    await world.quiesce()
  }
  const alert = page.getByRole('alert')
  await alert.getByText(/does not let this node in \(401\)/).waitFor()
  await alert.getByText(/Check the user, the password or the token/).waitFor()
  await reader.turnTo('/')
  await page.getByText('1 feed cannot be read').waitFor()
  await page.getByText('1 feed cannot be read').click()
  await reader.turnTo('/settings/feeds')
  await page.getByRole('searchbox').fill('constituency')
  await page.getByRole('link', { name: 'isles' }).click()
  await reader.press('feeds.pause')
  await page.getByText('Paused', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog', { name: 'Remove isles' }).getByRole('button', { name: 'Remove' }).click()
  await reader.by('heading', 'feeds.none').waitFor()
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

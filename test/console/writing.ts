// Two people at one record: the second is told what the first changed, nothing typed is lost, and the next version says
// both. And an opinion and a sighting, from the page of the record they are about.
import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

const OURS = 'indicator--00000000-0000-4000-8000-000000000065'
const THEIRS = 'indicator--00000000-0000-4000-8000-000000000001'

export async function twoAtOneRecord(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const [one, two] = [await openWindow(browser, stage), await openWindow(browser, stage)]
  for (const { page } of [one, two]) {
    await signIn(page, OWN)
    await page.goto(`http://${OWN}/records/${OURS}`)
    await page.getByRole('button', { name: 'Say the next version' }).click()
  }
  await change(one.page, 'Harbour beacon, moved')
  await one.page.getByRole('heading', { name: 'Harbour beacon, moved' }).waitFor()

  await change(two.page, 'Harbour beacon, quiet since Monday')
  await two.page.getByText(/Somebody said a newer version while you wrote/).waitFor()
  await two.page.getByText('Harbour beacon, moved').waitFor()
  assert.equal(await two.page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Harbour beacon, quiet since Monday')
  await two.page.reload()
  const name = two.page.getByRole('textbox', { name: 'Name' })
  assert.equal(await name.inputValue(), 'Harbour beacon, quiet since Monday', 'kept')
  await change(two.page)
  await two.page.getByText(/Somebody said a newer version while you wrote/).waitFor()
  await two.page.getByRole('button', { name: 'Go on with mine' }).click()
  await two.page.getByRole('button', { name: 'Say it' }).click()
  await two.page.getByRole('heading', { name: 'Harbour beacon, quiet since Monday' }).waitFor()
  for (const { context } of [one, two]) await context.close()
}

async function change(page: Page, name?: string): Promise<void> {
  if (name !== undefined) await page.getByRole('textbox', { name: 'Name' }).fill(name)
  assert.ok(await page.getByRole('button', { name: 'Say it' }).isDisabled(), 'the marking is chosen each time')
  await page.getByLabel(/TLP:GREEN/).check()
  await page.getByRole('button', { name: 'Say it' }).click()
}

/** The next thing that the page sends arrives, and what is answered does not. */
const loseTheNextAnswer = (page: Page): Promise<void> =>
  page.evaluate(`{
    const { fetch } = globalThis
    globalThis.fetch = async (path, how) => {
      const answer = await fetch(path, how)
      if (!path.startsWith('/api/import')) return answer
      await answer.text()
      globalThis.fetch = fetch
      throw new TypeError('Failed to fetch')
    }
  }`)

/** What was found is chosen from; and where the node's answer is lost, what is said once more is there once. */
export async function saidOnce(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/write`)
  await page.getByLabel('Paste anything').fill('us@helpdesk.example saw 198.51.100.201 and once.example in report.pdf')
  await page.getByText('3 values found; 4 other words passed over.').waitFor()
  await page.getByText('1 of them looks like a value').waitFor()
  await page.getByRole('checkbox', { name: 'Say us[@]helpdesk[.]example' }).uncheck()
  await page.getByText('2 of 3 will be said.').waitFor()
  await page.getByLabel('What they belong to').fill('Said once')
  await page.getByLabel(/TLP:CLEAR/).check()
  await loseTheNextAnswer(page)
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('alert').getByText('The node cannot be reached. What you typed is kept.').waitFor()
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByText('2 records were added').waitFor()
  const said = await stage.world.api<{ items: { name: string }[] }>(stage.own, 'GET', '/search?q=said%20once&limit=50')
  assert.deepEqual(said.items.map(({ name }) => name).toSorted(), [
    'Said once: 198.51.100.201',
    'Said once: once.example',
  ])
  await context.close()
}

/** Whoever is not named for TLP:RED is told before they say it that they will not see it again. */
export async function redIsNotSeen(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/write`)
  await page.getByLabel('Paste anything').fill('for-few.example')
  await page.getByLabel(/TLP:GREEN/).check()
  assert.equal(await page.getByText(/You are not named for TLP:RED/).count(), 0)
  await page.getByLabel(/TLP:RED/).check()
  await page.getByText(/You are not named for TLP:RED/).waitFor()
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByText('1 record was added').waitFor()
  await page.getByRole('heading', { name: 'Write', exact: true }).waitFor()
  await page.goto(`http://${OWN}/knowledge?q=for-few.example`)
  await page.getByText('Nothing was found').waitFor()
  await context.close()
}

export async function opinionAndSighting(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/records/${THEIRS}`)
  await page.getByRole('button', { name: 'Say what you think' }).click()
  assert.equal(await page.getByLabel('About').inputValue(), THEIRS)
  await page.getByRole('radio', { name: /^agree/ }).check()
  await page.getByLabel('why').fill('The certificate is the one we saw in October.')
  await page.getByLabel(/TLP:GREEN/).check()
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('heading', { name: /QuayLock staging host/ }).waitFor()
  await page.getByRole('button', { name: 'Say that you saw it' }).click()
  await page.getByLabel('first seen').fill('2026-01-15T02:47')
  await page.getByLabel('How often').fill('6')
  await page.getByLabel(/TLP:GREEN/).check()
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('heading', { name: /QuayLock staging host/ }).waitFor()
  const said = await stage.world.api<{ items: { type: string }[] }>(
    stage.own,
    'GET',
    `/records/${THEIRS}/related?limit=100`,
  )
  for (const type of ['opinion', 'sighting'])
    assert.ok(
      said.items.some((each) => each.type === type),
      type,
    )
  await context.close()
}

// The console in a real browser against real nodes: found by roles and labels alone, as people who see it and people who
// hear it find their way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../scripts/console.ts'
import { accessibilityFaults, noBrowser, openBrowser, openWindow, type Look } from './browser.ts'
import { withoutWords } from './knowledge.ts'
import { opinionAndSighting, twoAtOneRecord } from './writing.ts'
import { nightAtTheInbox } from './warnings.ts'
import { addPerson, buildStage, OWN, PASSWORD, type Stage } from './stage.ts'

const RECORD = 'indicator--00000000-0000-4000-8000-000000000064'
const FOREIGN = 'indicator--00000000-0000-4000-8000-000000000001'
const HOSTILE = 'indicator--00000000-0000-4000-8000-0000000000c8'

/** Every page, with something that is there once it has loaded. */
const PAGES: readonly (readonly [address: string, heading: RegExp])[] = [
  ['/', /things? needs? you/],
  ['/warnings', /Warnings/],
  ['/warnings/1', /QuayLock/],
  ['/federation/peer?member=lakeside.example', /Lakeside Water/],
  ['/watch', /Watch list/],
  ['/knowledge', /Knowledge/],
  ['/knowledge?q=harbour', /Knowledge/],
  [`/records/${RECORD}`, /Harbour loader 1/],
  [`/records/${FOREIGN}`, /QuayLock staging host/],
  [`/records/${HOSTILE}`, /Invoice/],
  ['/write', /Write/],
  ['/write/report', /Write/],
  ['/write/opinion', /Write/],
  ['/write/sighting', /Write/],
  [`/write/change?about=${RECORD}`, /Next version/],
  ['/federation', /peers/],
  ['/federation/peer?member=isles.example', /CERT Isles/],
  ['/federation/deliveries', /peers/],
  ['/federation/evidence', /peers/],
  ['/federation/quarantine', /peers/],
  ['/federation/trust', /peers/],
  ['/audit', /Audit/],
  ['/audit/left', /Audit/],
  ['/settings', /Settings/],
  ['/settings/tokens', /Settings/],
  ['/settings/collections', /Settings/],
  ['/settings/clients', /Settings/],
  ['/account', /Your account/],
  ['/help', /Help/],
  ['/nowhere', /Nothing is at this address/],
]

async function signIn(page: Page, host: string, name = 'mara'): Promise<void> {
  await page.goto(`http://${host}/`)
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'attached' })
}

async function settled(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
}

test('the console', { skip: noBrowser ?? false, timeout: 600_000 }, async (t) => {
  await ensureConsole()
  await using stage = await buildStage()
  for (const [name, role] of [
    ['mara', 'administrator'],
    ['vera', 'viewer'],
  ] as const)
    await addPerson(stage.world, stage.own, { name, display: name === 'mara' ? 'Mara Lindqvist' : 'Vera Holm', role })
  await addPerson(stage.world, stage.member('isles.example'), {
    name: 'jonas',
    display: 'Jonas Weber',
    role: 'administrator',
  })
  const browser = await openBrowser(stage.hostRules)
  try {
    await t.test('axe finds nothing on any page, light and dark, and no page complains', () =>
      everyPage(browser, stage),
    )
    await t.test('by the keyboard alone: a record is found, its proof stands, a warning is acknowledged', () =>
      byKeyboard(browser, stage),
    )
    await t.test('what one member says warns another, on an open page', () => fromOneToAnother(browser, stage))
    await t.test('knowledge without a word, and a search that is kept', () => withoutWords(browser, stage, signIn))
    await t.test('a night at the inbox: assign, mute, close, and what was done', () =>
      nightAtTheInbox(browser, stage, signIn),
    )
    await t.test('two people at one record', () => twoAtOneRecord(browser, stage, signIn))
    await t.test('an opinion and a sighting', () => opinionAndSighting(browser, stage, signIn))
    await t.test('hostile names do no harm', () => hostileNames(browser, stage))
    await t.test('a viewer sees no button that would be refused', () => asViewer(browser, stage))
    await t.test('a session that ends keeps what was written', () => sessionEnds(browser, stage))
    await t.test('a node that does not answer: the page says so, and goes on when it does', () =>
      nodeIsGone(browser, stage),
    )
    await t.test('in the pseudo language, right to left, on a phone, in Chinese', () => otherLooks(browser, stage))
  } finally {
    await browser.close()
  }
})

type Browser = Awaited<ReturnType<typeof openBrowser>>

async function everyPage(browser: Browser, stage: Stage): Promise<void> {
  const faults: string[] = []
  for (const dark of [false, true]) {
    const { context, page, complaints } = await openWindow(browser, stage, { dark })
    await page.goto(`http://${OWN}/`)
    await page.getByLabel('User name').waitFor()
    faults.push(...(await accessibilityFaults(page)).map((fault) => `sign in: ${fault}`))
    await signIn(page, OWN)
    for (const [address, heading] of PAGES) {
      await page.goto(`http://${OWN}${address}`)
      await page.getByRole('heading', { name: heading }).first().waitFor()
      await settled(page)
      faults.push(...(await accessibilityFaults(page)).map((fault) => `${address}${dark ? ' dark' : ''}: ${fault}`))
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Command bar' }).waitFor()
    faults.push(...(await accessibilityFaults(page)).map((fault) => `command bar: ${fault}`))
    assert.deepEqual(
      complaints.filter((each) => !/401|404/.test(each)),
      [],
    )
    await context.close()
  }
  assert.deepEqual(faults, [])
}

async function byKeyboard(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  const { keyboard } = page
  await keyboard.press('Control+k')
  await keyboard.type('QuayLock staging host')
  await page.getByRole('option', { name: /^QuayLock staging host/ }).waitFor()
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: /QuayLock staging host 203\.0\.113\[\.\]47/ }).waitFor()
  await page.getByText('Proved').waitFor()
  await keyboard.press('g')
  await keyboard.press('w')
  await page.getByText('Needs an owner').waitFor()
  await keyboard.press('j')
  await page.getByRole('button', { name: 'Acknowledge' }).waitFor()
  await keyboard.press('a')
  await page.getByRole('dialog').waitFor()
  await page.getByLabel('Note').focus()
  await keyboard.type('on it')
  for (const _ of [1, 2]) await keyboard.press('Tab')
  await keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText('on it').waitFor()
  await keyboard.press('Tab')
  await context.close()
}

async function fromOneToAnother(browser: Browser, stage: Stage): Promise<void> {
  const [north, isles] = [await openWindow(browser, stage), await openWindow(browser, stage)]
  await signIn(isles.page, 'isles.example', 'jonas')
  await isles.page.getByRole('link', { name: /^Warnings/ }).click()
  await isles.page.getByRole('link', { name: 'Watch list' }).click()
  await isles.page.getByLabel('Value').fill('bad[.]quay-wave[.]example')
  await isles.page.getByLabel('What it belongs to').fill('Harbour mail')
  await isles.page.getByRole('button', { name: 'Watch', exact: true }).click()
  await isles.page.getByRole('cell', { name: 'bad.quay-wave[.]example' }).waitFor()
  await isles.page
    .getByRole('link', { name: /^Warnings/ })
    .first()
    .click()
  await isles.page.getByText('No warnings here').waitFor()

  await signIn(north.page, OWN)
  await north.page.getByRole('button', { name: 'Write' }).click()
  await north.page
    .getByLabel('Paste anything')
    .fill('seen tonight: hxxp://bad[.]quay-wave[.]example/x and bad[.]quay-wave[.]example')
  await north.page.getByText('2 values found').waitFor()
  await north.page.getByLabel('What they belong to').fill('Quay wave')
  assert.ok(await north.page.getByRole('button', { name: 'Say it' }).isDisabled(), 'nothing is said without a marking')
  await north.page.getByLabel(/TLP:GREEN/).check()
  await north.page.getByText(/At most 9 members will receive this/).waitFor()
  await north.page.getByRole('button', { name: 'Say it' }).click()
  await north.page.getByText('2 records were added').waitFor()

  await stage.world.quiesce()
  await isles.page.getByRole('button', { name: /new/ }).click()
  await isles.page
    .getByRole('link', { name: /Quay wave/ })
    .first()
    .click()
  await isles.page.getByRole('heading', { name: /Quay wave/ }).waitFor()
  await isles.page.getByRole('complementary').getByText('CERT North').waitFor()
  for (const { context } of [north, isles]) await context.close()
}

async function hostileNames(browser: Browser, stage: Stage): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  let asked = false
  page.on('dialog', (dialog) => {
    asked = true
    void dialog.dismiss()
  })
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/records/${HOSTILE}`)
  await page.getByRole('heading', { name: /Invoice/ }).waitFor()
  assert.match(
    await page.getByRole('heading', { level: 1 }).innerText(),
    /Invoice\s*U\+202E\s*fdp\.exe <script>alert\(1\)<\/script>/,
  )
  assert.equal(await page.title(), 'Invoice\u{FFFD}fdp.exe <script>alert(1)</script> · Comity')
  await page.goto(`http://${OWN}/knowledge?q=very`)
  await page.getByRole('link', { name: /^Very/ }).waitFor()
  assert.ok((await page.getByRole('link', { name: /^Very/ }).innerText()).length < 200)
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
  assert.equal(asked, false)
  assert.deepEqual(
    complaints.filter((each) => !/401|404/.test(each)),
    [],
  )
  await context.close()
}

async function asViewer(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN, 'vera')
  await page.getByRole('heading', { name: /things? needs? you/ }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Acknowledge' }).count(), 0)
  assert.equal(await page.getByRole('button', { name: 'Write' }).count(), 0)
  await page.goto(`http://${OWN}/records/${RECORD}`)
  await page.getByText('Proved').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Withdraw' }).count(), 0)
  await page.goto(`http://${OWN}/audit`)
  await page.getByText('The audit log is for auditors').waitFor()
  await page.goto(`http://${OWN}/settings`)
  await page.getByText('This is for administrators').waitFor()
  await context.close()
}

async function sessionEnds(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.getByRole('button', { name: 'Write' }).click()
  await page.getByLabel('Paste anything').fill('198.51.100.99')
  await page.getByLabel(/TLP:CLEAR/).check()
  await context.clearCookies()
  await page.getByRole('button', { name: 'Say it' }).click()
  const door = page.getByRole('dialog', { name: 'Sign in' })
  await door.getByLabel('User name').fill('mara')
  await door.getByLabel('Password').fill(PASSWORD)
  await door.getByRole('button', { name: 'Sign in', exact: true }).click()
  await door.waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Paste anything').inputValue(), '198.51.100.99')
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('heading', { name: /198\.51\.100\[\.\]99/ }).waitFor()
  await context.close()
}

async function nodeIsGone(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.getByRole('heading', { name: /things? needs? you/ }).waitFor()
  await page.getByRole('link', { name: 'Help' }).click()
  await page.getByRole('heading', { name: 'Help' }).waitFor()
  await context.route('**/api/watch*', (route) => route.abort())
  await page.evaluate(`history.pushState(null, '', '/watch'); dispatchEvent(new PopStateEvent('popstate'))`)
  await page.getByText('This did not load').waitFor()
  await context.unroute('**/api/watch*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('cell', { name: 'Gate controller at Berth 4' }).waitFor()
  await context.close()
}

async function otherLooks(browser: Browser, stage: Stage): Promise<void> {
  for (const look of [
    { pseudo: true },
    { pseudo: true, phone: true },
    { phone: true },
    { language: 'zh-CN' },
  ] satisfies Look[]) {
    const { context, page, complaints } = await openWindow(browser, stage, look)
    await page.goto(`http://${OWN}/`)
    await page.getByRole('textbox').first().fill('mara')
    await page.getByRole('textbox').nth(1).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation').first().waitFor()
    for (const [address] of PAGES) {
      await page.goto(`http://${OWN}${address}`)
      await page.getByRole('heading', { level: 1 }).or(page.getByRole('region')).first().waitFor()
      const wide = (await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )) as number
      assert.ok(wide <= 1, `${address} is ${wide} too wide in ${JSON.stringify(look)}`)
    }
    assert.deepEqual(
      complaints.filter((each) => !/401|404/.test(each)),
      [],
    )
    await context.close()
  }
}

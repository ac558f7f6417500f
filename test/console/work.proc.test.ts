// People at work in the console: what one member says reaches another, and what goes wrong on the way costs nobody what
// they wrote.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser } from 'playwright-core'
import { endSession } from '#identity/session.ts'
import { LIMITS } from '#kernel/limits.ts'
import { ensureConsole } from '../../scripts/console.ts'
import { noBrowser, openBrowser, openWindow } from './browser.ts'
import { signIn } from './every-page.ts'
import { feedsFromThePage } from './feeds.ts'
import { throughTheGraph } from './graph.ts'
import { threeWaysOn } from './beginning.ts'
import { filesBetweenMembers } from './bundles.ts'
import { withoutWords } from './knowledge.ts'
import { policyFromThePage } from './policy.ts'
import { nightAtTheInbox } from './warnings.ts'
import { usedOnTheMatrix } from './matrix.ts'
import { hostileNames } from './hostile.ts'
import { severalAtOnce } from './inbox.ts'
import { aFileThroughThePage } from './importing.ts'
import { keptUntilResumed } from './kept.ts'
import { copiedFromADialog, linkOut, onPaper } from './leaving.ts'
import { membersOnTheMap } from './map.ts'
import { listsAreSearched, tokensAndClients } from './lists.ts'
import { takenBack } from './taking-back.ts'
import { aroundARecord, manyAroundARecord } from './timeline.ts'
import { opinionAndSighting, redIsNotSeen, saidOnce, twoAtOneRecord } from './writing.ts'
import { addPerson, buildStage, OWN, PASSWORD, type Stage } from './stage.ts'

const SHARED = 'indicator--00000000-0000-4000-8000-000000000066'

test('people at work', { skip: noBrowser ?? false, timeout: 900_000 }, async (t) => {
  await ensureConsole()
  await using stage = await buildStage()
  const { world, own } = stage
  await addPerson(world, own, { name: 'mara', display: 'Mara Lindqvist', role: 'administrator' })
  await addPerson(world, own, { name: 'ada', display: 'Ada Bergström', role: 'analyst' })
  await addPerson(world, own, { name: 'vera', display: 'Vera Holm', role: 'viewer' })
  await addPerson(world, stage.member('isles.example'), {
    name: 'jonas',
    display: 'Jonas Weber',
    role: 'administrator',
  })
  await using browser = await openBrowser(stage.hostRules)
  await t.test('by the keyboard alone: a record is found, its proof stands, a warning is acknowledged', () =>
    byKeyboard(browser, stage),
  )
  await t.test('what one member says warns another, on an open page', () => fromOneToAnother(browser, stage))
  await t.test('policy: written, tried, put in force, seen in the matrix; a second writer is told', () =>
    policyFromThePage(browser, stage, signIn),
  )
  await t.test('knowledge without a word, and a search that is kept', () => withoutWords(browser, stage, signIn))
  await t.test('the graph: opened, filtered, a way between two, by keys and in words', () =>
    throughTheGraph(browser, stage, signIn),
  )
  await t.test('a night at the inbox: assign, mute, close, and what was done', () =>
    nightAtTheInbox(browser, stage, signIn),
  )
  await t.test('several warnings at once', () => severalAtOnce(browser, stage, signIn))
  await t.test('two people at one record', () => twoAtOneRecord(browser, stage, signIn))
  await t.test('what is said while the answer is lost is said once', () => saidOnce(browser, stage, signIn))
  await t.test('who is not named for RED is told before they say it', () => redIsNotSeen(browser, stage, signIn))
  await t.test('what a record uses is marked on the matrix', () => usedOnTheMatrix(browser, stage, signIn))
  await t.test('what happened around a record', () => aroundARecord(browser, stage, signIn))
  await t.test('very much around a record', () => manyAroundARecord(browser, stage, signIn))
  await t.test('members on the map: by keys, nearer, and to one of them', () => membersOnTheMap(browser, stage, signIn))
  await t.test(
    'while nothing may be signed: what is written is kept, let go of, and said once the log is resumed',
    () => keptUntilResumed(browser, stage, signIn),
  )
  await t.test('a feed: tried, added, read, failing, paused, removed', () => feedsFromThePage(browser, stage))
  await t.test('lists are searched beyond their first page', () => listsAreSearched(browser, stage))
  await t.test('a token for one part until a day, and a client that writes', () => tokensAndClients(browser, stage))
  await t.test('an opinion and a sighting', () => opinionAndSighting(browser, stage, signIn))
  await t.test('a link out, after a question', () => linkOut(browser, stage, signIn))
  await t.test('on paper', () => onPaper(browser, stage, signIn))
  await t.test('what is copied from a dialog is copied', () => copiedFromADialog(browser, stage, signIn))
  await t.test('a file is imported', () => aFileThroughThePage(browser, stage, signIn))
  await t.test('files between members', () => filesBetweenMembers(browser, stage, signIn))
  await t.test('hostile names do no harm', () => hostileNames(browser, stage, signIn))
  await t.test('two who do the same: the second is told, and sees what the first did', () => twoAtOnce(browser, stage))
  await t.test('taking back: erased with answers, a request answered, a copy let go of', () =>
    takenBack(browser, stage),
  )
  await t.test('a session that ends keeps what was written', () => sessionEnds(browser, stage))
  await t.test('a node that restarts under an open page: the page waits, and goes on', () =>
    nodeRestarts(browser, stage),
  )
})

test('a node that knows nobody and nothing', { skip: noBrowser ?? false, timeout: 600_000 }, async () => {
  await ensureConsole()
  await using stage = await buildStage({ members: [OWN], story: false })
  await using browser = await openBrowser(stage.hostRules)
  await threeWaysOn(browser, stage, signIn)
})

async function byKeyboard(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page)
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

  await signIn(north.page)
  await north.page.getByRole('button', { name: 'Write' }).click()
  await north.page
    .getByLabel('Paste anything')
    .fill('seen tonight: hxxp://bad[.]quay-wave[.]example/x and bad[.]quay-wave[.]example')
  await north.page.getByText('2 values found').waitFor()
  await north.page.getByLabel('What they belong to').fill('Quay wave')
  assert.ok(await north.page.getByRole('button', { name: 'Say it' }).isDisabled(), 'nothing is said without a marking')
  await north.page.getByLabel(/TLP:GREEN/).check()
  await north.page.getByText(/^9 recipients will receive this/).waitFor()
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

async function sessionEnds(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page)
  await page.getByRole('button', { name: 'Write' }).click()
  await page.getByLabel('Paste anything').fill('198.51.100.99')
  await page.getByLabel(/TLP:CLEAR/).check()
  await page.getByText('live', { exact: true }).waitFor()
  const ended = await stage.own.store.get<{ id: number }>('SELECT max(id) AS id FROM session')
  await stage.own.store.write(endSession, { actor: 'test', id: ended?.id ?? 0 })
  await stage.world.pass(LIMITS.eventsQuietMs)
  await page.getByText('reconnecting', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Say it' }).click()
  const door = page.getByRole('dialog', { name: 'Sign in' })
  await door.getByLabel('User name').fill('mara')
  await door.getByLabel('Password').fill(PASSWORD)
  await door.getByRole('button', { name: 'Sign in', exact: true }).click()
  await door.waitFor({ state: 'detached' })
  await page.getByText('live', { exact: true }).waitFor()
  assert.equal(await page.getByLabel('Paste anything').inputValue(), '198.51.100.99')
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('heading', { name: /198\.51\.100\[\.\]99/ }).waitFor()
  await context.close()
}

async function twoAtOnce(browser: Browser, stage: Stage): Promise<void> {
  const [mara, ada] = [await openWindow(browser, stage), await openWindow(browser, stage)]
  await signIn(mara.page)
  await signIn(ada.page, OWN, 'ada')
  for (const { page } of [mara, ada]) {
    await page.goto(`http://${OWN}/records/${SHARED}`)
    await page.getByRole('button', { name: 'Take back', exact: true }).click()
    await page.getByRole('dialog').waitFor()
  }
  await mara.page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await mara.page.getByText('Its author took this back').waitFor()
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await ada.page.getByRole('dialog').getByRole('alert').waitFor()
  await ada.page.keyboard.press('Escape')
  await ada.page.reload()
  await ada.page.getByText('Its author took this back').waitFor()
  for (const { context } of [mara, ada]) await context.close()
}

async function nodeRestarts(browser: Browser, stage: Stage): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page)
  await page.goto(`http://${OWN}/write`)
  await page.getByLabel('Paste anything').fill('198.51.100.77')
  await page.getByLabel(/TLP:CLEAR/).check()
  await page.getByText('live', { exact: true }).waitFor()
  const resume = await stage.stop(OWN)
  await page.getByText('reconnecting').waitFor()
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('alert').getByText('The node cannot be reached. What you typed is kept.').waitFor()
  await resume()
  await page.getByText('live', { exact: true }).waitFor()
  assert.equal(await page.getByLabel('Paste anything').inputValue(), '198.51.100.77')
  await page.getByRole('button', { name: 'Say it' }).click()
  await page.getByRole('heading', { name: /198\.51\.100\[\.\]77/ }).waitFor()
  await context.close()
}

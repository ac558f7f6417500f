// Taking back through the console: a record is erased and its answers are read; what another asks to erase waits for
// somebody, is refused with a reason and erased after all; a copy of what another said is let go of.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import type { ErasuresPage } from '#federation/erasure/wire.ts'
import { openWindow, unexpected } from './browser.ts'
import { signIn } from './every-page.ts'
import { OWN, say, type Stage } from './stage.ts'
import { indicator } from './story.ts'

const ASKING = 'isles.example'
const named = (n: number, name: string): Readonly<Record<string, unknown>> =>
  indicator(n, name, `[domain-name:value = 'n${n}.taken.example']`)

/** Something own, something that another asks to erase, and something of another that is let go of. */
export async function prepareTakingBack({ world, own, member }: Stage): Promise<{ readonly ids: readonly string[] }> {
  const [mine, asked, foreign] = [named(901, 'Sent too far'), named(902, 'Names a person'), named(903, 'Not for us')]
  await say(own, 'advisories', [mine])
  await say(member(ASKING), 'advisories', [asked, foreign])
  await world.quiesce()
  const ids = [mine, asked, foreign].map(({ id }) => String(id))
  await world.api(member(ASKING), 'POST', '/erasures', { id: ids[1], reason: 'personal-data' })
  await world.quiesce()
  return { ids }
}

export async function takenBack(browser: Browser, stage: Stage): Promise<void> {
  const { world, member } = stage
  const { ids } = await prepareTakingBack(stage)
  const { context, page, complaints } = await openWindow(browser, stage)
  const reader = await signIn(page, OWN, 'ada')

  await page.goto(`http://${OWN}/records/${ids[0]}`)
  await reader.press('takeBack.verb')
  const dialog = reader.by('dialog', 'takeBack.title')
  await dialog.getByRole('radio', { name: /^Erase/ }).check()
  await dialog.getByLabel('Reason').selectOption('sent-in-error')
  await dialog.getByRole('button', { name: 'Erase', exact: true }).click()
  const row = page.getByRole('row', { name: new RegExp(ids[0] ?? '') })
  await row.waitFor()
  await world.quiesce()
  await page.reload()
  await row.getByText(/\d erased/).waitFor()
  await row.getByRole('button', { name: 'Answers' }).click()
  const answers = reader.by('dialog', 'answered.title')
  await answers.getByRole('row', { name: /CERT Isles.*erased/ }).waitFor()
  await answers.getByRole('button', { name: 'Close' }).click()

  await page.goto(`http://${OWN}/`)
  await page.getByText('CERT Isles asks you to erase a statement').waitFor()
  await page
    .getByRole('listitem')
    .filter({ hasText: 'asks you to erase' })
    .getByRole('button', { name: 'Answer' })
    .click()
  const request = page.getByRole('row', { name: /Names a person/ })
  await request.getByText('waits for you').waitFor()
  await request.getByRole('button', { name: 'Refuse' }).click()
  const refusing = reader.by('dialog', 'takenBack.refuseTitle')
  await refusing.getByLabel('Reason').fill('evidence in a court case')
  await refusing.getByRole('button', { name: 'Refuse' }).click()
  await request.getByText('evidence in a court case').waitFor()
  await world.quiesce()
  assert.deepEqual(await told(stage), ['refused', 'evidence in a court case'])
  await request.getByRole('button', { name: 'Erase' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click()
  await page.getByRole('row', { name: /CERT Isles.*personal data.*erased/ }).waitFor()
  await world.quiesce()
  assert.deepEqual(await told(stage), ['erased', undefined])

  await page.goto(`http://${OWN}/records/${ids[2]}`)
  await reader.press('takeBack.onlyHere')
  await page.getByRole('dialog').getByRole('button', { name: 'Erase here' }).click()
  await reader.text('takeBack.onlyHere.done').waitFor()
  await page.goto(`http://${OWN}/records/${ids[2]}`)
  await reader.text('record.none').waitFor()
  const { items } = await world.api<{ items: unknown[] }>(member(ASKING), 'GET', '/search?q=Not+for+us')
  assert.equal(items.length, 1, 'its author keeps it')
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

/** What the one who asked heard of this member. */
async function told({ world, member }: Stage): Promise<unknown[]> {
  const [erasure] = (await world.api<ErasuresPage>(member(ASKING), 'GET', '/erasures')).items
  const own = erasure?.recipients.find((each) => each.member === OWN)
  return [own?.answer, own?.reason]
}

// A bundle by the console alone: written for a peer and fetched, looked into at the peer's, read there with progress; and
// what is no bundle is refused before anything is read.
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

export async function filesBetweenMembers(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-console-'))
  // What was said before in these rooms is with the others; the file holds nothing that they have not.
  await stage.world.quiesce()
  const [north, isles] = [await openWindow(browser, stage), await openWindow(browser, stage)]
  await signIn(north.page, OWN)
  await north.page.goto(`http://${OWN}/federation/bundles`)
  await north.page.getByRole('combobox', { name: 'For' }).selectOption('isles.example')
  const fetched = north.page.waitForEvent('download')
  await north.page.getByRole('button', { name: 'Write and download' }).click()
  const file = join(folder.path, 'for-isles.age')
  await (await fetched).saveAs(file)
  await north.page.getByRole('cell', { name: 'confirmed' }).waitFor()

  await signIn(isles.page, 'isles.example', 'jonas')
  await isles.page.goto('http://isles.example/federation/bundles')
  const broken = join(folder.path, 'broken.age')
  writeFileSync(broken, readFileSync(file).subarray(0, 100))
  const choose = isles.page.getByLabel('Drop bundles here, or choose them')
  await choose.setInputFiles([broken])
  await isles.page.getByRole('alert').waitFor()
  await isles.page.getByRole('button', { name: 'Put this file away' }).click()
  await choose.setInputFiles([file])
  await isles.page.getByText('signed by its key').waitFor()
  await isles.page.getByRole('list', { name: 'Files' }).getByText('CERT North').waitFor()
  await isles.page.getByRole('button', { name: 'Read it' }).click()
  await isles.page.getByText(/it has our items up to/).waitFor()
  for (const { context } of [north, isles]) await context.close()
}

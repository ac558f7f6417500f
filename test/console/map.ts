// Members on the map: opened beside the circle, looked at nearer, walked by keys, and from there to one of them; who says no
// country is listed beside it.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

export async function membersOnTheMap(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).host))
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/federation`)
  await page.getByRole('navigation', { name: 'Picture of the members' }).getByRole('link', { name: 'Map' }).click()
  const map = page.getByRole('group', { name: /^Map with \d+ members/ })
  const isles = map.getByRole('link', { name: /^CERT Isles, Maldives: .*\d+ behind, \d+ witness/ })
  await isles.waitFor()
  await page
    .getByRole('region', { name: /Not on the map/ })
    .getByRole('link', { name: /Civil Aid Network, no country said/ })
    .waitFor()

  const apart = async (): Promise<number> => {
    const [a, b] = [await isles.boundingBox(), await map.getByRole('link', { name: /^CERT Savanna/ }).boundingBox()]
    return Math.hypot((a?.x ?? 0) - (b?.x ?? 0), (a?.y ?? 0) - (b?.y ?? 0))
  }
  const whole = await apart()
  await isles.focus()
  await page.keyboard.press('+')
  assert.ok((await apart()) > whole * 1.3, 'plus looks nearer')
  await page.keyboard.press('0')
  assert.ok(Math.abs((await apart()) - whole) < 1, 'zero shows all of it')
  await isles.hover()
  await page.mouse.wheel(0, -400)
  assert.ok((await apart()) > whole * 1.3, 'so does the wheel')
  await page.getByRole('button', { name: 'Show all' }).click()

  await page.getByLabel('In the middle').selectOption('150')
  assert.notEqual(await apart(), whole)
  await isles.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'CERT Isles' }).waitFor()
  assert.deepEqual([...new Set(asked)], [OWN], 'nothing is asked of anybody else')
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

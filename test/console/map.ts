// Members on the map: opened beside the circle, looked at nearer, walked by keys, and from there to one of them; who says no
// country is listed beside it.
import assert from 'node:assert/strict'
import type { Browser, Locator } from 'playwright-core'
import { eventually, openWindow, unexpected } from './browser.ts'
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
    // The marks alone: names change sides with the room they have.
    const place = (member: Locator) => member.locator('circle').boundingBox()
    const [a, b] = [await place(isles), await place(map.getByRole('link', { name: /^CERT Savanna/ }))]
    return Math.hypot((a?.x ?? 0) - (b?.x ?? 0), (a?.y ?? 0) - (b?.y ?? 0))
  }
  const whole = await apart()
  await isles.focus()
  await page.keyboard.press('+')
  await eventually('plus looks nearer', async () => (await apart()) > whole * 1.3)
  await page.keyboard.press('0')
  await eventually('zero shows all of it', async () => Math.abs((await apart()) - whole) < 1)
  await isles.hover()
  await page.mouse.wheel(0, -400)
  await eventually('so does the wheel', async () => (await apart()) > whole * 1.3)
  await page.getByRole('button', { name: 'Show all' }).click()

  const middle = async (): Promise<number> => (await isles.locator('circle').boundingBox())?.x ?? 0
  const before = await middle()
  await page.getByLabel('In the middle').selectOption('150')
  await eventually('another meridian is another picture', async () => Math.abs((await middle()) - before) > 20)
  await isles.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'CERT Isles' }).waitFor()
  assert.deepEqual([...new Set(asked)], [OWN], 'nothing is asked of anybody else')
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}

// `npm run screenshots`: the main pages of the console, taken from the stage of its tests, into docs/screenshots.
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noBrowser, openBrowser, openWindow, type Look } from '../test/console/browser.ts'
import { addPerson, buildStage, OWN, PASSWORD } from '../test/console/stage.ts'
import { ensureConsole } from './console.ts'

const FOLDER = fileURLToPath(new URL('../docs/screenshots', import.meta.url))
const OURS = 'indicator--00000000-0000-4000-8000-000000000064'
const FOREIGN = 'indicator--00000000-0000-4000-8000-000000000001'

const SHOTS: readonly (readonly [name: string, address: string, look?: Look])[] = [
  ['home', '/'],
  ['home-dark', '/', { dark: true }],
  ['home-zh', '/', { language: 'zh-CN' }],
  ['home-phone', '/', { phone: true, dark: true }],
  ['record', `/records/${FOREIGN}`],
  ['record-proof', `/records/${OURS}`, { dark: true }],
  ['warning', '/warnings/1'],
  ['warning-rtl', '/warnings/1', { pseudo: true, dark: true }],
  ['warning-phone', '/warnings/1', { phone: true }],
  ['federation', '/federation'],
  ['write', '/write'],
]

if (noBrowser !== undefined) throw new Error(noBrowser)
await ensureConsole()
mkdirSync(FOLDER, { recursive: true })
await using stage = await buildStage()
await addPerson(stage.world, stage.own, { name: 'mara', display: 'Mara Lindqvist', role: 'administrator' })
const browser = await openBrowser(stage.hostRules)
for (const [name, address, look] of SHOTS) {
  const { context, page } = await openWindow(browser, stage, look)
  await page.goto(`http://${OWN}/`)
  await page.getByRole('textbox').first().fill('mara')
  await page.getByRole('textbox').nth(1).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('navigation').first().waitFor()
  await page.goto(`http://${OWN}${address}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  // Warnings stream for ever, so the network never rests; what is drawn last is there after this.
  await page.waitForTimeout(1500)
  const path = join(FOLDER, `${name}.webp`)
  const session = await context.newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  writeFileSync(path, Buffer.from(data, 'base64'))
  console.log(`${name.padEnd(16)} ${(statSync(path).size / 1000).toFixed(0).padStart(5)} kB`)
  await context.close()
}
await browser.close()

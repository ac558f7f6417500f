// `npm run screenshots`: the main pages of the console, taken from the stage of its tests, into docs/screenshots. Names
// after the command take those alone.
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noBrowser, openBrowser, openWindow, type Look } from '#test/console/browser.ts'
import { signIn } from '#test/console/every-page.ts'
import { addPerson, buildStage, OWN, say } from '#test/console/stage.ts'
import type { Language, Reader } from '#test/console/words.ts'
import { ensureConsole } from './console.ts'
import { techniquesOf } from './screenshot-techniques.ts'

const FOLDER = fileURLToPath(new URL('../docs/screenshots', import.meta.url))
const OURS = 'indicator--00000000-0000-4000-8000-000000000064'
const FAMILY = 'malware--00000000-0000-4000-8000-000000000002'
const FOREIGN = 'indicator--00000000-0000-4000-8000-000000000001'

const RULES = `// What CERT North gives, and to whom. Floors stand above this file.

@id("energy.amber")
@reason("TLP:AMBER for the energy community goes to its members")
permit (principal in Community::"energy.example",
        action == Action::"deliver", resource)
when {
  ["GREEN", "AMBER"].contains(resource.tlp) &&
  resource.communities.contains(Community::"energy.example")
};

@id("machines.clear")
@reason("programs of others get TLP:CLEAR only")
forbid (principal is Member, action == Action::"deliver", resource)
when { principal.via == "machine" && resource.tlp != "CLEAR" };
`
const DRAFT = `${RULES}
@id("rail.pause")
@reason("nothing goes to the rail board until its audit is done")
forbid (principal == Member::"rail-east.example",
        action == Action::"deliver", resource);
`

type Shot = {
  readonly address: string
  readonly look?: Look
  /** What somebody does on the page before the picture. */
  readonly act?: (reader: Reader) => Promise<void>
}

const SHOTS: Readonly<Record<string, Shot>> = {
  home: { address: '/' },
  'home-dark': { address: '/', look: { dark: true } },
  'home-zh': { address: '/', look: { language: 'zh-CN' } },
  'home-phone': { address: '/', look: { phone: true, dark: true } },
  knowledge: { address: '/knowledge?q=harbour' },
  record: { address: `/records/${FOREIGN}` },
  'record-proof': { address: `/records/${OURS}`, look: { dark: true } },
  warning: { address: '/warnings/1' },
  'warning-rtl': { address: '/warnings/1', look: { pseudo: true, dark: true } },
  'warning-phone': { address: '/warnings/1', look: { phone: true } },
  graph: { address: `/graph?id=${FAMILY}` },
  'graph-dark': { address: `/graph?id=${FAMILY}`, look: { dark: true } },
  attack: { address: '/attack' },
  federation: { address: '/federation' },
  map: { address: '/federation?view=map' },
  policy: { address: '/policy', act: tryDraft },
  'policy-matrix': { address: '/policy/matrix', look: { dark: true } },
  write: { address: '/write' },
}

async function tryDraft(reader: Reader): Promise<void> {
  await reader.page.getByRole('textbox', { name: /own\.cedar/ }).fill(DRAFT)
  await reader.press('policy.try')
  await reader.page.getByRole('region', { name: reader.says('policy.stops') }).waitFor()
}

if (noBrowser !== undefined) throw new Error(noBrowser)
await ensureConsole()
mkdirSync(FOLDER, { recursive: true })
await using stage = await buildStage()
await addPerson(stage.world, stage.own, { name: 'mara', display: 'Mara Lindqvist', role: 'administrator' })
await stage.world.api(stage.own, 'PUT', '/policy', { files: [{ name: 'own.cedar', text: RULES }] })
await say(stage.member('isles.example'), 'advisories', techniquesOf(FAMILY))
await stage.world.quiesce()
await using browser = await openBrowser(stage.hostRules)
const wanted = process.argv.slice(2)
for (const [name, { address, look = {}, act }] of Object.entries(SHOTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { context, page } = await openWindow(browser, stage, look)
  const language: Language = look.pseudo === true ? 'en-XB' : look.language === 'zh-CN' ? 'zh-Hans' : 'en'
  const reader = await signIn(page, OWN, 'mara', language)
  await reader.turnTo(address)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await reader.settled()
  await act?.(reader)
  await page.mouse.move(0, 0)
  // Warnings stream for ever, so the network never rests; what is drawn last is there after this.
  await page.waitForTimeout(1500)
  const path = join(FOLDER, `${name}.webp`)
  const session = await context.newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  writeFileSync(path, Buffer.from(data, 'base64'))
  console.log(`${name.padEnd(16)} ${(statSync(path).size / 1000).toFixed(0).padStart(5)} kB`)
  await context.close()
}

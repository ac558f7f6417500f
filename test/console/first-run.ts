// From two empty folders to a warning: two real processes of `comity serve`, each set up, paired and used by somebody who
// sees nothing but its pages.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Locator } from 'playwright-core'
import { freePort } from '#src/listen.ts'
import { accessibilityFaults } from './browser.ts'
import { PASSWORD } from './stage.ts'
import type { Reader } from './words.ts'

const COMITY = fileURLToPath(new URL('../../comity', import.meta.url))

export type EmptyNode = AsyncDisposable & {
  /** What the terminal shows: the set-up page, with its code. */
  readonly link: string
}

/** Runs `comity serve` on an empty folder, as a person does. */
export async function serveEmptyFolder(): Promise<EmptyNode> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'comity-first-run-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort('127.0.0.1')
  const args = ['serve', '--data-dir', join(folder, 'data'), '--port', String(port), '--allow-private', '--json']
  const child = spawn(COMITY, [...args, '--pull-seconds', '2'], { stdio: ['ignore', 'pipe', 'ignore'] })
  stack.defer(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const link = await linkOf(createInterface(child.stdout))
  const kept = stack.move()
  return { link, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Among the lines of the node's log stands the one for programs. The others are read to the end, so that none blocks. */
function linkOf(lines: Interface): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  lines.on('line', (line) => {
    const { setUp } = JSON.parse(line) as { setUp?: { link: string } }
    if (setUp !== undefined) resolve(setUp.link)
  })
  lines.once('close', () => reject(new Error('the node ended before it showed its set-up page')))
  return promise
}

export type NewMember = { readonly member: string; readonly name: string; readonly chinese: string }

/** The set-up page: the member, its recovery key, its first administrator, and then home. */
export async function setUp(reader: Reader, link: string, { member, name, chinese }: NewMember): Promise<string[]> {
  const { page } = reader
  await page.goto(link)
  await reader.by('heading', 'setUp.title').waitFor()
  assert.notEqual(await reader.field('setUp.codeField').inputValue(), '', 'the link brings the code')
  const faults = await accessibilityFaults(page)
  assert.ok(await reader.by('button', 'setUp.make').isDisabled(), 'nothing is made without a name')
  await reader.fill('setUp.english', name)
  await reader.fill('setUp.chinese', chinese)
  await reader.fill('setUp.id', 'Not An Id')
  await reader.page.getByText('not-an-id.example').waitFor()
  await reader.fill('setUp.id', member)
  await reader.fill('setUp.country', 'no')
  await reader.press('setUp.make')
  await page.getByRole('list', { name: reader.says('setUp.key') }).waitFor()
  faults.push(...(await accessibilityFaults(page)))
  assert.ok(await reader.by('button', 'setUp.on').isDisabled(), 'nobody goes on who has not kept the key')
  const download = page.waitForEvent('download')
  await reader.press('download')
  assert.equal((await download).suggestedFilename(), `${member}.recovery-key.txt`)
  await reader.hands.check(reader.field('setUp.kept'))
  await reader.press('setUp.on')
  await reader.by('heading', 'welcome.kind.first-administrator').waitFor()
  faults.push(...(await accessibilityFaults(page)))
  await reader.fill('welcome.name', 'mara')
  await reader.fill('welcome.display', 'Mara Lindqvist')
  await reader.fill('welcome.password', PASSWORD)
  await reader.press('welcome.verb')
  await reader.by('heading', 'home.title.none').waitFor()
  return faults
}

/** One invites, the other accepts, both compare the words, and each approves the other. */
export async function meet(north: Reader, isles: Reader): Promise<void> {
  await north.follow('nav.federation')
  await north.press('peers.invite')
  await north.by('dialog', 'invite.title').waitFor()
  await north.press('invite.make')
  const line = await north
    .by('dialog', 'invite.title')
    .getByText(/^comity-invite:/)
    .innerText()
  await north.press('close')

  await isles.follow('nav.federation')
  await isles.press('peers.accept')
  await isles.fill('accept.line', line)
  await isles.press('accept.verb')
  const words = await wordsIn(isles.by('dialog', 'words.title'))
  assert.equal(words.length, 8)
  await isles.press('accept.on')
  await approve(isles)

  await north.goTo('nav.home')
  await north.press('need.pending.verb')
  assert.deepEqual(await wordsIn(north.page.getByRole('main')), words, 'both read the same eight words')
  await approve(north)
}

const wordsIn = async (place: Locator): Promise<string[]> => {
  const items = place.getByRole('list').last().getByRole('listitem')
  await items.first().waitFor()
  return items.allInnerTexts()
}

async function approve(reader: Reader): Promise<void> {
  await reader.hands.check(reader.field('words.same'))
  await reader.press('peer.approve')
  await reader.by('heading', 'given.title').waitFor()
}

/** What is protected is put on the watch list of one; the other says something about it; a warning opens by itself. */
export async function warn(north: Reader, isles: Reader): Promise<void> {
  await isles.goTo('nav.warnings')
  await isles.follow('watch.title')
  await isles.fill('watch.value', 'bad[.]quay-wave[.]example')
  await isles.fill('watch.asset', 'Harbour mail')
  await isles.press('watch.add')
  await isles.page.getByRole('cell', { name: 'bad.quay-wave[.]example' }).waitFor()
  await isles.goTo('nav.warnings')
  await isles.text('warnings.none').waitFor()

  await makeCollection(north)
  await north.goTo('nav.home')
  await north.press('write.title')
  await north.fill('write.paste', 'seen tonight: hxxp://bad[.]quay-wave[.]example/x and bad[.]quay-wave[.]example')
  await north.fill('write.common', 'Quay wave')
  assert.ok(await north.by('button', 'write.say').isDisabled(), 'nothing is said without a marking')
  await north.hands.check(north.page.getByRole('radio', { name: 'TLP:GREEN' }))
  await north.page.getByText('CERT Isles').or(north.page.getByText('群岛应急中心')).first().waitFor()
  await north.press('write.say')
  await north.text('write.saved').waitFor()

  await isles.press('news')
  await isles.hands.press(isles.page.getByRole('link', { name: /Quay wave/ }).first())
  await isles.page.getByRole('heading', { name: /Quay wave/ }).waitFor()
  await isles.by('button', 'warning.acknowledge').waitFor()
}

async function makeCollection(reader: Reader): Promise<void> {
  await reader.follow('nav.settings')
  await reader.follow('settings.collections')
  await reader.press('collections.make')
  const dialog = reader.by('dialog', 'collections.make')
  await reader.hands.fill(dialog.getByLabel(reader.says('record.name')), 'Advisories')
  await reader.hands.choose(dialog.getByLabel(reader.says('collections.default')), 'TLP:GREEN')
  const peers = await dialog.getByRole('option', { name: reader.says('share.peers') }).innerText()
  await reader.hands.choose(dialog.getByLabel(reader.says('collections.share')), peers)
  await reader.press('save')
  await reader.page.getByRole('cell', { name: 'Advisories' }).waitFor()
}

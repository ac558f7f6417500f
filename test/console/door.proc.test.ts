// Ways in, in a real browser on a real node: a passkey of a virtual authenticator, a password with a second factor, the
// member's own provider; and what the door says to those it does not open for.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { base32nopad } from '@scure/base'
import type { BrowserContext, Page } from 'playwright-core'
import { codeAt } from '#identity/totp.ts'
import { createDataFolder } from '#kernel/data-folder.ts'
import { resolveConfig } from '#src/config.ts'
import { startNode } from '#src/start.ts'
import { PROVIDER_CLIENT, startProvider } from '#test/provider.ts'
import { seededRandom } from '#test/store.ts'
import { ensureConsole } from '../../scripts/console.ts'
import { backUpFromThePage } from './backups.ts'
import { accessibilityFaults, noBrowser, openBrowser, openWindow, unexpected } from './browser.ts'
import { PASSWORD } from './stage.ts'
import { Reader } from './words.ts'

test('the door', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  await ensureConsole()
  await using house = await buildHouse()
  await using browser = await openBrowser('')
  const enter = async (): Promise<{ context: BrowserContext; reader: Reader; complaints: string[] }> => {
    const { context, page, complaints } = await openWindow(browser, undefined)
    return { context, complaints, reader: new Reader(page) }
  }

  await t.test('a one-time link makes the first administrator, with a passkey and no password', async () => {
    const { context, reader, complaints } = await enter()
    await giveAuthenticator(context, reader.page)
    await reader.page.goto(house.welcome)
    await reader.by('heading', 'welcome.kind.first-administrator').waitFor()
    await reader.fill('welcome.name', 'mara')
    await reader.page
      .getByRole('radio', { name: reader.says('way.passkey') })
      .or(reader.page.getByText('This device or a security key'))
      .first()
      .click()
    await reader.press('welcome.verb')
    await reader.by('heading', 'home.title.none').waitFor()

    await reader.page.goto(`${house.origin}/account`)
    await reader.press('account.signOut')
    await reader.press('signIn.passkey')
    await reader.by('heading', 'account.title').waitFor()
    assert.deepEqual(unexpected(complaints), [])
    await context.close()
  })

  await t.test('a passkey that is not there opens nothing, and says so', async () => {
    const { context, reader } = await enter()
    await giveAuthenticator(context, reader.page)
    await reader.page.goto(house.origin)
    await reader.press('signIn.passkey')
    await reader.page.getByRole('alert').getByText('No passkey was given').waitFor()
    assert.deepEqual(await accessibilityFaults(reader.page), [])
    await context.close()
  })

  await t.test('a password alone is not enough once a code app is set up; a recovery code is', async () => {
    const { context, reader, complaints } = await enter()
    const { page } = reader
    await page.goto(await house.invite('vera', 'viewer'))
    await reader.fill('welcome.password', PASSWORD)
    await reader.press('welcome.verb')
    await reader.by('heading', 'home.title.none').waitFor()
    await page.goto(`${house.origin}/account`)
    await reader.press('account.totpBegin')
    await page.getByRole('img', { name: reader.says('account.totpQr') }).waitFor()
    const secret = base32nopad.decode((await page.getByText(/^[A-Z2-7 ]{32,}$/).innerText()).replaceAll(' ', ''))
    await reader.fill('signIn.code', codeAt(secret, Math.floor(Date.now() / 30_000)))
    await reader.press('account.confirm')
    const dialog = reader.by('dialog', 'account.codes')
    const [recovery = ''] = (await dialog.getByText(/-/).last().innerText()).split('\n')
    assert.deepEqual(await accessibilityFaults(page), [])
    await reader.press('close')
    await reader.press('account.signOut')

    await signIn(reader, 'vera', 'not the password')
    await page.getByRole('alert').waitFor()
    await signIn(reader, 'vera', PASSWORD)
    await reader.field('signIn.code').waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    await reader.fill('signIn.code', '000000')
    await reader.press('signIn.verb')
    await page.getByRole('alert').getByText('The code is missing or wrong').waitFor()
    await reader.fill('signIn.code', recovery)
    await reader.press('signIn.verb')
    await reader.by('heading', 'account.title').waitFor()
    await page.getByText('9 recovery codes left').waitFor()
    assert.deepEqual(unexpected(complaints), [])
    await context.close()
  })

  await t.test('the member’s own provider lets people in, and says why where it does not', async () => {
    const { context, reader, complaints } = await enter()
    const go = async (): Promise<void> => {
      await reader.page.goto(house.origin)
      await reader.follow('signIn.oidc')
    }
    house.provider.claims = { preferred_username: 'ito', name: 'Mara Ito', groups: ['others'] }
    await go()
    await reader.text('refused.role').waitFor()
    assert.deepEqual(await accessibilityFaults(reader.page), [])
    house.provider.claims = { ...house.provider.claims, groups: ['soc'] }
    house.provider.twist = { nonce: 'another' }
    await go()
    await reader.text('refused.denied').waitFor()
    house.provider.twist = {}
    await go()
    await reader.by('heading', 'home.title.none').waitFor()
    await reader.page.getByText('Mara Ito').first().waitFor()
    assert.deepEqual(unexpected(complaints), [])
    await context.close()
  })

  await t.test('a backup is made and checked from the settings', () => backUpFromThePage(browser, house))

  await t.test('whoever guesses waits, and is told how long', async () => {
    const { context, reader } = await enter()
    await reader.page.goto(house.origin)
    const wait = reader.page.getByRole('alert').getByText(/Too many attempts/)
    for (let guess = 0; guess < 12 && !(await wait.isVisible()); guess += 1) {
      await signIn(reader, 'vera', `guess number ${guess}`)
      await reader.page.getByRole('alert').waitFor()
    }
    await wait.waitFor()
    await context.close()
  })
})

async function signIn(reader: Reader, name: string, password: string): Promise<void> {
  await reader.fill('signIn.name', name)
  await reader.fill('signIn.password', password)
  await reader.press('signIn.verb')
}

/** An authenticator of this machine, whose owner is there and agrees. */
async function giveAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** A node on this machine with a provider beside it, where nobody can sign in yet. */
async function buildHouse() {
  await using stack = new AsyncDisposableStack()
  const root = mkdtempSync(join(tmpdir(), 'comity-door-'))
  stack.defer(() => rmSync(root, { recursive: true, force: true }))
  const provider = stack.use(await startProvider())
  const dataDir = join(root, 'data')
  createDataFolder(
    dataDir,
    { member: 'north.example', names: { en: 'CERT North' }, kind: 'technical' },
    seededRandom('door'),
  )
  writeFileSync(join(dataDir, 'oidc.secret'), `${PROVIDER_CLIENT.secret}\n`, { mode: 0o600 })
  const oidc = {
    issuer: provider.issuer,
    clientId: PROVIDER_CLIENT.id,
    clientSecretFile: 'oidc.secret',
    roles: { soc: 'analyst' },
    allowPrivate: true,
  }
  writeFileSync(
    join(dataDir, 'comity.json'),
    JSON.stringify({ oidc, port: 0, logLevel: 'silent', backup: { folder: join(root, 'backups') } }),
  )
  const node = stack.use(
    await startNode(resolveConfig({ cwd: root, flags: { 'data-dir': dataDir }, env: {} }), () => performance.now()),
  )
  const welcome = (await node.gate.firstAdministrator())?.link ?? ''
  const [origin = ''] = node.gate.site.origins
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim()
  const invite = async (name: string, role: string): Promise<string> => {
    const answer = await node.app.inject({
      method: 'POST',
      url: '/api/users',
      headers: { authorization: `Bearer ${token}` },
      payload: { name, display: name, role },
    })
    return answer.json<{ link: string }>().link
  }
  const kept = stack.move()
  return { provider, origin, welcome, invite, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

// The browser of the console's tests: Debian's Chromium, or what COMITY_CHROMIUM names, on a closed network.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Stage } from './stage.ts'

const CHROMIUM = process.env['COMITY_CHROMIUM'] ?? '/usr/bin/chromium'

/** Why the tests in a browser are skipped here, or undefined. */
export const noBrowser: string | undefined = existsSync(CHROMIUM)
  ? undefined
  : `there is no ${CHROMIUM}; install Debian’s chromium, or name one by COMITY_CHROMIUM`

/** `hostRules` lead the names of members to their nodes; every other name leads nowhere. */
export function openBrowser(hostRules: string): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      `--host-resolver-rules=${hostRules === '' ? '' : `${hostRules},`}MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
    ],
  })
}

export type Look = {
  readonly language?: 'en-GB' | 'zh-CN'
  readonly dark?: boolean
  readonly phone?: boolean
  /** The pseudo language, written from right to left. */
  readonly pseudo?: boolean
}

/** A window whose clock is the stage's. Whatever the page complains about is collected. */
export async function openWindow(
  browser: Browser,
  stage: Pick<Stage, 'nowMs'> | undefined,
  look: Look = {},
): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({
    viewport: look.phone === true ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    colorScheme: look.dark === true ? 'dark' : 'light',
    locale: look.language ?? 'en-GB',
    reducedMotion: 'reduce',
    ...(look.phone === true ? { isMobile: true, hasTouch: true } : {}),
  })
  if (stage !== undefined) await context.clock.setFixedTime(stage.nowMs())
  // The letters are those of somebody who was here before: pages are measured and looked at as they stay.
  await context.addInitScript(`localStorage.setItem('comity.typefaces', 'kept')`)
  if (look.pseudo === true) await context.addInitScript(`localStorage.setItem('comity.language', 'en-XB')`)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('console', (message) => {
    // A page that did not come over TLS may not isolate itself, which says nothing of the page.
    if (message.type() === 'error' && !message.text().includes('Cross-Origin-Opener-Policy'))
      complaints.push(message.text())
  })
  return { context, page, complaints }
}

const TRIES_MAX = 200

/** Waits until something holds that no element says by itself: a place, a size. Fails with what it is. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(what)
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What a page complained about, without the answers it asked for and was refused or did not find. */
export function unexpected(complaints: readonly string[]): string[] {
  return complaints.filter((each) => !/status of (?:401|404)/.test(each))
}

const RULES = {
  /** WCAG 2.2 AA, and what axe-core calls best practice. */
  all: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  /** Those that other colours can break: a fraction of the time. */
  colours: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
} as const

/** What axe-core finds on a page as it stands. */
export async function accessibilityFaults(page: Page, rules: keyof typeof RULES = 'all'): Promise<string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run: (options: object) => Promise<{
          violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run({ runOnly, resultTypes: ['violations'] })
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes
          .map(({ html }) => html.slice(0, 160))
          .slice(0, 3)
          .join(' | ')}`,
    )
  }, RULES[rules])
}

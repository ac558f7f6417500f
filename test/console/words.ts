// What the console says, in the language that somebody reads: names for roles and labels come from the files that
// translators edit, so that one test speaks every language.
import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { pointer, type Hands } from './hands.ts'
import { parseMessage, type Piece } from '#web/text/format.ts'
import { pseudoPieces } from '#web/text/pseudo.ts'

export const LANGUAGES = ['en', 'zh-Hans', 'en-XB'] as const
export type Language = (typeof LANGUAGES)[number]
type Args = Readonly<Record<string, string>>
type Role = 'button' | 'cell' | 'checkbox' | 'combobox' | 'dialog' | 'heading' | 'link' | 'navigation' | 'option'

const catalogue = (name: string): Readonly<Record<string, string>> => {
  const path = new URL(`../../src/web/text/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
}
const CATALOGUES = { en: catalogue('en'), 'zh-Hans': catalogue('zh-Hans'), 'en-XB': catalogue('en') }

/** The pattern of a message, whole; what an argument leaves open may be anything. Throws where there is no such message. */
export function patternOf(language: Language, key: string, args: Args = {}): RegExp {
  return new RegExp(`^\\s*${sourceOf(language, key, args)}\\s*$`, 'u')
}

function sourceOf(language: Language, key: string, args: Args): string {
  const message = CATALOGUES[language][key]
  if (message === undefined) throw new Error(`the console has no message ${key}`)
  const pieces = parseMessage(message)
  return sourceOfPieces(language === 'en-XB' ? pseudoPieces(pieces) : pieces, args)
}

function sourceOfPieces(pieces: readonly Piece[], args: Args): string {
  return pieces
    .map((piece) => {
      // Beside a name, a space may be left out: Han has none beside Han.
      if (typeof piece === 'string') return RegExp.escape(piece).replaceAll(/^\\x20|\\x20$/g, '\\s?')
      if ('mark' in piece) return sourceOfPieces(piece.inside, args)
      if ('count' in piece) return '\\d[\\d,]*'
      if ('choice' in piece)
        return `(?:${[...piece.cases.values()].map((each) => sourceOfPieces(each, args)).join('|')})`
      const given = args[piece.arg]
      return given === undefined ? '.*?' : RegExp.escape(given)
    })
    .join('')
}

/** A page as somebody reads it and works on it: things are found by their role and what they are called. */
export class Reader {
  readonly page: Page
  readonly language: Language
  readonly hands: Hands

  constructor(page: Page, language: Language = 'en', hands: Hands = pointer) {
    this.page = page
    this.language = language
    this.hands = hands
  }

  says(key: string, args?: Args): RegExp {
    return patternOf(this.language, key, args)
  }

  by(role: Role, key: string, args?: Args): Locator {
    return this.page.getByRole(role, { name: this.says(key, args) })
  }

  field(key: string): Locator {
    return this.page.getByLabel(this.says(key))
  }

  text(key: string, args?: Args): Locator {
    return this.page.getByText(this.says(key, args))
  }

  press(key: string, args?: Args): Promise<void> {
    return this.hands.press(this.by('button', key, args).first())
  }

  follow(key: string, args?: Args): Promise<void> {
    return this.hands.press(this.by('link', key, args).first())
  }

  /** Goes to a place by the rail, whatever number of things waits behind its word. */
  goTo(key: string): Promise<void> {
    const name = new RegExp(this.says(key).source.replace(/\\s\*\$$/, String.raw`(?:\s*\d.*)?$`), 'u')
    return this.hands.press(this.by('navigation', 'nav.main').getByRole('link', { name }).first())
  }

  fill(key: string, value: string): Promise<void> {
    return this.hands.fill(this.field(key).last(), value)
  }

  /** Nothing on the page loads any more. */
  async settled(): Promise<void> {
    await this.page
      .getByRole('status', { name: this.says('loading') })
      .first()
      .waitFor({ state: 'detached' })
  }

  /** Goes to another page of the console without loading it anew. */
  async turnTo(address: string): Promise<void> {
    const url = JSON.stringify(address)
    await this.page.evaluate(`history.pushState(null, '', ${url}); dispatchEvent(new PopStateEvent('popstate'))`)
  }
}

// The rules that come with the program, as text that people read. They are part of what a set of rules is called by, so
// another version of the program never finds decisions of this one.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RuleFile } from './types.ts'

const load = (name: string): RuleFile => ({ name, text: readFileSync(new URL(name, import.meta.url), 'utf8') })

export const SCHEMA = load('schema.cedarschema').text
export const FLOOR = load('floor.cedar')
export const BASE = load('base.cedar')

/** The name of a set of rules: a hash of every text that decides in it. */
export function rulesId(own: readonly RuleFile[]): string {
  return hash('sha256', JSON.stringify([SCHEMA, FLOOR.text, BASE.text, own.map(({ name, text }) => [name, text])]))
}

export type SystemRule = {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly reason: string
  readonly file: string
  readonly line: number
  readonly text: string
}

const RULE = /^@id\("([^"]+)"\)\n@reason\("([^"]+)"\)\n(permit|forbid)\b[^;]*;/gm

/** The rules of a file of the program, in the order in which they are written, without a parser. */
export function systemRules({ name, text }: RuleFile): SystemRule[] {
  return [...text.matchAll(RULE)].map(([whole, id = '', reason = '', effect = 'forbid'], i, all) => {
    const line = text.slice(0, all[i]?.index).split('\n').length
    return { id, reason, effect: effect as SystemRule['effect'], file: name, line, text: whole }
  })
}

/** What an answer names before the rule that failed while it was asked. */
export const RULE_FAILED = 'rule.failed'

/** The sentences people read. Where no rule permits, the setting of the collection is what would have to be wider. */
export const REASONS: ReadonlyMap<string, string> = new Map([
  [RULE_FAILED, 'a rule fails when it is asked, so the answer is no'],
  ...[FLOOR, BASE].flatMap(systemRules).map(({ id, reason }): [string, string] => [id, reason]),
  ['share.named', 'the collection is shared with the members named, and this one is not'],
  ['share.community', 'the collection is shared with its communities and the members named, and this one is neither'],
  ['share.peers', 'the collection is shared with approved peers, and this one is not'],
  ['none.permits', 'no rule permits it'],
  ['undecided', 'the rules gave no clean answer, so it stays here'],
])

const ORDER = new Map([...REASONS.keys()].map((id, i) => [id, i]))

/** Rules in the order in which people read them: floors, base, then this member's own. */
export function inReadingOrder(ids: readonly string[]): string[] {
  return ids.toSorted((a, b) => (ORDER.get(a) ?? 1000) - (ORDER.get(b) ?? 1000) || (a < b ? -1 : 1))
}

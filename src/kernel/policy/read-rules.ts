// From the text of rules to what is known of each, with everything that is wrong in it: the place, the line, and what to
// do about it.
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import type { DetailedError, SourceLabel, ValidationAnswer } from '@cedar-policy/cedar-wasm/nodejs'
import { LIMITS } from '../limits.ts'
import { at, checkBounds, type Finding } from './bounds.ts'
import { SCHEMA } from './system.ts'
import type { RuleFile } from './types.ts'

export type Cedar = typeof CedarModule

/** What a rule is called and says, as it stands in its file. */
export type RuleInfo = {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly reason?: string
  readonly file: string
  readonly line: number
  readonly text: string
}

export type Checked = {
  readonly findings: readonly Finding[]
  readonly rules: readonly RuleInfo[]
  readonly names: Names
}

/** What rules speak of by name. */
export type Names = { readonly members: readonly string[]; readonly communities: readonly string[] }

export const NO_NAMES: Names = { members: [], communities: [] }

/** Rules of a member's own: bounds, grammar, schema, names. Where a finding is an error, they cannot be used. */
export function checkOwn(cedar: Cedar, files: readonly RuleFile[]): Checked {
  const findings = checkBounds(files)
  if (findings.length > 0) return { findings, rules: [], names: NO_NAMES }
  const read = files.map((file) => readFile(cedar, file))
  const rules = read.flatMap((each) => each.rules)
  return {
    findings: [...read.flatMap((each) => each.findings), ...checkNames(files, rules)],
    rules,
    names: {
      members: [...new Set(read.flatMap(({ names }) => names.members))].toSorted(),
      communities: [...new Set(read.flatMap(({ names }) => names.communities))].toSorted(),
    },
  }
}

/** One file of rules: what Cedar says of its grammar, and of what it reads against the schema. */
export function readFile(cedar: Cedar, file: RuleFile): Checked {
  const nothing = (findings: readonly Finding[]): Checked => ({ findings, rules: [], names: NO_NAMES })
  const parsed = cedar.checkParsePolicySet({ staticPolicies: file.text })
  if (parsed.type === 'failure') return nothing(parsed.errors.map((error) => finding(file, error, 'error')))
  const parts = cedar.policySetTextToParts(file.text)
  if (parts.type === 'failure') return nothing(parts.errors.map((error) => finding(file, error, 'error')))
  if (parts.policy_templates.length > 0) {
    const remedy = 'Write the member or the community where the slot (?principal, ?resource) stands.'
    const slot = Math.max(0, file.text.search(/\?(principal|resource)\b/))
    return nothing([at(file, slot, 'this is a template, and templates decide nothing', remedy)])
  }
  const valid = cedar.validate({ schema: SCHEMA, policies: { staticPolicies: file.text } })
  const named: Named = { Member: new Set(), Community: new Set() }
  let from = 0
  const rules = inOrder(parts.policies).map((text, i): RuleInfo => {
    from = Math.max(from, file.text.indexOf(text, from))
    const line = file.text.slice(0, from).split('\n').length
    from += text.length
    return { ...describe(cedar, text, named, `${file.name}#${i + 1}`), file: file.name, line, text }
  })
  const names = { members: [...named.Member], communities: [...named.Community] }
  return { findings: validity(file, valid), rules, names }
}

function describe(
  cedar: Cedar,
  text: string,
  named: Named,
  fallback: string,
): Pick<RuleInfo, 'id' | 'effect' | 'reason'> {
  const parsed = cedar.policyToJson(text)
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message)
  const { effect, annotations = {} } = parsed.json
  collectNames(parsed.json, named)
  const { id = fallback, reason } = annotations as { id?: string; reason?: string }
  return { id, effect, ...(reason === undefined ? {} : { reason: reason.slice(0, 300) }) }
}

type Named = { readonly Member: Set<string>; readonly Community: Set<string> }

/** Every `Member::"…"` and `Community::"…"` that a rule names, wherever in it. */
function collectNames(value: unknown, named: Named): void {
  if (typeof value !== 'object' || value === null) return
  const { type, id } = value as { type?: unknown; id?: unknown }
  if ((type === 'Member' || type === 'Community') && typeof id === 'string') named[type].add(id)
  for (const inner of Object.values(value)) collectNames(inner, named)
}

/** Cedar numbers rules `policy0`, `policy1` … and hands them out sorted by that name as text. */
function inOrder(texts: readonly string[]): string[] {
  const names = texts.map((_, i) => `policy${i}`).toSorted()
  return texts
    .map((text, i) => ({ text, at: Number((names[i] ?? '').slice(6)) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ text }) => text)
}

function checkNames(files: readonly RuleFile[], rules: readonly RuleInfo[]): Finding[] {
  const findings: Finding[] = []
  const seen = new Set<string>()
  for (const rule of rules) {
    const file = files.find(({ name }) => name === rule.file) as RuleFile
    const place = Math.max(0, file.text.indexOf(rule.text))
    if (/^(floor|share|allow|self|none)\.|^(undecided|rule\.failed)$/.test(rule.id))
      findings.push(at(file, place, `“${rule.id}” is a name of the node’s own rules`, 'Give the rule another @id.'))
    else if (!/^[\w.:#-]{1,100}$/.test(rule.id))
      findings.push(at(file, place, 'this @id is no name', 'Use letters, digits, “.”, “-”, “_”, at most 100.'))
    if (seen.has(rule.id))
      findings.push(at(file, place, `two rules are called “${rule.id}”`, 'Give each an @id of its own.'))
    seen.add(rule.id)
  }
  if (rules.length > LIMITS.policyRulesMax && files[0] !== undefined)
    findings.push(at(files[0], 0, `there are ${rules.length} rules`, `Use at most ${LIMITS.policyRulesMax}.`))
  return findings
}

function validity(file: RuleFile, answer: ValidationAnswer): Finding[] {
  if (answer.type === 'failure') return answer.errors.map((error) => finding(file, error, 'error'))
  return [
    ...answer.validationErrors.map(({ error }) => finding(file, error, 'error')),
    ...answer.validationWarnings.map(({ error }) => finding(file, error, 'warning')),
  ]
}

/** Cedar counts places in bytes of UTF-8. */
function finding(file: RuleFile, error: DetailedError, severity: Finding['severity']): Finding {
  const source: SourceLabel | undefined = error.sourceLocations?.[0]
  const index = Buffer.from(file.text)
    .subarray(0, source?.start ?? 0)
    .toString('utf8').length
  const message = error.message
    .replace(/^failed to parse policies from string: /, '')
    .replace(/^for policy `\w+`, /, '')
  return at(file, index, message, error.help ?? source?.label ?? 'See docs/operating/policy.md.', severity)
}

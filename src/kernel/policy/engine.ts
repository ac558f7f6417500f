// Cedar with the rules it holds, and its answers. It runs in the policy thread only: foreign rules may end the WebAssembly
// instance, which is then made anew.
import { createRequire } from 'node:module'
import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs'
import { checkOwn, NO_NAMES, readFile, type Cedar, type Checked, type RuleInfo } from './read-rules.ts'
import { toCall, type Ask } from './request.ts'
import { BASE, FLOOR, RULE_FAILED, rulesId, SCHEMA } from './system.ts'
import type { RuleFile } from './types.ts'

/** What Cedar said: the rules that decided, or why there is no answer. */
export type Verdict =
  | { readonly ok: true; readonly allow: boolean; readonly rules: readonly string[] }
  /** `unheard`: nobody answered at all, so it says nothing about this question. */
  | { readonly ok: false; readonly reason: string; readonly unheard?: true }

/** How many sets of rules are held at once; drafts come and go. */
const HELD_MAX = 8
const MODULE = '@cedar-policy/cedar-wasm/nodejs'
const require = createRequire(import.meta.url)

export class CedarEngine {
  /** Sets of rules that are parsed and held. */
  readonly #held = new Set<string>()
  #cedar: Cedar
  /** Floors and base: the same for every set, so they are read once. */
  #system: readonly RuleInfo[] | undefined
  /** What was checked last: rules that are set are checked and then held, and need be read only once for both. */
  #checked: { readonly id: string; readonly checked: Checked } | undefined

  constructor() {
    this.#cedar = this.#start()
  }

  /** The instance as it is now. */
  get cedar(): Cedar {
    return this.#cedar
  }

  /** Reads rules as far as a check goes. Never throws for what is in them. */
  check(files: readonly RuleFile[]): Checked {
    const id = rulesId(files)
    if (this.#checked?.id !== id) this.#checked = { id, checked: this.#read(files) }
    return this.#checked.checked
  }

  #read(files: readonly RuleFile[]): Checked {
    try {
      return checkOwn(this.#cedar, files)
    } catch (error) {
      this.#cedar = this.#start()
      const [file = ''] = files.map(({ name }) => name)
      const message = `these rules are too much for Cedar’s parser (${String(error).slice(0, 100)})`
      const place = { file, line: 1, column: 1, excerpt: '', severity: 'error' as const }
      return {
        findings: [{ ...place, message, remedy: 'Write shorter and flatter rules.' }],
        rules: [],
        names: NO_NAMES,
      }
    }
  }

  holds(id: string): boolean {
    return this.#held.has(id)
  }

  /** Parses floors, base and these rules, to decide by. Throws where anything does not fit: such rules decide nothing. */
  hold(own: readonly RuleFile[]): string {
    const id = rulesId(own)
    if (this.#held.has(id)) return id
    if (this.#held.size >= HELD_MAX) this.#cedar = this.#start()
    this.#system ??= readSystem(this.#cedar)
    this.#preparse(id, [...this.#system, ...usable(this.check(own))])
    return id
  }

  #preparse(id: string, rules: readonly Pick<RuleInfo, 'id' | 'text'>[]): void {
    const staticPolicies = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]))
    const answer = this.#cedar.preparsePolicySet(id, { staticPolicies })
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message)
    this.#held.add(id)
  }

  /** The answer of a set that is held. */
  decide(id: string, ask: Ask): Verdict {
    try {
      const call = { ...toCall(ask), preparsedPolicySetId: id, preparsedSchemaName: 'schema', validateRequest: true }
      return toVerdict(this.#cedar.statefulIsAuthorized(call))
    } catch (error) {
      this.#cedar = this.#start()
      return { ok: false, reason: `Cedar stopped (${String(error)})` }
    }
  }

  /** A fresh instance that holds nothing but the schema. */
  #start(): Cedar {
    delete require.cache[require.resolve(MODULE)]
    const cedar = require(MODULE) as Cedar
    this.#held.clear()
    const answer = cedar.preparseSchema('schema', SCHEMA)
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message)
    return cedar
  }
}

function readSystem(cedar: Cedar): RuleInfo[] {
  const floor = usable(readFile(cedar, FLOOR))
  const permitted = floor.find(({ effect }) => effect === 'permit')
  if (permitted !== undefined) throw new Error(`${permitted.id} permits: a floor only forbids`)
  return [...floor, ...usable(readFile(cedar, BASE))]
}

/** The rules of what was checked. Throws where anything does not fit. */
function usable({ findings, rules }: Checked): readonly RuleInfo[] {
  const error = findings.find(({ severity }) => severity === 'error')
  if (error !== undefined) throw new Error(`${error.file}:${error.line}: ${error.message}`)
  return rules
}

/**
 * Cedar skips a rule that fails, and a prohibition that is skipped permits: so where one fails the answer is a no, by
 * that rule, as it would be each time. It is a no to this question alone.
 */
export function toVerdict(answer: AuthorizationAnswer): Verdict {
  if (answer.type === 'failure') return { ok: false, reason: answer.errors[0]?.message ?? 'Cedar gave no answer' }
  const { decision, diagnostics } = answer.response
  const failed = diagnostics.errors[0]
  if (failed !== undefined) return { ok: true, allow: false, rules: [RULE_FAILED, failed.policyId] }
  return { ok: true, allow: decision === 'allow', rules: diagnostics.reason }
}

// What people of this member do with policy: look at it, try rules, ask why. Rules that are only being tried are read and
// asked in threads of their own.
import { Fault } from '../fault.ts'
import type { Tlp } from '../marking.ts'
import { loadNamedPrincipal } from '../standing.ts'
import type { Reader } from '../store/types.ts'
import type { Candidate, Egress } from '../egress.ts'
import { PolicyCaller } from './caller.ts'
import { explain } from './explain.ts'
import { askOf } from './judge.ts'
import { matrix } from './matrix.ts'
import { findingFault, loadVersion } from './own-rules.ts'
import { ownPeople, preview, readableByFloors, type Holding, type Recipient } from './preview.ts'
import { reach, type Intent } from './reach.ts'
import type { Checked } from './read-rules.ts'
import { NO_OWN_RULES, toRules } from './rules.ts'
import { BASE, FLOOR, RULE_FAILED, systemRules } from './system.ts'
import type { Principal, RuleFile } from './types.ts'
import type { ExplainView, MatrixView, PolicyView, PreviewEvent, ReachView } from './wire.ts'

export type PolicyDeskDeps = {
  readonly store: Reader
  readonly egress: Egress
  /** Everybody who may ask for something: peers, clients, the public. */
  readonly recipients: () => Promise<Recipient[]>
  readonly holdings: () => Promise<Holding[]>
  readonly examples: (holding: Holding) => Promise<string[]>
  /** How a record with this label would stand in a collection. */
  readonly intentOf: (collection: string, tlp: Tlp) => Promise<Intent>
  /** Every version of a record that is here. */
  readonly versionsOf: (
    id: string,
  ) => Promise<(Candidate & { readonly version?: string; readonly collection: number; readonly title: string })[]>
}

export class PolicyDesk implements Disposable {
  readonly deps: PolicyDeskDeps
  readonly #drafts = new PolicyCaller()
  #previewing = false

  constructor(deps: PolicyDeskDeps) {
    this.deps = deps
  }

  /** The rules in force, or as they were in a version. */
  async view(version?: number): Promise<PolicyView> {
    const found = await loadVersion(this.deps.store, version)
    if (found === undefined && version !== undefined && version !== 0)
      throw new Fault('not-found', `there is no version ${version} of the rules`, {
        remedy: 'See comity policy history.',
      })
    const newest = version === undefined ? found : await loadVersion(this.deps.store)
    const own = version === 0 ? undefined : found
    return {
      version: own?.version ?? 0,
      ...(own === undefined ? {} : { since: own.at, actor: own.actor }),
      inForce: (own?.version ?? 0) === (newest?.version ?? 0),
      floors: systemRules(FLOOR),
      base: systemRules(BASE),
      own: [...(own?.own ?? [])],
      files: [...(own?.files ?? [])],
    }
  }

  check(files: readonly RuleFile[]): Promise<Checked> {
    return this.#drafts.check(files)
  }

  /** Who may have what as the rules stand: a page of the classes that `reader` may read, against every recipient. */
  async matrix(reader: Principal, page: { readonly from: number; readonly limit: number }): Promise<MatrixView> {
    const { egress, recipients, holdings } = this.deps
    return matrix({ egress, reader, recipients: await recipients(), holdings: await holdings(), ...page })
  }

  /**
   * What would change for the classes that `reader` may read by the floors: this member's own rules hide nothing from who
   * tries others. Throws for rules that cannot be set; one preview at a time.
   */
  async preview(reader: Principal, files: readonly RuleFile[]): Promise<AsyncGenerator<PreviewEvent>> {
    const { findings, rules, names } = await this.check(files)
    const wrong = findings.find(({ severity }) => severity === 'error')
    if (wrong !== undefined) throw findingFault(wrong)
    if (this.#previewing) throw new Fault('busy', 'another preview is under way', { remedy: 'Wait until it is done.' })
    const { egress, recipients, holdings, examples } = this.deps
    const now = await egress.judge.rules()
    return this.#run(async function* (callers) {
      yield* preview({
        inForce: { rules: now, caller: callers[0], known: (questions) => egress.judge.known(questions) },
        draft: { rules: toRules(now.version + 1, files, rules, names), caller: callers[1] },
        recipients: await recipients(),
        own: ownPeople(reader),
        holdings: await readableByFloors(callers[0], reader, await holdings()),
        examples,
      })
    })
  }

  /** Who would receive a record with this label in a collection, and why the others would not. */
  async reach(collection: string, tlp: Tlp): Promise<ReachView> {
    const { egress, recipients, intentOf } = this.deps
    return reach(egress.judge, await intentOf(collection, tlp), await recipients())
  }

  async *#run(
    work: (callers: readonly [PolicyCaller, PolicyCaller]) => AsyncGenerator<PreviewEvent>,
  ): AsyncGenerator<PreviewEvent> {
    this.#previewing = true
    using inForce = new PolicyCaller()
    using draft = new PolicyCaller()
    try {
      yield* work([inForce, draft])
    } finally {
      this.#previewing = false
    }
  }

  /**
   * Why a record is or is not for somebody (a member, `public` or `self`), and what would have to change. Whoever asks
   * hears only of what they may read themselves.
   */
  async explain(
    reader: Principal,
    { id, to, via }: { readonly id: string; readonly to: string; readonly via: 'peer' | 'machine' },
  ): Promise<ExplainView> {
    const { store, egress, versionsOf } = this.deps
    const principal = await loadNamedPrincipal(store, to, via)
    const versions: ExplainView['versions'] = []
    for (const { version, collection, title, ...candidate } of await versionsOf(id)) {
      const question = await egress.question(principal, collection, candidate)
      if (question === undefined || !(await this.#mayHear(reader, collection, candidate))) continue
      const { decision, changes } = await explain(egress.judge, question)
      const rules = []
      for (const rule of decision.rules)
        rules.push({ id: rule, reason: rule === decision.rule ? decision.reason : await egress.sentence(rule) })
      versions.push({
        ...(version === undefined ? {} : { version }),
        tlp: question.subject.marking.tlp,
        collection: title,
        allow: decision.allow,
        rules,
        changes: changes.map((each) => [...each]),
      })
    }
    if (versions.length === 0)
      throw new Fault('not-found', `no record ${id.slice(0, 100)} is here`, {
        remedy: 'Search for it: comity search WORDS.',
      })
    return { id, to, versions }
  }

  /** Whether somebody may hear why. Where one of this member's rules fails for them, the program's rules alone say so. */
  async #mayHear(reader: Principal, collection: number, candidate: Candidate): Promise<boolean> {
    const { egress } = this.deps
    const { allow, rule } = await egress.explain(reader, collection, candidate)
    const question = rule === RULE_FAILED ? await egress.question(reader, collection, candidate) : undefined
    if (question === undefined) return allow
    const [verdict] = await this.#drafts.decide(NO_OWN_RULES.files, [askOf(NO_OWN_RULES, question)])
    return verdict?.ok === true && verdict.allow
  }

  [Symbol.dispose](): void {
    this.#drafts[Symbol.dispose]()
  }
}

import { readFileSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { ApiClient } from '#client/client.ts'
import { Fault, type FaultCode } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type {
  CheckView,
  ExplainView,
  Flow,
  PolicyView,
  PreviewEvent,
  PreviewView,
  ReachView,
  RulesVersion,
  RuleView,
} from '#kernel/policy/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { confirm } from './confirm.ts'
import { safeText, type Output } from './output.ts'

type Files = { readonly name: string; readonly text: string }[]

export const command: Command = {
  name: 'policy',
  summary: 'Who may have what: the floors, what sharing means, and rules of your own (Cedar).',
  usage: [
    'policy show [--version N] [--text]',
    'policy check FILE…',
    'policy preview FILE…',
    'policy set FILE… [--reason TEXT] [--yes]',
    'policy reset [--yes]',
    'policy explain ID --to MEMBER [--machine]',
    'policy reach COLLECTION --tlp LABEL',
    'policy history',
  ],
  options: {
    to: { type: 'string', placeholder: 'MEMBER', description: 'For whom: a member id, public, or self.' },
    machine: { type: 'boolean', description: 'For a program that acts for them, not for their node or people.' },
    version: { type: 'string', placeholder: 'N', description: 'Rules of your own as they were in this version.' },
    tlp: {
      type: 'string',
      placeholder: 'LABEL',
      description: 'The label a record would have: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.',
    },
    reason: { type: 'string', placeholder: 'TEXT', description: 'Why these rules are set; it stands in the history.' },
    text: { type: 'boolean', description: 'Print the rules themselves too.' },
    yes: {
      type: 'boolean',
      description: 'Set them also where more flows than before, or a rule fails, without asking.',
    },
  },
  examples: [
    'comity policy check policy/*.cedar',
    'comity policy preview policy/*.cedar',
    'comity policy set policy/*.cedar',
    'comity policy reach advisories --tlp GREEN',
    'comity policy explain indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --to cert.example',
  ],
  run: async (context) => {
    const [verb = 'show'] = context.positionals
    const { out } = context
    if (verb === 'check') return check(context)
    const client = await context.node()
    if (verb === 'show') return show(context, client)
    if (verb === 'history') return history(out, await client.get('/policy/versions'))
    if (verb === 'explain') return explain(context, client)
    if (verb === 'reach') return reach(context, client)
    if (verb === 'preview') {
      printPreview(out, await preview(context, client, readFiles(context)))
      return 0
    }
    if (verb === 'set') return set(context, client, readFiles(context))
    if (verb === 'reset') return set(context, client, [])
    throw noVerb('policy', verb)
  },
}

/** The named files; where none is named, those in the data folder's `policy/`. */
function readFiles(context: CliContext): Files {
  const named = context.positionals.slice(1).map((file) => resolve(context.cwd, file))
  const paths = named.length > 0 ? named : rulesOfFolder(context)
  return paths.map((path) => ({ name: basename(path), text: readText(path) }))
}

function rulesOfFolder(context: CliContext): string[] {
  const folder = join(context.dataDir, 'policy')
  let names: string[] = []
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.cedar'))
  } catch {
    // There is no such folder: then there is nothing in it.
  }
  if (names.length > 0) return names.toSorted().map((name) => join(folder, name))
  throw new Fault('input.invalid', `no file is named, and ${folder} has no rules`, {
    place: 'the command line',
    remedy: 'Name the files, for example: comity policy check policy/*.cedar',
  })
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > LIMITS.policyBytesMax)
      throw new Fault('input.too-large', `the file has ${bytes.length} bytes`, {
        place: path,
        remedy: `Rules have at most ${LIMITS.policyBytesMax} bytes together.`,
      })
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (cause instanceof TypeError)
      throw new Fault('input.invalid', 'the file is not UTF-8', {
        place: path,
        remedy: 'Save it as plain text.',
        cause,
      })
    throw new Fault('not-found', 'the file with the rules cannot be read', { place: path, cause })
  }
}

/** Needs no node: Cedar and the schema are part of the program. */
async function check(context: CliContext): Promise<number> {
  const { PolicyCaller } = await import('#kernel/policy/caller.ts')
  using caller = new PolicyCaller()
  const { findings, rules } = await caller.check(readFiles(context))
  return report(context.out, { findings: [...findings], rules: [...rules] })
}

function report(out: Output, { findings, rules }: CheckView): number {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  out.data({ ok: errors === 0, findings, rules })
  for (const { file, line, column, message, remedy, excerpt, severity } of findings) {
    out.line(`${safeText(file)}:${line}:${column}: ${severity}: ${safeText(message)}`)
    if (excerpt.trim() !== '') {
      out.line(`    ${safeText(excerpt)}`)
      out.line(`    ${' '.repeat(Math.max(0, column - 1))}^`)
    }
    out.line(`    ${safeText(remedy)}`)
  }
  out.line(errors === 0 ? `${rules.length} rules, and they hold together` : `${errors} errors`)
  return errors === 0 ? 0 : 1
}

async function show(context: CliContext, client: ApiClient): Promise<number> {
  const { out } = context
  const policy = await client.get<PolicyView>('/policy', { version: stringOption(context, 'version') })
  const text = context.values['text'] === true
  out.data(policy)
  out.line('Floors, which nothing weakens:')
  printRules(out, policy.floors, text)
  out.line('What the sharing of a collection means:')
  printRules(out, policy.base, text)
  if (policy.version === 0) out.line('There are no rules of your own. See docs/operating/policy.md.')
  else
    out.line(
      `Rules of your own, version ${policy.version}, set ${policy.since ?? ''} by ${safeText(policy.actor ?? '')}${policy.inForce ? '' : ', NOT IN FORCE'}:`,
    )
  printRules(out, policy.own, text)
  return 0
}

function printRules(out: Output, rules: readonly RuleView[], text: boolean): void {
  for (const { id, effect, reason = '', text: whole } of rules) {
    out.line(`  ${effect.padEnd(6)}  ${safeText(id).padEnd(20)}  ${safeText(reason)}`)
    if (text) for (const line of whole.split('\n')) out.line(`            ${safeText(line)}`)
  }
  out.line()
}

function history(out: Output, page: { items: RulesVersion[] }): number {
  out.data(page)
  if (page.items.length === 0) out.line('there were never rules of your own')
  else
    out.table(
      ['VERSION', 'SET', 'BY', 'FILES', 'RULES', 'WHY'],
      page.items.map(({ version, at, actor, files, rules, reason }) => [
        String(version),
        at,
        actor,
        files.join(' ') || '(none)',
        String(rules.length),
        reason,
      ]),
    )
  return 0
}

async function explain(context: CliContext, client: ApiClient): Promise<number> {
  const { out } = context
  const id = requirePositional(context, 1, 'the id of a record')
  const to = stringOption(context, 'to')
  if (to === undefined)
    throw new Fault('input.invalid', '--to is missing', {
      place: 'the command line',
      remedy: 'Say for whom: --to MEMBER, --to public or --to self.',
    })
  const via = context.values['machine'] === true ? 'machine' : 'peer'
  const answer = await client.get<ExplainView>('/policy/explain', { id, to, via })
  out.data(answer)
  for (const { version, tlp, collection, allow, rules, changes } of answer.versions) {
    out.line(
      `version ${version ?? '(none)'}, TLP:${tlp}, in ${safeText(collection)}: ${allow ? 'YES' : 'NO'} for ${to}`,
    )
    for (const rule of rules) out.line(`  ${safeText(rule.reason)} [${safeText(rule.id)}]`)
    if (allow) continue
    if (changes.length === 0) out.line('  nothing that this member could change about it alone would do')
    else out.line('  any of these would change it:')
    for (const each of changes) out.line(`    ${each.map((words) => safeText(words)).join(', and ')}`)
  }
  return 0
}

async function reach(context: CliContext, client: ApiClient): Promise<number> {
  const { out } = context
  const collection = requirePositional(context, 1, 'the collection it would go into')
  const tlp = (stringOption(context, 'tlp') ?? '').toUpperCase()
  const answer = await client.post<ReachView>('/policy/reach', { collection, tlp })
  out.data(answer)
  for (const { to, allow, rule, reason } of answer.items)
    out.line(`${allow ? 'YES' : 'NO '}  ${safeText(to)}: ${safeText(reason)} [${safeText(rule)}]`)
  if (answer.items.length === 0) out.line('nobody outside this member: there is no approved peer and no client')
  return 0
}

async function preview({ out }: CliContext, client: ApiClient, files: Files): Promise<PreviewView> {
  for await (const event of client.lines<PreviewEvent>('/policy/preview', { files })) {
    if (event.kind === 'progress') out.progress(`${event.done} of ${event.of} decisions`)
    else if (event.kind === 'result') return event
    else throw new Fault(event.code as FaultCode, event.message, event)
  }
  throw new Fault('internal', 'the preview ended without a result')
}

function printPreview(out: Output, result: PreviewView): void {
  const { newly, stops, unread, failing, idle } = result
  out.data(result)
  out.line(`${result.records} records in ${result.classes} classes, ${result.recipients} recipients`)
  printFlows(out, 'Would newly flow', newly)
  printFlows(out, 'Would stop', stops)
  if (stops.records > 0) out.line('What was given stays with who has it; withdraw it apart if you mean that.')
  if (unread.records > 0) printFlows(out, 'Your own people and programs would not see any more', unread)
  if (failing.length > 0)
    out.line(`Rules that FAIL when they are asked, so that the answer is no: ${failing.map(safeText).join(', ')}`)
  if (idle.length > 0) out.line(`Rules that decide nothing that is here today: ${idle.map(safeText).join(', ')}`)
}

const FLOWS_SHOWN = 20

function printFlows(out: Output, title: string, side: PreviewView['newly']): void {
  out.line()
  out.line(side.records === 0 ? `${title}: nothing` : `${title}: ${side.records} records, to ${side.to}`)
  if (side.flows.length === 0) return
  out.table(['TO', 'COLLECTION', 'MARKING', 'RECORDS', 'RULE'], side.flows.slice(0, FLOWS_SHOWN).map(rowOf))
  if (side.flows.length > FLOWS_SHOWN) out.line(`… and ${side.flows.length - FLOWS_SHOWN} more; --json lists them`)
  for (const id of side.flows.flatMap(({ examples }) => examples).slice(0, 3)) out.line(`  for example ${safeText(id)}`)
}

function rowOf({ to, collection, marking, records, rule }: Flow): string[] {
  return [to, collection, marking, String(records), rule]
}

async function set(context: CliContext, client: ApiClient, files: Files): Promise<number> {
  const { out } = context
  const checked = await client.post<CheckView>('/policy/check', { files })
  if (checked.findings.some(({ severity }) => severity === 'error')) return report(out, checked)
  const result = await preview(context, client, files)
  if (!out.json) printPreview(out, result)
  out.line()
  const doubt = doubtOf(result)
  if (doubt !== undefined && context.values['yes'] !== true) await confirm(`${doubt}. Set these rules?`)
  const policy = await client.put<PolicyView>('/policy', {
    files,
    after: result.version,
    reason: stringOption(context, 'reason') ?? '',
  })
  out.data({ version: policy.version, since: policy.since, newly: result.newly, stops: result.stops })
  out.line(`version ${policy.version} is in force: ${policy.own.length} rules of your own`)
  return 0
}

/** What a person should say yes to first. */
function doubtOf({ newly, failing }: PreviewView): string | undefined {
  if (newly.records > 0) return `${newly.records} records would newly flow`
  return failing.length > 0 ? `Rules fail when they are asked (${failing.map(safeText).join(', ')})` : undefined
}

import { Fault } from '#kernel/fault.ts'
import type { WarningDeedView, WarningView } from '#warning/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { safeText, type Output } from './output.ts'

export const command: Command = {
  name: 'warnings',
  summary: 'Warnings: where what is known in the federation touches what this member protects.',
  usage: [
    'warnings [--state STATE] [--asset NAME] [--assigned USER] [--follow]',
    'warnings show NUMBER',
    'warnings acknowledge NUMBER [--note TEXT]',
    'warnings close NUMBER --note TEXT',
    'warnings assign NUMBER --to USER',
    'warnings mute NUMBER --until TIME --note TEXT',
    'warnings unmute NUMBER',
    'warnings deeds NUMBER',
  ],
  options: {
    state: { type: 'string', description: 'new, acknowledged, closed, retracted, or open for the first two.' },
    asset: { type: 'string', placeholder: 'NAME', description: 'Only for this asset.' },
    assigned: { type: 'string', placeholder: 'USER', description: 'Only whose it is; - for nobody’s.' },
    follow: { type: 'boolean', short: 'f', description: 'Go on printing as warnings come and change.' },
    note: { type: 'string', placeholder: 'TEXT', description: 'What was done, or why nothing needs to be.' },
    to: { type: 'string', placeholder: 'USER', description: 'Whose it is from now on; - for nobody’s.' },
    until: { type: 'string', placeholder: 'TIME', description: 'Quiet until then, like 2026-01-31T12:00:00Z.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const client = await context.node()
    const path = `/warnings/${encodeURIComponent(requirePositional(context, 1, 'the number of the warning'))}`
    if (verb === 'show') return show(context.out, await client.get<WarningView>(path))
    const said = saidBy(context, verb)
    if (said !== undefined) return show(context.out, await client.post<WarningView>(`${path}/${verb}`, said))
    if (verb === 'deeds') return deeds(context.out, await client.get<Deeds>(`${path}/deeds`))
    throw noVerb('warnings', verb)
  },
}

/** What is sent for what people do about a warning; undefined for other verbs. */
function saidBy(context: CliContext, verb: string): object | undefined {
  const need = (name: string): string => {
    const value = stringOption(context, name)
    if (value !== undefined) return value
    throw new Fault('input.invalid', `--${name} is missing`, {
      place: 'the command line',
      remedy: `See “comity help warnings”: warnings ${verb} takes --${name}.`,
    })
  }
  const note = stringOption(context, 'note')
  if (verb === 'acknowledge') return note === undefined ? {} : { note }
  if (verb === 'close') return { note: need('note') }
  if (verb === 'assign') return { to: need('to').replace(/^-$/, '') }
  if (verb === 'mute') return { until: need('until'), reason: need('note') }
  return verb === 'unmute' ? {} : undefined
}

type Deeds = { readonly items: readonly WarningDeedView[] }

function deeds(out: Output, page: Deeds): number {
  out.data(page)
  if (page.items.length === 0) out.line('nothing was done about it yet')
  else
    out.table(
      ['TIME', 'WHO', 'WHAT', 'DETAIL'],
      page.items.map((each) => [each.at, each.actor, each.what, JSON.stringify(each.detail)]),
    )
  return 0
}

async function list(context: CliContext): Promise<number> {
  const { out, signal } = context
  const client = await context.node()
  const page = await client.get<{ items: WarningView[]; next?: string }>('/warnings', {
    state: stringOption(context, 'state'),
    asset: stringOption(context, 'asset'),
    assigned: stringOption(context, 'assigned')?.replace(/^-$/, ''),
    limit: stringOption(context, 'limit'),
    cursor: stringOption(context, 'cursor'),
  })
  out.data(page)
  if (page.items.length === 0) out.line('no warnings')
  else
    out.table(
      ['NUMBER', 'STATE', 'ASSET', 'WHAT', 'WHO SAID IT', 'TLP', 'SINCE'],
      page.items.map((each) => [
        String(each.id),
        each.state,
        each.asset,
        each.what,
        each.author,
        each.tlp,
        each.firstSeen,
      ]),
    )
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  if (context.values['follow'] !== true) return 0
  for await (const warning of client.events<WarningView>('/warnings/stream', signal)) show(out, warning)
  return 0
}

function show(out: Output, warning: WarningView): number {
  out.data(warning)
  out.line(
    `${warning.id}  ${warning.state.toUpperCase()}${warning.reason === '' ? '' : ` (${safeText(warning.reason)})`}  ${safeText(warning.asset)}: ${safeText(warning.what)}`,
  )
  out.line(
    `    said by ${warning.author}${warning.tlp === '' ? '' : `, TLP:${warning.tlp}`}, ${safeText(warning.object)}`,
  )
  if (warning.assigned !== undefined) out.line(`    ${warning.assigned} has taken it on`)
  if (warning.muted !== undefined) out.line(`    quiet until ${warning.muted.until}: ${safeText(warning.muted.reason)}`)
  for (const match of warning.matches)
    out.line(`    ${match.kind} ${safeText(defang(match.value))} touches ${safeText(match.watched)}, ${match.at}`)
  if (warning.proof !== undefined) out.line(`    proof: leaf ${warning.proof.index} of ${warning.proof.origin}`)
  return 0
}

/** So that nobody clicks it by accident. */
function defang(value: string): string {
  return value.replace(/^http/i, 'hxxp').replaceAll('.', '[.]')
}

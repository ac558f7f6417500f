import { Fault } from '#kernel/fault.ts'
import type { WarningView } from '#warning/wire.ts'
import { requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { safeText, type Output } from './output.ts'

export const command: Command = {
  name: 'warnings',
  summary: 'Warnings: where what is known in the federation touches what this member protects.',
  usage: [
    'warnings [--state STATE] [--asset NAME] [--follow]',
    'warnings show NUMBER',
    'warnings acknowledge NUMBER [--note TEXT]',
    'warnings close NUMBER [--note TEXT]',
  ],
  options: {
    state: { type: 'string', description: 'new, acknowledged, closed or retracted.' },
    asset: { type: 'string', placeholder: 'NAME', description: 'Only for this asset.' },
    follow: { type: 'boolean', short: 'f', description: 'Go on printing as warnings come and change.' },
    note: { type: 'string', placeholder: 'TEXT', description: 'What was done, or why nothing needs to be.' },
    limit: { type: 'string', placeholder: 'N', description: 'How many at most (default 50).' },
    cursor: { type: 'string', placeholder: 'C', description: 'Continue where the last page ended.' },
  },
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const client = await context.node()
    const path = `/warnings/${encodeURIComponent(requirePositional(context, 1, 'the number of the warning'))}`
    const note = stringOption(context, 'note')
    if (verb === 'show') return show(context.out, await client.get<WarningView>(path))
    if (verb === 'acknowledge' || verb === 'close')
      return show(context.out, await client.post<WarningView>(`${path}/${verb}`, note === undefined ? {} : { note }))
    throw new Fault('input.invalid', `there is no “warnings ${verb}”`, {
      place: 'the command line',
      remedy: 'See comity warnings --help.',
    })
  },
}

async function list(context: CliContext): Promise<number> {
  const { out, signal } = context
  const client = await context.node()
  const page = await client.get<{ items: WarningView[]; next?: string }>('/warnings', {
    state: stringOption(context, 'state'),
    asset: stringOption(context, 'asset'),
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
  for (const match of warning.matches)
    out.line(`    ${match.kind} ${safeText(defang(match.value))} touches ${safeText(match.watched)}, ${match.at}`)
  if (warning.proof !== undefined) out.line(`    proof: leaf ${warning.proof.index} of ${warning.proof.origin}`)
  return 0
}

/** So that nobody clicks it by accident. */
function defang(value: string): string {
  return value.replace(/^http/i, 'hxxp').replaceAll('.', '[.]')
}

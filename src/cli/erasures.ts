import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import type { AnswerView } from '#kernel/answer-shape.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage } from './listing.ts'
import type { Output } from './output.ts'

export const command: Command = {
  name: 'erasures',
  summary:
    'Erasing: what this member erased and what each recipient answered; what others took back here, and answering them.',
  usage: [
    'erasures list [--q WORDS] [--limit N] [--cursor C]',
    'erasures asked [--waiting] [--q WORDS] [--limit N] [--cursor C]',
    'erasures honour NUMBER',
    'erasures refuse NUMBER --reason TEXT',
  ],
  options: {
    waiting: { type: 'boolean', description: 'With “asked”: only what waits for you.' },
    reason: { type: 'string', placeholder: 'TEXT', description: 'Why it is refused; its author is told.' },
    ...listOptions('the record, the member or the reason'),
  },
  examples: [
    'comity erasures asked --waiting',
    'comity erasures refuse 1768435200000000 --reason "evidence in a court case"',
  ],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context, await getPage<ErasuresPage>(context, '/erasures'))
    if (verb === 'asked') return asked(context)
    if (verb === 'honour' || verb === 'refuse') return answer(context, verb)
    throw noVerb('erasures', verb)
  },
}

function list({ out, values }: CliContext, page: ErasuresPage): number {
  out.data(page)
  if (page.items.length === 0)
    out.line(values['q'] === undefined ? 'this member erased nothing' : 'nothing has these words')
  printErasures(out, page)
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  return 0
}

/** Each own erase and what its recipients answered. */
export function printErasures(out: Output, { items, scrubbing }: ErasuresPage): void {
  for (const { record, leaf, items: places, reason, at, recipients } of items) {
    out.line(`${record ?? `item ${places.join(', ')} of leaf ${leaf}`}: erased ${at}, ${reason}`)
    printAnswers(out, recipients)
  }
  if (scrubbing) out.line('Traces in files of this node are still being removed.')
}

/** What became of something that was taken back, at each of those who had it. */
export function printAnswers(out: Output, answers: readonly AnswerView[]): void {
  if (answers.length === 0) out.line('  nobody had been given it')
  else
    out.table(
      ['MEMBER', 'ANSWER', 'SINCE', 'WHY'],
      answers.map((each) => [each.member, sayAnswer(each), each.since, each.reason ?? '']),
    )
}

/** What those answered who had something that was taken back. */
export function sayAnswer({ answer, received, passedOn }: AnswerView): string {
  if (answer !== 'none') return passedOn === true ? `${answer}, had it from another` : answer
  return received ? 'has been told, no answer' : 'not reached, no answer'
}

async function asked(context: CliContext): Promise<number> {
  const waiting = context.values['waiting'] === true ? 'true' : undefined
  return tellPage(context, await getPage<AskedPage>(context, '/erasures/asked', { waiting }), {
    head: ['NUMBER', 'MEMBER', 'ASKED', 'ABOUT', 'REASON', 'ANSWER', 'WHEN', 'TOLD'],
    row: (each) => [
      String(each.number),
      each.member,
      `${each.kind} leaf ${each.leaf}`,
      each.records.map(({ id }) => id).join(' '),
      each.reason,
      each.answer === 'asked' ? 'waits for you' : `${each.answer}${each.why === undefined ? '' : `: ${each.why}`}`,
      each.at,
      each.receipt ? 'yes' : 'not yet',
    ],
    empty: waiting === undefined ? 'nobody took anything back here' : 'nothing waits for you',
  })
}

async function answer(context: CliContext, verb: 'honour' | 'refuse'): Promise<number> {
  const number = requirePositional(context, 1, 'the number of what was asked')
  const reason = stringOption(context, 'reason')
  const client = await context.node()
  await client.post(`/erasures/asked/${encodeURIComponent(number)}`, {
    answer: verb,
    ...(reason === undefined ? {} : { reason }),
  })
  context.out.data({ number: Number(number), answer: verb })
  context.out.line(verb === 'honour' ? 'erased; its author is told' : 'kept for yourself alone; its author is told why')
  return 0
}

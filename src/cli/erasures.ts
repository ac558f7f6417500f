import type { ApiClient } from '#client/client.ts'
import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import { noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import type { Output } from './output.ts'

export const command: Command = {
  name: 'erasures',
  summary:
    'Erasing: what this member erased and what each recipient answered; what others asked to erase here, and answering them.',
  usage: ['erasures list', 'erasures asked', 'erasures honour NUMBER', 'erasures refuse NUMBER --reason TEXT'],
  options: {
    reason: { type: 'string', placeholder: 'TEXT', description: 'Why it is refused; its author is told.' },
  },
  examples: ['comity erasures asked', 'comity erasures refuse 1768435200000000 --reason "evidence in a court case"'],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    const client = await context.node()
    if (verb === 'list') return list(context.out, await client.get<ErasuresPage>('/erasures', { limit: 200 }))
    if (verb === 'asked') return asked(context.out, await client.get<AskedPage>('/erasures/asked', { limit: 200 }))
    if (verb === 'honour' || verb === 'refuse') return answer(context, client, verb)
    throw noVerb('erasures', verb)
  },
}

function list(out: Output, page: ErasuresPage): number {
  out.data(page)
  if (page.items.length === 0) out.line('this member erased nothing')
  else printErasures(out, page)
  return 0
}

/** Each own erase and what its recipients answered. */
export function printErasures(out: Output, { items, scrubbing }: ErasuresPage): void {
  for (const { record, leaf, items: places, reason, at, recipients } of items) {
    out.line(`${record ?? `item ${places.join(', ')} of leaf ${leaf}`}: erased ${at}, ${reason}`)
    if (recipients.length === 0) out.line('  nobody had been given it')
    else
      out.table(
        ['MEMBER', 'ANSWER', 'SINCE', 'WHY'],
        recipients.map((each) => [each.member, sayAnswer(each), each.since, each.reason ?? '']),
      )
  }
  if (scrubbing) out.line('Traces in files of this node are still being removed.')
}

function sayAnswer({ answer, received, passedOn }: ErasuresPage['items'][number]['recipients'][number]): string {
  if (answer !== 'none') return passedOn === true ? `${answer}, had it from another` : answer
  return received ? 'has been told, no answer' : 'not reached, no answer'
}

function asked(out: Output, page: AskedPage): number {
  out.data(page)
  if (page.items.length === 0) out.line('nobody took anything back here')
  else
    out.table(
      ['NUMBER', 'MEMBER', 'ASKED', 'REASON', 'ANSWER', 'WHEN', 'TOLD'],
      page.items.map((each) => [
        String(each.number),
        each.member,
        `${each.kind} leaf ${each.leaf}`,
        each.reason,
        each.answer === 'asked' ? 'waits for you' : `${each.answer}${each.why === undefined ? '' : `: ${each.why}`}`,
        each.at,
        each.receipt ? 'yes' : 'not yet',
      ]),
    )
  return 0
}

async function answer(context: CliContext, client: ApiClient, verb: 'honour' | 'refuse'): Promise<number> {
  const number = requirePositional(context, 1, 'the number of what was asked')
  const reason = stringOption(context, 'reason')
  await client.post(`/erasures/asked/${encodeURIComponent(number)}`, {
    answer: verb,
    ...(reason === undefined ? {} : { reason }),
  })
  context.out.data({ number: Number(number), answer: verb })
  context.out.line(verb === 'honour' ? 'erased; its author is told' : 'kept for yourself alone; its author is told why')
  return 0
}

import { createInterface } from 'node:readline/promises'
import { Fault } from '#kernel/fault.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { sayKept } from './kept.ts'
import { safeText } from './output.ts'

export const command: Command = {
  name: 'erase',
  summary:
    'Erase a record here, and ask everyone who received it to erase it. What is gone cannot be brought back. A copy once given cannot be forced back.',
  usage: [
    'erase ID --reason personal-data|sent-in-error|legal|expired [--version TIME] [--keep-header] [--yes]',
    'erase ID --only-here --reason personal-data|sent-in-error|legal|expired [--version TIME] [--yes]',
  ],
  options: {
    reason: { type: 'string', description: 'personal-data, sent-in-error, legal or expired.' },
    version: {
      type: 'string',
      placeholder: 'TIME',
      description: 'Only the version of this time; all versions without it.',
    },
    'keep-header': {
      type: 'boolean',
      description: 'Keep the header (who, when, marking) of statements of which nothing else stays.',
    },
    'only-here': {
      type: 'boolean',
      description: 'Erase this node’s copies of what other members said, and ask nobody.',
    },
    yes: { type: 'boolean', description: 'Do not ask.' },
  },
  examples: [
    'comity erase indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --reason personal-data',
    'comity erase indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --only-here --reason legal',
  ],
  run: async (context) => {
    const client = await context.node()
    const { out } = context
    const id = requirePositional(context, 0, 'the id of a record')
    const version = stringOption(context, 'version')
    const onlyHere = context.values['only-here'] === true
    if (context.values['yes'] !== true)
      await confirm(context, await client.get<RecordDetail>(`/records/${encodeURIComponent(id)}`))
    const answer = await client.post<{ erased: number; statements: number[]; kept?: boolean }>('/erasures', {
      id,
      reason: stringOption(context, 'reason') ?? '',
      ...(version === undefined ? {} : { version }),
      ...(context.values['keep-header'] === true ? { keepHeader: true } : {}),
      ...(onlyHere ? { onlyHere } : {}),
    })
    out.data(answer)
    if (answer.kept === true) return sayKept(out)
    out.line(`${answer.erased} version${answer.erased === 1 ? '' : 's'} erased here`)
    if (onlyHere) out.line('Nobody else was asked. It is passed on to nobody any more, and is not taken in again.')
    else out.line('What each recipient answers: comity erasures. Backups: docs/operating/taking-back.md')
    return 0
  },
}

/** Shows who has copies and waits for the id to be typed. */
async function confirm({ out }: CliContext, { id, versions }: RecordDetail): Promise<void> {
  if (out.json || !process.stdin.isTTY)
    throw new Fault('input.invalid', 'erasing cannot be undone, and there is nobody to ask', {
      place: 'the command line',
      remedy: 'Add --yes.',
    })
  for (const { version, name, recipients } of versions) {
    out.line(`version ${version ?? '(none)'}${name === undefined ? '' : `, ${safeText(name)}`}`)
    for (const { member, at } of recipients) out.line(`  ${member} has had it since ${at ?? 'an unknown time'}`)
    if (recipients.length === 0) out.line('  nobody was given it by this node')
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    if ((await lines.question('Type its id to erase it: ')).trim() === id) return
  } finally {
    lines.close()
  }
  throw new Fault('input.invalid', 'that is not its id; nothing was erased')
}

import { requirePositional, stringOption, type Command } from './args.ts'
import { sayKept } from './kept.ts'

export const command: Command = {
  name: 'withdraw',
  summary:
    'Take a record back. Everyone who received it is told, stops showing it and retracts the warnings it caused. A copy once given cannot be forced back.',
  usage: ['withdraw ID --reason false-positive|expired|revoked|sent-in-error|legal [--version TIME]'],
  options: {
    reason: { type: 'string', description: 'false-positive, expired, revoked, sent-in-error or legal.' },
    version: {
      type: 'string',
      placeholder: 'TIME',
      description: 'Only the version of this time; all versions without it.',
    },
  },
  run: async (context) => {
    const client = await context.node()
    const id = requirePositional(context, 0, 'the id of a record')
    const version = stringOption(context, 'version')
    const answer = await client.post<{ withdrawn: number; kept?: boolean }>('/withdrawals', {
      id,
      reason: stringOption(context, 'reason') ?? '',
      ...(version === undefined ? {} : { version }),
    })
    context.out.data(answer)
    if (answer.kept === true) return sayKept(context.out)
    context.out.line(`${answer.withdrawn} version${answer.withdrawn === 1 ? '' : 's'} withdrawn`)
    return 0
  },
}

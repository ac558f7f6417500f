import { Fault } from '#kernel/fault.ts'
import { stringOption, type Command } from './args.ts'

export const command: Command = {
  name: 'leave',
  summary: 'Leave for good: say so in the log, tell the peers, and sign nothing more. It cannot be taken back.',
  usage: ['leave --confirm MEMBER'],
  options: {
    confirm: {
      type: 'string',
      placeholder: 'MEMBER',
      description: 'This member’s own name, so that nobody leaves by mistake.',
    },
  },
  examples: ['comity leave --confirm cert.example'],
  run: async (context) => {
    const confirm = stringOption(context, 'confirm')
    if (confirm === undefined)
      throw new Fault('input.invalid', '--confirm is missing', {
        place: 'the command line',
        remedy: 'Leaving cannot be taken back. Name this member: comity leave --confirm your-name.example',
      })
    const client = await context.node()
    const answer = await client.post<{ index: number }>('/leave', { confirm })
    context.out.data(answer)
    context.out.line(`${confirm} has left: its log ends with statement ${answer.index}.`)
    context.out.line('Let the node run until every peer has asked once more (comity peer list), then stop it.')
    context.out.line('Peers keep what they have. To take records back or erase them, that had to come before.')
    return 0
  },
}

import type { HomeView, LeftView, NeedView } from '../home/wire.ts'
import { numberOption, type Command } from './args.ts'

export const command: Command = {
  name: 'status',
  summary: 'What waits for a person, how the peers are, and what left this node in the last hours.',
  usage: ['status [--hours 24]'],
  options: {
    hours: { type: 'string', placeholder: 'N', description: 'How far back to look at what left (default 24).' },
  },
  run: async (context) => {
    const { out } = context
    const client = await context.node()
    const home = await client.get<HomeView>('/home')
    const left = await client.get<LeftView>('/left', { hours: numberOption(context, 'hours') })
    out.data({ home, left })
    const { k, n, enough } = home.log.witnessed
    out.line(`${home.log.size} statements in the log, witnessed ${k} of ${n}${enough ? '' : ' (not enough)'}`)
    out.line()
    if (home.needs.length === 0) out.line('Nothing waits for you.')
    else out.table(['WAITS', 'HOW MANY', 'ABOUT', 'SINCE', 'WHY'], home.needs.map(needRow))
    if (home.peers.length > 0) {
      out.line()
      out.table(
        ['PEER', 'STATE', 'LAST CONTACT', 'BEHIND', 'WAITING', 'WITNESSES'],
        home.peers.map((each) => [
          each.member,
          each.state,
          each.lastContact ?? '',
          String(each.behind),
          String(each.waiting),
          String(each.witnesses),
        ]),
      )
    }
    out.line()
    if (left.items.length === 0) out.line(`Nothing left this node since ${left.since}.`)
    else
      out.table(
        ['LEFT FOR', 'WAY', 'HOW MANY', 'LAST', 'RULES'],
        left.items.map((each) => [each.to, each.way, String(each.count), each.last, each.rules.join(' ')]),
      )
    return 0
  },
}

function needRow({ kind, count, about = '', since = '', reason = '' }: NeedView): string[] {
  return [kind, String(count), about, since, reason]
}

import type { PathView } from '#sharing/wire.ts'
import { requirePositional, type Command } from './args.ts'

export const command: Command = {
  name: 'path',
  summary: 'A shortest way between two records, over relationships and references.',
  usage: ['path FROM TO'],
  options: {},
  examples: [
    'comity path campaign--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b',
  ],
  run: async (context) => {
    const from = requirePositional(context, 0, 'the id where the way begins')
    const to = requirePositional(context, 1, 'the id where it ends')
    const client = await context.node()
    const way = await client.get<PathView>('/graph/path', { from, to })
    context.out.data(way)
    if (!way.found)
      context.out.line(
        way.whole ? 'no way leads there' : 'no way was found within what was looked at; there may be one',
      )
    else
      context.out.table(
        ['TLP', 'TYPE', 'NAME', 'THEN', 'ID'],
        way.nodes.map((node, at) => {
          const edge = way.edges[at]
          const then = edge === undefined ? '' : edge.from === node.id ? `${edge.word} →` : `← ${edge.word}`
          return [node.tlp ?? '', node.type, (node.name ?? '').slice(0, 40), then, node.id]
        }),
      )
    return 0
  },
}

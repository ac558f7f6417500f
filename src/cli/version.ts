import { VERSION } from '#src/version.ts'
import type { Command } from './args.ts'

export const command: Command = {
  name: 'version',
  summary: 'Print the version',
  usage: ['version'],
  options: {},
  run: async ({ out }) => {
    out.line(VERSION)
    out.data({ version: VERSION, node: process.version })
    return 0
  },
}

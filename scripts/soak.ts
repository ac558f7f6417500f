// `npm run soak`: every test that goes round at random, many more times: leaks, crashes, fuzz, the society. Arguments are
// names of files instead of all, or options of the runner.
import { globSync, readFileSync } from 'node:fs'

process.env['COMITY_SOAK'] = '1'
const random = globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).filter((file) =>
  readFileSync(file, 'utf8').includes(`'#test/rounds.ts'`),
)
if (process.argv.slice(2).every((arg) => arg.startsWith('-'))) process.argv.splice(2, 0, ...random)
await import('./test.ts')

// `npm test`: all tests in one process, then those that start real node processes. Arguments are handed on to the
// runner: names of files instead of all, or its options.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { once } from 'node:events'

const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const named = args.filter((arg) => !arg.startsWith('-'))

const found = named.length > 0 ? named : globSync(['src/**/*.test.ts', 'test/**/*.test.ts'])
const files = found.filter((file) => !file.endsWith('.proc.test.ts'))
const processes = found.filter((file) => file.endsWith('.proc.test.ts'))

async function run(paths: readonly string[], isolation: 'none' | 'process'): Promise<number> {
  if (paths.length === 0) return 0
  const flags = ['--test', `--test-isolation=${isolation}`, '--test-reporter=spec', ...options]
  if (isolation === 'process') flags.push('--test-concurrency=1')
  const child = spawn(process.execPath, [...flags, ...paths.toSorted()], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

const inProcess = await run(files, 'none')
const outside = await run(processes, 'process')
process.exitCode = inProcess === 0 && outside === 0 ? 0 : 1

// `npm test`: all tests in one process, and beside it, one after the other, those that want a process of their own
// (`*.proc.test.ts`: they start real nodes, or take long). Arguments are handed on to the runner: names of files instead
// of all, or its options.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { once } from 'node:events'

const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const named = args.filter((arg) => !arg.startsWith('-'))

const found = named.length > 0 ? named : globSync(['src/**/*.test.ts', 'test/**/*.test.ts'])
const files = found.filter((file) => !file.endsWith('.proc.test.ts'))
const processes = found.filter((file) => file.endsWith('.proc.test.ts'))

/** Runs files and returns the runner's exit code. What is printed waits in `held` where another run has the terminal. */
async function run(paths: readonly string[], isolation: 'none' | 'process', held?: Buffer[]): Promise<number> {
  if (paths.length === 0) return 0
  const flags = ['--test', `--test-isolation=${isolation}`, '--test-reporter=spec', ...options]
  if (isolation === 'process') flags.push('--test-concurrency=1')
  const child = spawn(process.execPath, [...flags, ...paths.toSorted()], {
    stdio: ['inherit', held === undefined ? 'inherit' : 'pipe', 'inherit'],
  })
  child.stdout?.on('data', (chunk: Buffer) => held?.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}

const output: Buffer[] = []
const [outside, inProcess] = await Promise.all([run(processes, 'process', output), run(files, 'none')])
process.stdout.write(Buffer.concat(output))
process.exitCode = inProcess === 0 && outside === 0 ? 0 : 1

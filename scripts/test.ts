// `npm test`: all tests in one process, and beside it, file by file, those that want a process of their own
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

/** Runs files and returns the runner's exit code. What is printed goes whole to `held` where another run has the terminal. */
async function run(paths: readonly string[], isolation: 'none' | 'process', held?: Buffer[]): Promise<number> {
  if (paths.length === 0) return 0
  const flags = ['--test', `--test-isolation=${isolation}`, '--test-reporter=spec', ...options]
  const child = spawn(process.execPath, [...flags, ...paths.toSorted()], {
    stdio: ['inherit', held === undefined ? 'inherit' : 'pipe', 'inherit'],
  })
  const printed: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  held?.push(...printed)
  return code ?? 1
}

/** Takes files from the queue, one after the other, until none is left. Returns the highest exit code. */
async function drain(queue: string[], held: Buffer[]): Promise<number> {
  let code = 0
  for (let file = queue.shift(); file !== undefined; file = queue.shift())
    code = Math.max(code, await run([file], 'process', held))
  return code
}

// The longest first, so that none of them is left over for the end.
const LONGEST = ['leak', 'society', 'console.proc', 'work', 'crash']
const turn = (file: string): number => {
  const place = LONGEST.findIndex((name) => file.includes(name))
  return place < 0 ? LONGEST.length : place
}
const queue = processes.toSorted((a, b) => turn(a) - turn(b))
const output: Buffer[] = []
const beside = drain(queue, output)
const inProcess = await run(files, 'none')
const outside = Math.max(await drain(queue, output), await beside)
process.stdout.write(Buffer.concat(output))
console.log(inProcess === 0 && outside === 0 ? 'all tests passed' : 'some tests failed, see above')
process.exitCode = inProcess === 0 && outside === 0 ? 0 : 1

// `npm run check`: types, lint, format, tests. Each says nothing where it has nothing to say.
// The linter and the formatter are no part of the program: they are installed beside it when this first runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { installTools } from './tools.ts'

const TOOLS = '.cache/tools'
const VERSIONS = ['oxlint@1.94.0', 'oxlint-tsgolint@7.0.2007', 'oxfmt@0.78.0']

async function run(command: readonly string[]): Promise<boolean> {
  const [program = '', ...args] = command
  const env = { ...process.env, OXLINT_TSGOLINT_PATH: resolve(TOOLS, 'node_modules/.bin/tsgolint') }
  const child = spawn(program, args, { stdio: 'inherit', env })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}

const node = process.execPath
const tool = (name: string): string[] => [node, `${TOOLS}/node_modules/${name}/bin/${name}`]
const steps: readonly (readonly [string, readonly string[]])[] = process.argv.includes('--format')
  ? [['format', tool('oxfmt')]]
  : [
      ['types', [node, 'node_modules/typescript/bin/tsc', '-p', '.']],
      ['types of the console', [node, 'node_modules/typescript/bin/tsc', '-p', 'src/web']],
      ['lint', [...tool('oxlint'), '--type-aware']],
      ['format', [...tool('oxfmt'), '--check']],
      ...(process.argv.includes('--no-tests') ? [] : [['tests', [node, 'scripts/test.ts']] as const]),
    ]

if (!(await installTools(TOOLS, VERSIONS))) {
  console.error('the linter and the formatter could not be installed; is a package registry reachable?')
  process.exitCode = 1
} else {
  for (const [name, command] of steps) {
    const fine = await run(command)
    console.log(`${name}: ${fine ? 'ok' : 'failed'}`)
    if (fine) continue
    process.exitCode = 1
    break
  }
}

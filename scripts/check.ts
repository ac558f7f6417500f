// `npm run check`: types, lint, format, tests. Each says nothing where it has nothing to say.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const bin = (path: string): string[] => [process.execPath, `node_modules/${path}`]

const steps: readonly (readonly [string, readonly string[]])[] = [
  ['types', [...bin('typescript/bin/tsc'), '-p', '.']],
  ['lint', [...bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings']],
  ['format', [...bin('oxfmt/bin/oxfmt'), '--check']],
  ...(process.argv.includes('--no-tests') ? [] : [['tests', [process.execPath, 'scripts/test.ts']] as const]),
]

for (const [name, command] of steps) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  console.log(`${name}: ${code === 0 ? 'ok' : 'failed'}`)
  if (code !== 0) {
    process.exitCode = 1
    break
  }
}

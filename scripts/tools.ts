// Native programs that are installed beside the program (docs/decisions/tools-beside-the-program.md): each set into a
// folder of its own below `.cache`, at exact versions, once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const nameOf = (spec: string): string => spec.slice(0, spec.lastIndexOf('@'))

/** Installs packages (`name@1.2.3`) into a folder unless they are there. Answers whether they are there now. */
export async function installTools(folder: string, specs: readonly string[]): Promise<boolean> {
  if (specs.every((spec) => versionIn(folder, nameOf(spec)) === spec.slice(spec.lastIndexOf('@') + 1))) return true
  mkdirSync(folder, { recursive: true })
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const child = spawn('npm', ['install', ...flags, '--prefix', folder, ...specs], { stdio: ['ignore', 2, 2] })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}

function versionIn(folder: string, name: string): string | undefined {
  const path = join(folder, 'node_modules', name, 'package.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : undefined
}

/** Packages below a folder that are not byte for byte those of the list (`name@version` to SRI hash). */
export function strangersIn(folder: string, known: Readonly<Record<string, string>>): string[] {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity?: string }>
  }
  return Object.entries(lock.packages)
    .map(([path, { version, integrity }]) => ({
      spec: `${path.replace(/^.*node_modules\//, '')}@${version}`,
      integrity,
    }))
    .filter(({ spec, integrity }) => integrity === undefined || known[spec] !== integrity)
    .map(({ spec }) => spec)
}

export function removeTools(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Runs a program with what it says on standard error. Its exit code; undefined where it runs on after `ms`, by itself. */
export async function runAtMost(program: string, args: readonly string[], ms: number): Promise<number | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit').then(([code]) => Number(code ?? 1))
  const over = new AbortController()
  const late = setTimeout(ms, undefined, { signal: over.signal }).catch(() => undefined)
  const code = await Promise.race([exited, late])
  over.abort()
  child.unref()
  return code
}

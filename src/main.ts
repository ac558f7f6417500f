// Arguments and signals; the only file that starts anything, and the only one that knows the real world.
import { resolve } from 'node:path'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { unlockFrom, type Unlock } from '#kernel/passphrase.ts'
import {
  explain,
  forCommand,
  parseCommandArgs,
  stringOption,
  type CliContext,
  type Command,
  type Flags,
  type Parsed,
} from '#cli/args.ts'
import { COMMANDS, overview } from '#cli/commands.ts'
import { fileFault } from '#cli/file.ts'
import { NodeAccess } from '#cli/node-access.ts'
import { askPassphrase } from '#cli/passphrase.ts'
import { makeOutput, safeText, type Output } from '#cli/output.ts'
import type { Config } from './config.ts'
import { nearest } from './nearest.ts'
import type { RunningNode } from './start.ts'

const streams = { stdout: process.stdout, stderr: process.stderr, monotonicMs: () => performance.now() }

async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args
  if (name === 'help' || name === '--help' || name === '-h') return help(rest[0])
  const out = makeOutput(rest.includes('--json'), streams)
  try {
    const command = await find(name)
    const parsed = parseCommandArgs(command, rest)
    if (parsed.values['help'] === true) {
      process.stdout.write(explain(command))
      return 0
    }
    return await run(command, parsed, out)
  } catch (error) {
    const fault = error instanceof Fault ? error : fileFault(error)
    if (fault === undefined) throw error
    out.fault(forCommand(fault, name))
    return fault.place === 'the command line' ? 2 : 1
  }
}

async function help(name: string | undefined): Promise<number> {
  process.stdout.write(name === undefined || COMMANDS[name] === undefined ? overview() : explain(await find(name)))
  return 0
}

async function find(name: string): Promise<Command> {
  const entry = COMMANDS[name]
  if (entry !== undefined) return (await entry.load()).command
  throw new Fault('input.invalid', `there is no command “${safeText(name.slice(0, 40))}”`, {
    place: 'the command line',
    remedy: `Did you mean “comity ${nearest(name, Object.keys(COMMANDS))}”? “comity help” lists all.`,
  })
}

async function run(command: Command, parsed: Parsed, out: Output): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal))
  const cwd = process.cwd()
  const dataDir = resolve(cwd, stringOption(parsed, 'data-dir') ?? process.env['COMITY_DATA_DIR'] ?? 'comity-data')
  const monotonicMs = (): number => performance.now()
  await using access = new NodeAccess({ dataDir, start: (folder) => startAlone(folder, cwd) })
  const context: CliContext = {
    ...parsed,
    out,
    env: process.env,
    clock: systemClock,
    signal: stop.signal,
    cwd,
    monotonicMs,
    dataDir,
    node: () => access.client(),
    unlock: async () => keySource(await configure({ 'data-dir': dataDir }, cwd))(),
    setUp: async (flags) => {
      const { startSetUp } = await import('./set-up.ts')
      return startSetUp(await configure(flags, cwd), { clock: systemClock, random: systemRandom })
    },
    serve: async (flags) => startServing(await configure(flags, cwd)),
  }
  return await command.run(context)
}

/** Settings are read by who needs them: what checks them takes longer to load than most commands to run. */
async function configure(flags: Flags, cwd: string): Promise<Config> {
  const { resolveConfig } = await import('./config.ts')
  return resolveConfig({ cwd, flags, env: process.env })
}

async function startServing(config: Config): Promise<RunningNode> {
  const { startNode } = await import('./start.ts')
  return startNode(config, () => performance.now(), keySource(config))
}

/** A node for one command: answers on a free port of loopback, calls nobody by itself. */
async function startAlone(dataDir: string, cwd: string): Promise<RunningNode> {
  const [{ startNode }, { addressOf, resolveConfig }] = await Promise.all([import('./start.ts'), import('./config.ts')])
  const flags = { 'data-dir': dataDir, host: '127.0.0.1', port: '0', tls: 'off', 'log-level': 'error' }
  const settings = resolveConfig({ cwd, flags: { 'data-dir': dataDir }, env: process.env })
  const { keys, federation, outbound } = settings
  const config = { ...resolveConfig({ cwd: dataDir, flags, env: {} }), keys, federation, outbound }
  return startNode(
    { ...config, publicUrl: undefined, alone: { openedAt: addressOf(settings) } },
    () => performance.now(),
    keySource(config),
  )
}

/** What the settings say, or else the person at the terminal. */
function keySource({ keys }: Config): Unlock {
  return unlockFrom(keys, () => askPassphrase({ confirm: false }))
}

// A reader that went away (`comity … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await main(process.argv.slice(2))

// The frame of the command line: commands are data, and this reads arguments for them and explains them.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { Fault, SHAPES_REMEDY } from '#kernel/fault.ts'
import type { Clock } from '#kernel/clock.ts'
import type { ApiClient } from '#client/client.ts'
import type { Output } from './output.ts'

export type OptionSpec = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  /** What stands behind the name in the help, e.g. `FILE`. */
  readonly placeholder?: string
  readonly description: string
}
export type OptionsSpec = Readonly<Record<string, OptionSpec>>

export type Command = {
  /** `import`, `collection add`. */
  readonly name: string
  readonly summary: string
  readonly usage: readonly string[]
  readonly options: OptionsSpec
  readonly examples?: readonly string[]
  /** Returns the exit code: 0, or 1 where the thing asked for did not hold. Throws Faults for what went wrong. */
  readonly run: (context: CliContext) => Promise<number>
}

export type CliContext = {
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly out: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Ends with Ctrl-C or a termination signal. */
  readonly signal: AbortSignal
  readonly cwd: string
  readonly monotonicMs: () => number
  /** The data folder the command is about. */
  readonly dataDir: string
  /** The node of that folder: the running one, or one started for this command alone. */
  readonly node: () => Promise<ApiClient>
  /** The passphrase of the folder's keys, from the settings or from the person at the terminal. */
  readonly unlock: () => Promise<string>
  /** Opens the page where a member is made, on this machine only, with these flags. */
  readonly setUp: (flags: Flags) => Promise<SetUpPage>
  /** Starts the node of the data folder for good, with these flags. */
  readonly serve: (flags: Flags) => Promise<ServingNode>
}

export type Flags = Readonly<Record<string, string | boolean | undefined>>

export type SetUpPage = AsyncDisposable & {
  readonly link: string
  readonly code: string
  /** Resolves when there is a member. */
  readonly done: Promise<void>
}

export type ServingNode = AsyncDisposable & {
  readonly url: string
  readonly publicUrl: string
  readonly identity: { readonly member: string }
  /** Where people open it, and a code for a first administrator where there is none yet. */
  readonly gate: {
    readonly site: { readonly origins: readonly string[] }
    readonly firstAdministrator: (
      given?: string,
    ) => Promise<{ readonly code: string; readonly link: string } | undefined>
  }
}

export const COMMON_OPTIONS: OptionsSpec = {
  'data-dir': {
    type: 'string',
    placeholder: 'DIR',
    description: 'The data folder (default: ./comity-data, or COMITY_DATA_DIR).',
  },
  json: { type: 'boolean', description: 'Print JSON for programs instead of text for people.' },
  help: { type: 'boolean', short: 'h', description: 'Explain this command.' },
}

export type Parsed = Pick<CliContext, 'positionals' | 'values'>

/** Reads the arguments behind a command's name. Throws `input.invalid` that names the argument. */
export function parseCommandArgs(command: Command, args: readonly string[]): Parsed {
  const options: ParseArgsOptionsConfig = {}
  for (const [name, { type, short, multiple }] of Object.entries({ ...command.options, ...COMMON_OPTIONS }))
    options[name] = { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) }
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { positionals, values: values as Parsed['values'] }
  } catch (error) {
    throw new Fault('input.invalid', (error as Error).message.split(/\.\s/)[0] ?? 'these arguments do not fit', {
      place: 'the command line',
      remedy: `See “comity ${command.name} --help”.`,
    })
  }
}

/** A failure for whoever typed a command: of the interface behind it they need know nothing. */
export function forCommand(fault: Fault, name: string): Fault {
  if (fault.remedy !== SHAPES_REMEDY) return fault
  const { code, message, place = 'the request' } = fault
  return new Fault(code, message, { place, remedy: `See “comity ${name} --help”.`, cause: fault })
}

/** The value of an option that takes one. */
export function stringOption(context: Pick<CliContext, 'values'>, name: string): string | undefined {
  const value = context.values[name]
  return typeof value === 'string' ? value : undefined
}

export function listOption(context: Pick<CliContext, 'values'>, name: string): readonly string[] {
  const value = context.values[name]
  if (value === undefined || typeof value === 'boolean') return []
  return typeof value === 'string' ? [value] : value
}

/** A whole number, or undefined where the option is not given. */
export function numberOption(context: Pick<CliContext, 'values'>, name: string): number | undefined {
  const text = stringOption(context, name)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Fault('input.invalid', `“${text.slice(0, 40)}” is no number`, { place: `--${name}` })
}

/** What is switched: yes, no, or undefined where it stays as it is. */
export function yesOrNo(context: Pick<CliContext, 'values'>, name: string): boolean | undefined {
  const text = stringOption(context, name)
  if (text === undefined || text === 'yes' || text === 'no') return text === undefined ? undefined : text === 'yes'
  throw new Fault('input.invalid', `--${name} is yes or no`, { place: `--${name}` })
}

/** A positional argument that must be there. */
export function requirePositional(context: Pick<CliContext, 'positionals'>, at: number, what: string): string {
  const value = context.positionals[at]
  if (value !== undefined) return value
  throw new Fault('input.invalid', `${what} is missing`, {
    place: 'the command line',
    remedy: 'Add --help to see how this command is used.',
  })
}

/** What to throw where a command has no such verb. */
export function noVerb(command: string, verb: string): Fault {
  return new Fault('input.invalid', `there is no “${command} ${verb.slice(0, 40)}”`, {
    place: 'the command line',
    remedy: `See comity ${command} --help.`,
  })
}

/** Bytes, with K, M or G for powers of 1024. */
export function parseSize(text: string, place: string): number {
  const [, digits = '', unit = ''] = /^([1-9][0-9]{0,11})([KMG]?)$/i.exec(text) ?? []
  if (digits !== '') return Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit.toUpperCase())
  throw new Fault('input.invalid', `“${text.slice(0, 40)}” is no size`, {
    place,
    remedy: 'Give bytes, or a number with K, M or G: 650M.',
  })
}

/** What `--help` prints. */
export function explain(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS })
  const names = options.map(([name, { short, type, placeholder }]) => {
    const value = type === 'string' ? ` ${placeholder ?? 'VALUE'}` : ''
    return `${short === undefined ? '' : `-${short}, `}--${name}${value}`
  })
  const width = Math.max(...names.map((name) => name.length))
  const lines = [
    command.summary,
    '',
    ...command.usage.map((usage) => `  comity ${usage}`),
    '',
    ...options.map(([, option], i) => `  ${(names[i] ?? '').padEnd(width)}  ${option.description}`),
  ]
  if (command.examples !== undefined)
    lines.push('', 'For example:', ...command.examples.map((example) => `  ${example}`))
  return `${lines.join('\n')}\n`
}

// How a command reaches the node of a data folder: the one that runs, by what it wrote into the folder, or else one
// started inside this process for as long as the command takes, on a free port of loopback.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeClient, type ApiClient, type Endpoint } from '#client/client.ts'
import { Fault } from '#kernel/fault.ts'

export type NodeAccessOptions = {
  readonly dataDir: string
  /** Starts a node inside this process; only `main` can. */
  readonly start: (dataDir: string) => Promise<AsyncDisposable & { readonly url: string }>
}

export class NodeAccess implements AsyncDisposable {
  readonly #options: NodeAccessOptions
  readonly #stack = new AsyncDisposableStack()
  #client: Promise<ApiClient> | undefined

  constructor(options: NodeAccessOptions) {
    this.#options = options
  }

  client(): Promise<ApiClient> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async #connect(): Promise<ApiClient> {
    const { dataDir } = this.#options
    if (!existsSync(join(dataDir, 'admin.token')))
      throw new Fault('not-found', 'there is no node here yet', {
        place: dataDir,
        remedy: 'Make one with “comity init --member your-name.example”, or name the folder with --data-dir.',
      })
    const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim()
    const running = readRunning(dataDir)
    if (running !== undefined) return makeClient({ ...running, token })
    const node = this.#stack.use(await this.#options.start(dataDir))
    return makeClient({ url: node.url, token })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** What the running node wrote about itself; undefined where none runs (a leftover of a crash does not count). */
export function readRunning(dataDir: string): Omit<Endpoint, 'token'> | undefined {
  const path = join(dataDir, 'run.json')
  if (!existsSync(path)) return undefined
  const { url, pid, certificate } = JSON.parse(readFileSync(path, 'utf8')) as {
    url: string
    pid: number
    certificate?: string
  }
  return isAlive(pid) ? { url, ...(certificate === undefined ? {} : { certificate }) } : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

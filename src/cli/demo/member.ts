// One member of the demo: a data folder and a real node process on it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeClient, type ApiClient } from '#client/client.ts'
import { Fault } from '#kernel/fault.ts'

/** The command people run. */
const COMITY = fileURLToPath(new URL('../../../comity', import.meta.url))
/** How long a node may take to be ready on a busy machine. */
const READY_MS_MAX = 60_000

export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs one command of this program to its end. */
export async function runCommand(args: readonly string[]): Promise<Finished> {
  const child = spawn(COMITY, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? 1, stdout: stdout(), stderr: stderr() }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  return () => text
}

/** Where others reach a member, and whether it reaches them. */
export type Place = { readonly publicUrl?: string; readonly cutOff?: boolean }

export class Member implements AsyncDisposable {
  readonly name: string
  readonly folder: string
  readonly url: string
  readonly client: ApiClient
  readonly #child: ChildProcess

  private constructor(name: string, folder: string, url: string, child: ChildProcess) {
    this.name = name
    this.folder = folder
    this.url = url
    this.#child = child
    this.client = makeClient({ url, token: readFileSync(join(folder, 'admin.token'), 'utf8').trim() })
  }

  /**
   * Starts the node of a folder on a free port of loopback and waits until it answers. Its log goes to `node.log` there.
   * One that is `cutOff` reaches nobody, though others reach it.
   */
  static async start(name: string, folder: string, { publicUrl, cutOff = false }: Place = {}): Promise<Member> {
    const log = openSync(join(folder, 'node.log'), 'a', 0o600)
    const args = ['serve', '--data-dir', folder, '--port', '0', '--pull-seconds', '3600', '--json']
    if (publicUrl !== undefined) args.push('--public-url', publicUrl)
    if (!cutOff) args.push('--allow-private')
    const child = spawn(COMITY, [...args], { stdio: ['ignore', 'pipe', log] })
    const ready = Promise.withResolvers<string>()
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const line = text.split('\n').find((each) => each.startsWith('{"member"'))
      if (line !== undefined) ready.resolve((JSON.parse(line) as { url: string }).url)
    })
    child.once('exit', (code) =>
      ready.reject(
        new Fault('internal', `the node of ${name} ended with ${code}`, { place: join(folder, 'node.log') }),
      ),
    )
    const timer = setTimeout(
      () => ready.reject(new Fault('internal', `the node of ${name} did not start in time`)),
      READY_MS_MAX,
    )
    try {
      return new Member(name, folder, await ready.promise, child)
    } catch (error) {
      child.kill('SIGTERM')
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

// A node that is measured: a real process on a data folder of its own, driven the way its users drive it.
import { mkdirSync, readFileSync } from 'node:fs'
import { Agent, request as requestHttp } from 'node:http'
import { join } from 'node:path'
import { Member, runCommand } from '#cli/demo/member.ts'

const TAXII = 'application/taxii+json;version=2.1'

/** Makes a member with one collection, `bench`, that its peers may have, and starts its node. */
export async function startMember(folder: string, name: string): Promise<Member> {
  const data = join(folder, name)
  mkdirSync(folder, { recursive: true })
  await must(['init', '--member', name, '--data-dir', data])
  const member = await Member.start(name, data)
  await member.client.post('/collections', {
    title: 'Bench',
    alias: 'bench',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  return member
}

export async function must(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(args)
  if (code !== 0) throw new Error(`comity ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

export type Imported = { readonly read: number; readonly added: number; readonly seconds: number }

/** Imports a file with the command people use, in a process of its own. */
export async function importFile(member: Member, file: string): Promise<Imported> {
  const { stdout } = await runCommand(['import', file, '-c', 'bench', '--json', '--data-dir', member.folder])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Imported
}

/** Anonymous resident memory of the node, MB. */
export function ownMemory(member: Member): number {
  const { pid } = JSON.parse(readFileSync(join(member.folder, 'run.json'), 'utf8')) as { pid: number }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024)
}

/** What the live writer says its settings are. */
export async function settingsOf(member: Member): Promise<string> {
  const text = (await new TaxiiClient(member.url, '').get('/metrics')).body.toString('utf8')
  const labels = /^comity_store_info\{([^}]*)\}/m.exec(text)?.[1] ?? ''
  return labels.replaceAll('"', '').replaceAll(',', ', ')
}

export type Answer = { readonly body: Buffer; readonly ms: number; readonly status: number }

/** One kept-alive connection to a node, counting the time from the request to the last byte of the answer. */
export class TaxiiClient implements Disposable {
  readonly #url: string
  readonly #secret: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(url: string, secret: string) {
    this.#url = url
    this.#secret = secret
  }

  static async for(member: Member): Promise<TaxiiClient> {
    const { secret } = await member.client.post<{ secret: string }>('/clients', {
      name: 'bench',
      actsFor: 'self',
      grants: [{ collection: 'bench', read: true, write: true }],
    })
    return new TaxiiClient(member.url, secret)
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send('GET', path, headers)
  }

  post(path: string, body: Uint8Array): Promise<Answer> {
    return this.#send('POST', path, { 'content-type': TAXII }, body)
  }

  async #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array,
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const started = performance.now()
    const request = requestHttp(
      `${this.#url}${path}`,
      {
        method,
        agent: this.#agent,
        headers: {
          accept: path === '/metrics' ? '*/*' : TAXII,
          'accept-encoding': 'identity',
          authorization: `Bearer ${this.#secret}`,
          ...headers,
        },
      },
      (response) => {
        Array.fromAsync(response as AsyncIterable<Buffer>).then(
          (chunks) =>
            resolve({
              body: Buffer.concat(chunks),
              ms: performance.now() - started,
              status: response.statusCode ?? 0,
            }),
          reject,
        )
      },
    )
    request.on('error', reject)
    request.end(body)
    return promise
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

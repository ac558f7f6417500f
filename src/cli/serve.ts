import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#kernel/fault.ts'
import { stringOption, type CliContext, type Command } from './args.ts'
import { readRunning } from './node-access.ts'

export const command: Command = {
  name: 'serve',
  summary: 'Run this member’s node until Ctrl-C',
  usage: ['serve [--data-dir DIR] [--port 7411] [--host 127.0.0.1] [--public-url URL]'],
  options: {
    config: {
      type: 'string',
      placeholder: 'FILE',
      description: 'Configuration file (default: comity.json in the data folder).',
    },
    host: { type: 'string', description: 'Address to listen on (default 127.0.0.1).' },
    port: { type: 'string', description: 'Port to listen on (default 7411; 0 takes a free one).' },
    'public-url': { type: 'string', placeholder: 'URL', description: 'The URL others reach this node at.' },
    tls: { type: 'string', description: 'off, self-signed, or CERTFILE,KEYFILE.' },
    'trusted-proxies': { type: 'string', description: 'Addresses of reverse proxies, with commas.' },
    'allow-private': { type: 'boolean', description: 'Peers may have private or loopback addresses.' },
    'pull-seconds': { type: 'string', description: 'How often peers are asked for news without a hint (default 30).' },
    'log-level': { type: 'string', description: 'silent, error, warn, info or debug (default info).' },
  },
  examples: [
    'comity serve',
    'comity serve --host 0.0.0.0 --tls self-signed --public-url https://node.cert.example:7411',
  ],
  run: async (context) => {
    const { out, values, dataDir, signal } = context
    const running = readRunning(dataDir)
    if (running !== undefined)
      throw new Fault('conflict', `a node already runs on this folder, at ${running.url}`, {
        place: dataDir,
        remedy: 'Use that one, or stop it first.',
      })
    const flags = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? undefined : value]),
    )
    const all = { ...flags, 'data-dir': stringOption(context, 'data-dir') ?? dataDir }
    const code = existsSync(join(dataDir, 'identity.json')) ? undefined : await setUp(context, all)
    if (signal.aborted) return 0
    await using node = await context.serve(all)
    const welcome = await node.gate.firstAdministrator(code)
    const [page = node.publicUrl] = node.gate.site.origins
    out.data({
      member: node.identity.member,
      url: node.url,
      publicUrl: node.publicUrl,
      page,
      dataDir,
      ...(welcome === undefined ? {} : { welcome }),
    })
    out.line(`${node.identity.member} runs at ${node.url}`)
    out.line(`  open it:       ${page}`)
    if (welcome !== undefined) out.line(`  nobody can sign in yet; make the first administrator, once: ${welcome.link}`)
    out.line(`  TAXII clients: ${node.publicUrl}/taxii2/`)
    out.line(`  data:          ${dataDir}`)
    out.line(
      `  next:          comity import FILE --collection NAME, comity peer invite, comity watch add VALUE --asset NAME`,
    )
    out.line('Ctrl-C stops it.')
    if (!signal.aborted) await once(signal, 'abort')
    return 0
  },
}

/** Waits until somebody made the member in a browser. Returns the code that makes the first administrator, too. */
async function setUp(context: CliContext, flags: Parameters<CliContext['setUp']>[0]): Promise<string> {
  const { out, signal } = context
  await using page = await context.setUp(flags)
  out.data({ setUp: { link: page.link, code: page.code } })
  out.line('There is no member in this data folder yet. Make one in a browser on this machine:')
  out.line(`  ${page.link}`)
  out.line('(or stop this with Ctrl-C and use: comity init --member your-name.example)')
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.race([page.done, stopped])
  return page.code
}

import type { ApiClient } from '#client/client.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { FeedPreview, FeedRefusalView, FeedView } from '#sharing/feeds/wire.ts'
import {
  noVerb,
  numberOption,
  listOption,
  requirePositional,
  stringOption,
  type CliContext,
  type Command,
} from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'
import { readNamedText } from './file.ts'

export const command: Command = {
  name: 'feed',
  summary: 'Feeds: outside sources that this node reads by itself, into one collection, under a marking you choose.',
  usage: [
    'feed preview URL --kind taxii|stix|list [--from ID] [--column NAME] [--tlp LABEL] [--secret-file FILE [--user NAME]]',
    'feed add NAME URL --kind taxii|stix|list --collection NAME --tlp LABEL --licence TEXT [settings]',
    'feed list [--q WORDS] [--limit N] [--cursor C]',
    'feed show NAME',
    'feed run NAME',
    'feed set NAME [--every MINUTES] [--secret-file FILE [--user NAME]]',
    'feed pause NAME',
    'feed resume NAME',
    'feed remove NAME',
  ],
  options: {
    kind: { type: 'string', placeholder: 'KIND', description: 'taxii, stix (a bundle) or list (text or CSV).' },
    from: {
      type: 'string',
      placeholder: 'ID',
      description: 'taxii: the server’s collection; a preview without it lists what there is.',
    },
    column: { type: 'string', placeholder: 'NAME', description: 'list: the CSV column, by name or number from 1.' },
    'revoke-after': {
      type: 'string',
      placeholder: 'DAYS',
      description: 'list: revoke an entry that is gone for so many days; without it, it is left.',
    },
    collection: { type: 'string', placeholder: 'NAME', description: 'The collection of yours it goes to.' },
    tlp: {
      type: 'string',
      placeholder: 'LABEL',
      description: 'The least marking of what it brings: CLEAR, GREEN, AMBER, AMBER+STRICT or RED.',
    },
    community: { type: 'string', multiple: true, description: 'A community it is for; can be given more than once.' },
    personal: { type: 'string', description: 'Whether it holds personal data: none (the default) or present.' },
    licence: { type: 'string', placeholder: 'TEXT', description: 'What the source allows to be done with it.' },
    every: { type: 'string', placeholder: 'MINUTES', description: 'How often it is read (default 60).' },
    user: { type: 'string', placeholder: 'NAME', description: 'The user, where the secret is a password.' },
    'secret-file': {
      type: 'string',
      placeholder: 'FILE',
      description: 'A file with the password or bearer token in its first line (- for standard input).',
    },
    ...listOptions('name, address, collection or licence'),
  },
  examples: [
    'comity feed preview https://feeds.example/domains.txt --kind list',
    'comity feed add bad-domains https://feeds.example/domains.txt --kind list --collection advisories --tlp CLEAR --licence "CC0"',
  ],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const run = VERBS[verb]
    if (run === undefined) throw noVerb('feed', verb)
    const subject = requirePositional(context, 1, verb === 'preview' ? 'the address' : 'the name of the feed')
    return run(context, await context.node(), subject)
  },
}

type Verb = (context: CliContext, client: ApiClient, subject: string) => Promise<number>

const pathOf = (name: string): string => `/feeds/${encodeURIComponent(name)}`

const VERBS: Readonly<Record<string, Verb>> = {
  preview,
  add: async (context, client, name) => {
    const url = requirePositional(context, 2, 'the address')
    const body = {
      name,
      ...source(context, url, requiredOption(context, 'tlp')),
      collection: requiredOption(context, 'collection'),
      licence: requiredOption(context, 'licence'),
      everyMinutes: numberOption(context, 'every') ?? 60,
    }
    return tell(context, await client.post<FeedView>('/feeds', body))
  },
  show: async (context, client, name) => {
    const feed = await client.get<FeedView>(pathOf(name))
    const refusals = await client.get<{ items: FeedRefusalView[] }>(`${pathOf(name)}/refusals`)
    context.out.data({ ...feed, refusals: refusals.items })
    if (context.out.json) return 0
    tell(context, feed)
    context.out.line(`reads     ${feed.url}${feed.from === undefined ? '' : ` (${feed.from})`}`)
    context.out.line(`into      ${feed.collection}, TLP:${feed.marking.tlp} at least, every ${feed.everyMinutes} min`)
    context.out.line(`licence   ${feed.licence}`)
    context.out.line(`last run  ${feed.added} added, ${feed.known} known, ${feed.refused} refused; ${feed.total} ever`)
    for (const { what, reason } of refusals.items) context.out.line(`  refused ${what}: ${reason}`)
    return 0
  },
  run: async (context, client, name) => tell(context, await client.post<FeedView>(`${pathOf(name)}/run`)),
  set: async (context, client, name) => {
    const everyMinutes = numberOption(context, 'every')
    const body = { ...(everyMinutes === undefined ? {} : { everyMinutes }), ...credentials(context) }
    return tell(context, await client.patch<FeedView>(pathOf(name), body))
  },
  pause: async (context, client, name) => tell(context, await client.patch<FeedView>(pathOf(name), { paused: true })),
  resume: async (context, client, name) => tell(context, await client.patch<FeedView>(pathOf(name), { paused: false })),
  remove: async (context, client, name) => {
    await client.delete(pathOf(name))
    context.out.data({ removed: name })
    context.out.line(`${name} is removed; what it brought stays`)
    return 0
  },
}

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<Page<FeedView>>(context, '/feeds'), {
    head: ['NAME', 'KIND', 'INTO', 'AT LEAST', 'STATE', 'LAST READ', 'NEXT', 'RECORDS', 'ERROR'],
    row: (each) => [
      each.name,
      each.kind,
      each.collection,
      `TLP:${each.marking.tlp}`,
      each.state,
      each.read ?? '',
      each.next ?? '',
      String(each.total),
      each.error?.message ?? '',
    ],
    empty: 'no feeds; look at a source first: comity feed preview URL --kind list',
  })
}

async function preview(context: CliContext, client: ApiClient, url: string): Promise<number> {
  const { out } = context
  const seen = await client.post<FeedPreview>(
    '/feeds/preview',
    source(context, url, stringOption(context, 'tlp') ?? 'RED'),
  )
  out.data(seen)
  if (seen.collections !== undefined) {
    out.table(
      ['ID', 'TITLE', 'MAY READ'],
      seen.collections.map((each) => [each.id, each.title, each.mayRead ? 'yes' : 'no']),
    )
    out.line('look into one: add --from ID')
    return 0
  }
  const counts = seen.kinds.map(({ kind, count }) => `${count} ${kind}`).join(', ')
  out.line(
    `${seen.read} looked at${seen.more ? ', and there is more' : ''}: ${counts === '' ? 'nothing usable' : counts}`,
  )
  for (const { kind, name, tlp } of seen.sample) out.line(`  ${kind}  ${name}  TLP:${tlp}`)
  if (seen.refused.length > 0) out.line('would be refused:')
  for (const { what, reason } of seen.refused) out.line(`  ${what}: ${reason}`)
  return 0
}

function tell({ out }: CliContext, feed: FeedView): number {
  out.data(feed)
  const when = feed.next === undefined ? '' : `, next ${feed.next}`
  out.line(`${feed.name}: ${feed.state}${feed.state === 'paused' ? '' : when}`)
  if (feed.error !== undefined) out.line(`  ${feed.error.message}`)
  if (feed.error?.remedy !== undefined) out.line(`  what to do: ${feed.error.remedy}`)
  return 0
}

function source(context: CliContext, url: string, tlp: string): Record<string, unknown> {
  const from = stringOption(context, 'from')
  const column = stringOption(context, 'column')
  const revokeAfterDays = numberOption(context, 'revoke-after')
  return {
    kind: requiredOption(context, 'kind'),
    url,
    ...(from === undefined ? {} : { from }),
    ...(column === undefined ? {} : { column }),
    ...(revokeAfterDays === undefined ? {} : { revokeAfterDays }),
    marking: {
      tlp: tlp.toUpperCase(),
      audience: { named: false, communities: [...listOption(context, 'community')] },
      personal: stringOption(context, 'personal') ?? 'none',
    },
    ...credentials(context),
  }
}

function requiredOption(context: CliContext, name: string): string {
  const value = stringOption(context, name)
  if (value !== undefined) return value
  throw new Fault('input.invalid', `--${name} is missing`, {
    place: 'the command line',
    remedy: 'Whoever adds a feed chooses it; add --help to see what there is.',
  })
}

/** A secret never stands on the command line, where other users of the machine could see it. */
function credentials(context: CliContext): { readonly user?: string; readonly secret?: string } {
  const file = stringOption(context, 'secret-file')
  const user = stringOption(context, 'user')
  const named = user === undefined ? {} : { user }
  if (file === undefined) return named
  const what = 'the file with the secret'
  const text = readNamedText({ cwd: context.cwd, name: file, what, bytesMax: LIMITS.passphraseBytesMax, stdin: true })
  return { ...named, secret: (text.split(/\r?\n/, 1)[0] ?? '').trim() }
}

import { Fault } from '#kernel/fault.ts'
import type { CollectionView } from '#sharing/wire.ts'
import { listOption, noVerb, requirePositional, stringOption, type CliContext, type Command } from './args.ts'
import { getPage, listOptions, tellPage, type Page } from './listing.ts'

export const command: Command = {
  name: 'collection',
  summary: 'Collections: what belongs together, under which marking, and how far it goes.',
  usage: [
    'collection add TITLE [--alias NAME] [settings]',
    'collection set NAME [settings]',
    'collection list [--q WORDS] [--limit N] [--cursor C]',
  ],
  options: {
    alias: { type: 'string', placeholder: 'NAME', description: 'A short name: lower-case letters, digits, hyphens.' },
    title: { type: 'string', description: 'What people read.' },
    description: { type: 'string', description: 'One or two sentences.' },
    tlp: {
      type: 'string',
      description: 'Default marking of what says none: CLEAR, GREEN, AMBER, AMBER+STRICT (the default) or RED.',
    },
    personal: {
      type: 'string',
      description: 'Whether records hold personal data unless they say: present (the default) or none.',
    },
    community: { type: 'string', multiple: true, description: 'A community it is for; can be given more than once.' },
    to: {
      type: 'string',
      multiple: true,
      placeholder: 'MEMBER',
      description: 'A member named as recipient; can be given more than once.',
    },
    'context-tlp': {
      type: 'string',
      placeholder: 'TLP',
      description: 'Who may have the context of its records: a TLP label, or none (the default): this member alone.',
    },
    'context-community': {
      type: 'string',
      multiple: true,
      placeholder: 'COMMUNITY',
      description: 'A community that context is for; the collection’s own without it.',
    },
    share: {
      type: 'string',
      description:
        'How far it goes: none (the default), named, community or peers. Of what another member sends: none, or community to pass it on.',
    },
    public: { type: 'boolean', description: 'Let anyone read what is TLP:CLEAR (needs --share peers).' },
    'not-public': { type: 'boolean', description: 'End that.' },
    strict: { type: 'boolean', description: 'Accept only what follows every MUST of STIX 2.1.' },
    lenient: { type: 'boolean', description: 'Also accept what is common in the wild, and say so (the default).' },
    ...listOptions('title, alias, description or author'),
  },
  examples: [
    'comity collection add "Advisories" --alias advisories --tlp GREEN --share peers',
    'comity collection set advisories --community energy.example',
  ],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    const client = await context.node()
    const subject = requirePositional(context, 1, verb === 'add' ? 'the title' : 'the name of the collection')
    if (verb === 'add')
      return show(
        context,
        await client.post<CollectionView>('/collections', { ...(await settings(context)), title: subject }),
      )
    if (verb !== 'set') throw noVerb('collection', verb)
    const path = `/collections/${encodeURIComponent(subject)}`
    const before = await client.get<CollectionView>(path)
    return show(context, await client.patch<CollectionView>(path, await settings(context, before)))
  },
}

async function list(context: CliContext): Promise<number> {
  return tellPage(context, await getPage<Page<CollectionView>>(context, '/collections'), {
    head: ['NAME', 'TITLE', 'AUTHOR', 'DEFAULT', 'FOR', 'SHARE', 'PUBLIC'],
    row: (each) => [
      each.alias ?? each.uuid,
      each.title,
      each.own ? `${each.author} (this member)` : each.author,
      `TLP:${each.marking.tlp}`,
      [...each.named, ...each.marking.audience.communities].join(' '),
      each.share,
      each.public ? 'yes' : 'no',
    ],
    empty: 'no collections yet; make one: comity collection add "Advisories" --alias advisories',
  })
}

function show(context: CliContext, collection: CollectionView): number {
  context.out.data(collection)
  context.out.line(
    `${collection.alias ?? collection.uuid}: TLP:${collection.marking.tlp} by default, share ${collection.share}${collection.public ? ', public' : ''}, context ${
      collection.contextMarking === null ? 'for nobody else' : `TLP:${collection.contextMarking.tlp}`
    }`,
  )
  return 0
}

async function settings(context: CliContext, before?: CollectionView): Promise<Record<string, unknown>> {
  const tlp = stringOption(context, 'tlp')
  const personal = stringOption(context, 'personal')
  const communities = listOption(context, 'community')
  const named = listOption(context, 'to')
  const changesMarking = tlp !== undefined || personal !== undefined || communities.length > 0
  const base: CollectionView['marking'] = before?.marking ?? {
    tlp: 'AMBER+STRICT',
    audience: { named: false, communities: [] },
    personal: 'present',
  }
  const marking = {
    ...base,
    tlp: (tlp ?? base.tlp) as typeof base.tlp,
    personal: (personal ?? base.personal) as typeof base.personal,
    audience: { ...base.audience, communities: communities.length > 0 ? [...communities] : base.audience.communities },
  }
  const { values } = context
  return {
    ...contextSettings(context, marking, before),
    ...pick(context, ['alias', 'title', 'description', 'share']),
    ...(changesMarking ? { marking } : {}),
    ...(named.length > 0 ? { named } : {}),
    ...(values['public'] === true ? { public: true } : values['not-public'] === true ? { public: false } : {}),
    ...(values['strict'] === true
      ? { strictness: 'strict' }
      : values['lenient'] === true
        ? { strictness: 'lenient' }
        : {}),
  }
}

/** The context goes to whom the records go, under a label of its own, and holds personal data. */
function contextSettings(
  context: CliContext,
  marking: CollectionView['marking'],
  before: CollectionView | undefined,
): Record<string, unknown> {
  const tlp = stringOption(context, 'context-tlp')
  const communities = listOption(context, 'context-community')
  if (tlp === 'none') return { contextMarking: null }
  const base = before?.contextMarking ?? undefined
  if (tlp === undefined && communities.length === 0) return {}
  if (tlp === undefined && base === undefined)
    throw new Fault('input.invalid', 'the context of this collection is this member’s alone', {
      place: '--context-community',
      remedy: 'Give a label too: --context-tlp AMBER',
    })
  const kept = base?.audience.communities ?? marking.audience.communities
  return {
    contextMarking: {
      ...(base ?? { ...marking, personal: 'present' }),
      tlp: tlp ?? base?.tlp,
      audience: { named: false, communities: communities.length > 0 ? communities : kept },
    },
  }
}

function pick(context: CliContext, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = stringOption(context, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

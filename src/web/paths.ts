// The only place that knows how the console's addresses are spelled.

const encode = encodeURIComponent
const query = (values: Readonly<Record<string, string | undefined>>): string => {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs as [string, string][])}`
}

export type SearchAddress = {
  readonly q?: string
  readonly type?: string
  readonly collection?: string
  readonly tlp?: string
  readonly author?: string
}

/** Which warnings: a list of the inbox, and whose they are. */
export type InboxAddress = { readonly list?: string; readonly whose?: string }

/**
 * The matrix: a kill chain, who uses it, which type of record speaks of it, whether the rest is left out; a platform, and a
 * text in names and codes.
 */
export type AttackAddress = Readonly<
  Partial<Record<'chain' | 'by' | 'type' | 'only' | 'platform' | 'q', string | undefined>>
>

export const to = {
  home: () => '/',
  warnings: (inbox: InboxAddress = {}) => `/warnings${query(inbox)}`,
  warning: (id: number, inbox: InboxAddress = {}) => `/warnings/${id}${query(inbox)}`,
  watch: () => '/watch',
  knowledge: (search: SearchAddress = {}) => `/knowledge${query(search)}`,
  graph: (ids: readonly string[] = []) =>
    `/graph${ids.length === 0 ? '' : `?${new URLSearchParams(ids.map((id) => ['id', id]))}`}`,
  attack: (address: AttackAddress = {}) => `/attack${query(address)}`,
  timeline: (id: string) => `/timeline${query({ id })}`,
  record: (id: string) => `/records/${encode(id)}`,
  write: (kind?: string, about?: string) => `/write${kind === undefined ? '' : `/${encode(kind)}`}${query({ about })}`,
  import: () => '/import',
  federation: (view?: 'map') => `/federation${query({ view })}`,
  peer: (member: string) => `/federation/peer${query({ member })}`,
  deliveries: () => '/federation/deliveries',
  takenBack: (by?: 'others') => `/federation/taken-back${query({ by })}`,
  evidence: () => '/federation/evidence',
  trust: () => '/federation/trust',
  bundles: () => '/federation/bundles',
  quarantine: (member?: string) => `/federation/quarantine${query({ member })}`,
  policy: (tab?: string) => `/policy${tab === undefined ? '' : `/${encode(tab)}`}`,
  policyWhy: (asked: { readonly id: string; readonly to: string; readonly via?: string }) =>
    `/policy/why${query(asked)}`,
  kept: () => '/kept',
  audit: () => '/audit',
  left: () => '/audit/left',
  settings: (part?: string) => `/settings${part === undefined ? '' : `/${part}`}`,
  feed: (name: string) => `/settings/feeds${query({ feed: name })}`,
  newFeed: () => '/settings/feeds?new',
  account: () => '/account',
  help: (word?: string) => `/help${word === undefined ? '' : `#${encode(word)}`}`,
} as const

/** Every pattern with the name of its page. The first that fits counts. */
const PATTERNS = [
  ['home', '/'],
  ['warnings', '/warnings'],
  ['warnings', '/warnings/:id'],
  ['watch', '/watch'],
  ['knowledge', '/knowledge'],
  ['graph', '/graph'],
  ['attack', '/attack'],
  ['timeline', '/timeline'],
  ['record', '/records/:id'],
  ['write', '/write'],
  ['write', '/write/:kind'],
  ['import', '/import'],
  ['federation', '/federation'],
  ['peer', '/federation/peer'],
  ['federation', '/federation/:tab'],
  ['policy', '/policy'],
  ['policy', '/policy/:tab'],
  ['kept', '/kept'],
  ['audit', '/audit'],
  ['audit', '/audit/:tab'],
  ['settings', '/settings'],
  ['settings', '/settings/:tab'],
  ['account', '/account'],
  ['help', '/help'],
  ['welcome', '/welcome'],
] as const

export type PageName = (typeof PATTERNS)[number][0]
export type Place = { readonly page: PageName; readonly params: Readonly<Record<string, string>> }

export function placeOf(pathname: string): Place | undefined {
  for (const [page, pattern] of PATTERNS) {
    const params = fit(pattern, pathname)
    if (params !== undefined) return { page, params }
  }
  return undefined
}

function fit(pattern: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), pathname.replace(/(?<=.)\/$/, '').split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? ''
    if (part.startsWith(':')) {
      if (value === '') return undefined
      try {
        params[part.slice(1)] = decodeURIComponent(value)
      } catch {
        return undefined
      }
    } else if (part !== value) return undefined
  }
  return params
}

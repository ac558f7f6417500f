// Whom a member trusts to have looked (c2sp.org/tlog-policy): logs, witnesses, groups of them, and how many are enough.
// One witness line per key and one group per member, so that a member with two keys counts once.
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'
import { parseVkey, SIGNATURE_TYPE } from './note.ts'

export type PolicyLog = { readonly vkey: string; readonly url?: string }
export type PolicyWitness = { readonly name: string; readonly vkey: string; readonly url?: string }
export type PolicyGroup = {
  readonly name: string
  /** How many of the members must hold. */
  readonly threshold: number
  readonly members: readonly string[]
}

export type TrustPolicy = {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  readonly groups: readonly PolicyGroup[]
  /** The name of a witness or a group; “none” where the log's own word is enough. */
  readonly quorum: string
}

/** Reads a policy. Throws `input.invalid` with the line that is wrong. */
export function parseTrustPolicy(text: string): TrustPolicy {
  if (text.length > LIMITS.trustPolicyCharsMax)
    throw new Fault('input.too-large', `a trust policy has at most ${LIMITS.trustPolicyCharsMax} characters`)
  const reader = new PolicyReader()
  for (const [i, line] of text.split('\n').entries()) {
    try {
      demandPlain(line)
      const words = line.split(/[ \t]+/).filter((word) => word !== '')
      if (words[0] !== undefined && !words[0].startsWith('#')) reader.take(words)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { message, remedy = LINES } = error
      throw new Fault('input.invalid', message, { place: `line ${i + 1}`, cause: error, remedy })
    }
  }
  return reader.finish()
}

const LINES =
  'A line is “log VKEY [URL]”, “witness NAME VKEY [URL]”, “group NAME all|any|NUMBER NAME…” or “quorum NAME|none”.'

class PolicyReader {
  readonly #logs: PolicyLog[] = []
  readonly #witnesses: PolicyWitness[] = []
  readonly #groups: PolicyGroup[] = []
  readonly #names = new Set<string>()
  readonly #grouped = new Set<string>()
  /** By what a key is, under whatever name: one key that counted under two names would be a quorum of itself. */
  readonly #logKeys = new Set<string>()
  readonly #witnessKeys = new Set<string>()
  #quorum: string | undefined

  take([keyword, ...words]: readonly string[]): void {
    if (this.#names.size > LIMITS.trustPolicyNamesMax) throw invalid('there are too many names')
    if (keyword === 'log') this.#log(words)
    else if (keyword === 'witness') this.#witness(words)
    else if (keyword === 'group') this.#group(words)
    else if (keyword === 'quorum') this.#setQuorum(words)
    else throw invalid(`“${String(keyword).slice(0, 40)}” is none of log, witness, group, quorum`)
  }

  finish(): TrustPolicy {
    if (this.#quorum === undefined)
      throw new Fault('input.invalid', 'a policy has a quorum', {
        place: 'the end',
        remedy: 'Add “quorum NAME”, or “quorum none”.',
      })
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum }
  }

  #log([vkey = '', url, ...rest]: readonly string[]): void {
    demandEnd(rest)
    takeKey(vkey, { of: 'log', types: LOG_TYPES, known: this.#logKeys })
    this.#logs.push({ vkey, ...(url === undefined ? {} : { url: checkedUrl(url) }) })
  }

  #witness([name = '', vkey = '', url, ...rest]: readonly string[]): void {
    demandEnd(rest)
    this.#define(name)
    takeKey(vkey, { of: 'witness', types: WITNESS_TYPES, known: this.#witnessKeys })
    this.#witnesses.push({ name, vkey, ...(url === undefined ? {} : { url: checkedUrl(url) }) })
  }

  #group([name = '', much = '', ...members]: readonly string[]): void {
    if (members.length === 0) throw invalid('a group has members')
    for (const member of members) {
      if (!this.#names.has(member)) throw invalid(`${member} is not defined above`)
      if (this.#grouped.has(member)) throw invalid(`${member} is in a group already`)
      this.#grouped.add(member)
    }
    this.#define(name)
    const threshold =
      much === 'all' ? members.length : much === 'any' ? 1 : /^[1-9]\d{0,3}$/.test(much) ? Number(much) : 0
    if (threshold < 1 || threshold > members.length) throw invalid('how many is all, any, or a number within the group')
    this.#groups.push({ name, threshold, members })
  }

  #setQuorum([name = '', ...rest]: readonly string[]): void {
    demandEnd(rest)
    if (this.#quorum !== undefined) throw invalid('there is one quorum')
    if (name !== 'none' && !this.#names.has(name)) throw invalid(`${name} is not defined above`)
    this.#quorum = name
  }

  #define(name: string): void {
    if (name === '' || name.length > 255 || name === 'none')
      throw invalid('a name has 1 to 255 characters and is not “none”')
    if (this.#names.has(name)) throw invalid(`${name} is defined already`)
    this.#names.add(name)
  }
}

export function formatTrustPolicy({ logs, witnesses, groups, quorum }: TrustPolicy): string {
  const lines = [
    ...logs.map(({ vkey, url }) => ['log', vkey, url ?? '']),
    ...witnesses.map(({ name, vkey, url }) => ['witness', name, vkey, url ?? '']),
    ...groups.map(({ name, threshold, members }) => [
      'group',
      name,
      threshold === 1 ? 'any' : threshold === members.length ? 'all' : String(threshold),
      ...members,
    ]),
    ['quorum', quorum],
  ]
  return `${lines.map((words) => words.join(' ').trim()).join('\n')}\n`
}

/** Whether the witnesses that hold (by name) are enough. */
export function isQuorum(policy: TrustPolicy, holding: ReadonlySet<string>): boolean {
  const reached = new Set(holding)
  for (const { name, threshold, members } of policy.groups)
    if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name)
  return policy.quorum === 'none' || reached.has(policy.quorum)
}

/** How many of the parts of the quorum hold: `k` of `n`, where `needed` are enough. A policy without a quorum asks for none. */
export function countQuorum(
  policy: TrustPolicy,
  holding: ReadonlySet<string>,
): { readonly k: number; readonly n: number; readonly needed: number } {
  const reached = new Set(holding)
  for (const { name, threshold, members } of policy.groups)
    if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name)
  const group = policy.groups.find(({ name }) => name === policy.quorum)
  if (group !== undefined)
    return {
      k: group.members.filter((member) => reached.has(member)).length,
      n: group.members.length,
      needed: group.threshold,
    }
  return policy.quorum === 'none'
    ? { k: 0, n: 0, needed: 0 }
    : { k: reached.has(policy.quorum) ? 1 : 0, n: 1, needed: 1 }
}

/** The policy of a member that set none: every peer witnesses, and more than two thirds of them are enough. */
export function defaultTrustPolicy(
  peers: readonly { readonly member: string; readonly vkeys: readonly string[]; readonly url?: string }[],
): TrustPolicy {
  const witnesses = peers.flatMap(({ member, vkeys, url }) =>
    vkeys.map((vkey, i) => ({ name: `${member}/${i + 1}`, vkey, ...(url === undefined ? {} : { url }) })),
  )
  const groups = peers.map(({ member, vkeys }) => ({
    name: member,
    threshold: 1,
    members: vkeys.map((_, i) => `${member}/${i + 1}`),
  }))
  if (peers.length === 0) return { logs: [], witnesses, groups, quorum: 'none' }
  const threshold = 1 + Math.floor((2 * peers.length) / 3)
  const everyone = {
    name: 'enough',
    threshold: Math.min(threshold, peers.length),
    members: peers.map(({ member }) => member),
  }
  return { logs: [], witnesses, groups: [...groups, everyone], quorum: everyone.name }
}

/** Tab and line feed are the only control characters of a policy: nobody else reads a line that hides one alike. */
function demandPlain(line: string): void {
  if (line.endsWith('\r'))
    throw new Fault('input.invalid', 'the line ends in a carriage return', {
      remedy: 'Save the file with the line ends of Unix (LF).',
    })
  if (CONTROL.test(line)) throw invalid('a policy has no control characters but tab and line feed')
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/
const LOG_TYPES: readonly number[] = [SIGNATURE_TYPE.ed25519, SIGNATURE_TYPE.mldsa44]
/** The types of keys that witnesses sign with. */
export const WITNESS_TYPES: readonly number[] = [SIGNATURE_TYPE.ed25519Cosignature, SIGNATURE_TYPE.mldsa44]

function takeKey(
  text: string,
  { of, types, known }: { readonly of: string; readonly types: readonly number[]; readonly known: Set<string> },
): void {
  const { type, publicKey } = parseVkey(text)
  if (!types.includes(type)) throw invalid(`a key of type ${type} is none of a ${of}; those are ${types.join(' and ')}`)
  const key = publicKey.toHex()
  if (known.has(key)) throw invalid(`this ${of} key is named above already`)
  known.add(key)
}

function checkedUrl(text: string): string {
  if (/^https?:\/\/[^\s]{1,2000}$/.test(text)) return text
  throw invalid('an address begins with https://')
}

function demandEnd(rest: readonly string[]): void {
  if (rest.length > 0) throw invalid('the line goes on where it should end')
}

function invalid(message: string): Fault {
  return new Fault('input.invalid', message)
}

// What the matrix needs of the objects that it is drawn from: techniques, the tactics they serve, and the matrices that
// give tactics their order (ATT&CK in STIX 2.1, github.com/mitre/cti, USAGE.md).

type Fields = Readonly<Record<string, unknown>>

export type Technique = {
  readonly id: string
  readonly name: string
  readonly code?: string
  readonly parent?: string
  readonly phases: readonly string[]
  readonly chains: readonly string[]
  readonly platforms: readonly string[]
}
export type Tactic = { readonly id: string; readonly name: string; readonly phase: string }
export type Matrix = { readonly name?: string; readonly chain: string | undefined; readonly order: readonly unknown[] }

/** Which kill chain the matrices of an ATT&CK domain are about. */
const CHAIN_OF: Readonly<Record<string, string>> = {
  'enterprise-attack': 'mitre-attack',
  'mobile-attack': 'mitre-mobile-attack',
  'ics-attack': 'mitre-ics-attack',
}

/** Undefined for what belongs to no kill chain, and for what its author took out of use. */
export function techniqueOf(object: Fields): Technique | undefined {
  const phases = list(object['kill_chain_phases']).flatMap(({ kill_chain_name: chain, phase_name: phase }) =>
    typeof chain === 'string' && typeof phase === 'string' ? [{ chain, phase }] : [],
  )
  if (phases.length === 0 || isOut(object)) return undefined
  const code = list(object['external_references'])
    .map(({ external_id: id }) => id)
    .find((id) => typeof id === 'string' && /^T\d{4}(?:\.\d{3})?$/.test(id)) as string | undefined
  const platforms = Array.isArray(object['x_mitre_platforms']) ? (object['x_mitre_platforms'] as unknown[]) : []
  return {
    id: String(object['id']),
    name: typeof object['name'] === 'string' ? object['name'] : '',
    ...(code === undefined ? {} : { code }),
    ...(code?.includes('.') === true ? { parent: code.split('.')[0] as string } : {}),
    phases: [...new Set(phases.map(({ phase }) => phase))],
    chains: [...new Set(phases.map(({ chain }) => chain))],
    platforms: platforms.filter((each) => typeof each === 'string'),
  }
}

export function tacticOf(object: Fields): Tactic | undefined {
  const { id, name, x_mitre_shortname: phase } = object
  return isOut(object) ? undefined : { id: String(id), name: String(name), phase: String(phase) }
}

export function matrixOf(object: Fields): Matrix | undefined {
  if (isOut(object)) return undefined
  const domains = [object['x_mitre_domains'], list(object['external_references']).map((each) => each['external_id'])]
  return {
    ...(typeof object['name'] === 'string' ? { name: object['name'] } : {}),
    chain: domains.flat().flatMap((each) => CHAIN_OF[String(each)] ?? [])[0],
    order: Array.isArray(object['tactic_refs']) ? (object['tactic_refs'] as unknown[]) : [],
  }
}

const isOut = (object: Fields): boolean => object['revoked'] === true || object['x_mitre_deprecated'] === true

const list = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.filter((each): each is Fields => typeof each === 'object' && each !== null) : []

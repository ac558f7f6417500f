// The Traffic Light Protocol as STIX carries it: four fixed marking definitions for version 1 (section 7.2.1.4) and five
// for version 2.0, made with an extension that OASIS published in 2022. Their ids alone say what they mean.
import { stricterTlp, type Tlp } from '#kernel/marking.ts'

/** The extension that carries a TLP 2.0 label in its property tlp_2_0. */
export const TLP2_EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'

export type FixedMarking = {
  readonly version: 1 | 2
  /** The label as Comity has it; TLP:WHITE is CLEAR. */
  readonly tlp: Tlp
  readonly name: string
  /** The value in the definition or in the extension. */
  readonly value: string
}

const fixed = (version: 1 | 2, tlp: Tlp, value: string): FixedMarking => ({
  version,
  tlp,
  value,
  name: `TLP:${value.toUpperCase()}`,
})

/** The fixed marking definitions by id. */
export const FIXED_MARKINGS: ReadonlyMap<string, FixedMarking> = new Map([
  ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', fixed(1, 'CLEAR', 'white')],
  ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', fixed(1, 'GREEN', 'green')],
  ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82', fixed(1, 'AMBER', 'amber')],
  ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', fixed(1, 'RED', 'red')],
  ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487', fixed(2, 'CLEAR', 'clear')],
  ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb', fixed(2, 'GREEN', 'green')],
  ['marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421', fixed(2, 'AMBER', 'amber')],
  ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003', fixed(2, 'AMBER+STRICT', 'amber+strict')],
  ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1', fixed(2, 'RED', 'red')],
])

/** The marking definition object that belongs to a fixed id. */
export function fixedDefinition(id: string): Record<string, unknown> | undefined {
  const marking = FIXED_MARKINGS.get(id)
  if (marking === undefined) return undefined
  const head = { type: 'marking-definition', spec_version: '2.1', id, name: marking.name }
  if (marking.version === 1) {
    return { ...head, created: '2017-01-20T00:00:00.000Z', definition_type: 'tlp', definition: { tlp: marking.value } }
  }
  return {
    ...head,
    created: '2022-10-01T00:00:00.000Z',
    extensions: { [TLP2_EXTENSION]: { extension_type: 'property-extension', tlp_2_0: marking.value } },
  }
}

const LABELS: Readonly<Record<string, Tlp>> = {
  white: 'CLEAR',
  clear: 'CLEAR',
  green: 'GREEN',
  amber: 'AMBER',
  'amber+strict': 'AMBER+STRICT',
  red: 'RED',
}

/**
 * The label a marking definition carries by itself, in either version and whatever its id; the stricter where it carries
 * both; undefined where it has none, or one that does not exist.
 */
export function labelOf(definition: Readonly<Record<string, unknown>>): Tlp | undefined {
  const second = member(member(definition['extensions'], TLP2_EXTENSION), 'tlp_2_0')
  const first = definition['definition_type'] === 'tlp' ? member(definition['definition'], 'tlp') : undefined
  const labels = [first, second].filter((label) => label !== undefined).map(readLabel)
  return labels.reduce((a, b) => (a === undefined || b === undefined ? undefined : stricterTlp(a, b)), labels[0])
}

function readLabel(label: unknown): Tlp | undefined {
  return typeof label === 'string' && Object.hasOwn(LABELS, label) ? LABELS[label] : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

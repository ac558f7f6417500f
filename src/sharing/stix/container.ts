// The observables inside an old observed-data object (STIX 2.1 section 2.13): they have local keys instead of
// identifiers, and refer to each other by these keys, so their schemas are the usual ones with looser ids.
import type { TSchema } from 'typebox'
import type { Definition } from './model/common.ts'

const made = new WeakMap<Definition, Definition>()

/** The definition of an observable as it stands inside an observed-data object. */
export function containedDefinition(definition: Definition): Definition {
  const known = made.get(definition)
  if (known !== undefined) return known
  const contained = { ...definition, schema: loosen(definition.schema) as TSchema }
  made.set(definition, contained)
  return contained
}

/** References become any text, and the id is not required. */
function loosen(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(loosen)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node as Record<string, unknown>).filter(([key]) => !key.startsWith('~'))
  const stix = (node as { stix?: { code?: string } }).stix
  if (stix?.code === 'ref.format' || stix?.code === 'id.format') {
    return Object.fromEntries(entries.filter(([key]) => key !== 'pattern'))
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'required' ? withoutId(value) : loosen(value)]))
}

function withoutId(required: unknown): unknown {
  return Array.isArray(required) ? required.filter((name) => name !== 'id') : required
}

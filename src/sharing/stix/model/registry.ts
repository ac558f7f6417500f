// All definitions by type, and the compiled check of each, made when a type is first met: most nodes meet a few types,
// and an idle one should not carry compiled checks for all of them.
import { Compile } from 'typebox/compile'
import { customObject, customObservable, type Definition } from './common.ts'
import { META_OBJECTS } from './meta.ts'
import { FILE_OBSERVABLES } from './sco-file.ts'
import { HOST_OBSERVABLES } from './sco-host.ts'
import { NETWORK_OBSERVABLES } from './sco-network.ts'
import { REPORT_OBJECTS } from './sdo-report.ts'
import { THREAT_OBJECTS } from './sdo-threat.ts'
import { RELATIONSHIP_OBJECTS } from './sro.ts'

/** Every definition of STIX 2.1, in the order of documentation. */
export const DEFINITIONS: readonly Definition[] = [
  ...THREAT_OBJECTS,
  ...REPORT_OBJECTS,
  ...RELATIONSHIP_OBJECTS,
  ...FILE_OBSERVABLES,
  ...HOST_OBSERVABLES,
  ...NETWORK_OBSERVABLES,
  ...META_OBJECTS,
]

const BY_TYPE = new Map(DEFINITIONS.map((definition) => [definition.type, definition]))

/** The definition of a type of STIX 2.1, or undefined where the type is not of STIX itself. */
export function definitionOf(type: string): Definition | undefined {
  return BY_TYPE.get(type)
}

/** The definition an object of an unknown type is held to, by what its extensions say it is (section 7.3). */
export function customDefinitionOf(object: Record<string, unknown>): Definition {
  const declared = declaredKind(object['extensions'])
  if (declared === 'sco') return customObservable
  if (declared !== undefined) return customObject
  return 'created' in object || 'modified' in object ? customObject : customObservable
}

function declaredKind(extensions: unknown): 'sdo' | 'sco' | 'sro' | undefined {
  if (typeof extensions !== 'object' || extensions === null) return undefined
  for (const extension of Object.values(extensions)) {
    const type: unknown = (extension as { extension_type?: unknown } | null)?.extension_type
    if (type === 'new-sco') return 'sco'
    if (type === 'new-sdo') return 'sdo'
    if (type === 'new-sro') return 'sro'
  }
  return undefined
}

const compiled = new WeakMap<Definition, (value: unknown) => boolean>()

/** The compiled check of a definition: true exactly where the schema holds. */
export function checkerOf(definition: Definition): (value: unknown) => boolean {
  const known = compiled.get(definition)
  if (known !== undefined) return known
  const validator = Compile(definition.schema)
  const check = (value: unknown) => validator.Check(value)
  compiled.set(definition, check)
  return check
}

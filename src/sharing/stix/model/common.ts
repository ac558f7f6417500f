// What every STIX object has (section 3.2) and the shapes that occur in all of them, and the constructors of the
// definitions: one for versioned objects (domain objects and relationships), one for observables, one for the rest.
import Type, { type TObject, type TProperties, type TSchema } from 'typebox'
import {
  anything,
  dictionary,
  flag,
  hashes,
  identifierOf,
  integer,
  language,
  list,
  oneOf,
  preciseTime,
  ref,
  refs,
  text,
  texts,
  UUID_PATTERN,
  uri,
  type Annotation,
} from './types.ts'

export type Kind = 'sdo' | 'sro' | 'sco' | 'meta' | 'bundle'

/** One type of STIX object: its schema and what is said about it beside the schema. */
export type Definition<Schema extends TSchema = TSchema> = {
  readonly type: string
  readonly kind: Kind
  /** The section of STIX 2.1 that defines it. */
  readonly clause: string
  readonly description: string
  readonly schema: Schema
  /** Pairs of times, earlier first; `strict` where they may not be equal. */
  readonly order: readonly TimeOrder[]
  /** For observables: the properties a deterministic id is made of (section 2.9). */
  readonly contributing: readonly string[]
}

export type TimeOrder = { readonly first: string; readonly last: string; readonly strict?: boolean }

export const EXTENSION_TYPES = [
  'new-sdo',
  'new-sco',
  'new-sro',
  'property-extension',
  'toplevel-property-extension',
] as const

export const extensionType = (description: string) => oneOf([...EXTENSION_TYPES], description)

export const killChainPhase = Type.Object(
  {
    kill_chain_name: text('The name of the kill chain, lower case with hyphens.'),
    phase_name: text('The name of the phase in that kill chain, lower case with hyphens.'),
  },
  { description: 'One phase of a kill chain.', stix: { clause: '2.11' } satisfies Annotation },
)

export const killChainPhases = (description: string) => list(killChainPhase, description)

export const externalReference = Type.Object(
  {
    source_name: text('The catalogue, register or publisher the reference points into.'),
    description: Type.Optional(text('What the reference is, for people.')),
    url: Type.Optional(uri('Where the referenced thing can be fetched.')),
    hashes: Type.Optional(hashes('Digests of what the URL gives, so that a reader can tell whether it changed.')),
    external_id: Type.Optional(text('The identifier the referenced thing has in that catalogue.')),
  },
  {
    description: 'A pointer to something outside STIX.',
    anyOf: [{ required: ['description'] }, { required: ['url'] }, { required: ['external_id'] }],
    stix: { clause: '2.5' } satisfies Annotation,
  },
)

export const granularMarking = Type.Object(
  {
    lang: Type.Optional(
      language('The language of the selected parts, where it differs from the language of the object.'),
    ),
    marking_ref: Type.Optional(ref(['marking-definition'], 'The marking that applies to the selected parts.')),
    selectors: list(
      Type.String({
        pattern: '^(?:id|[a-z0-9_-]{3,249}(?:\\.(?:\\[\\d+\\]|[a-zA-Z0-9_-]{1,250}))*)$',
        stix: {
          code: 'selector.format',
          clause: '7.2.3',
          message: 'this is not a selector such as description or labels.[0]',
        } satisfies Annotation,
      }),
      'The parts of this object that are marked, each as a path: property names and [index], joined by dots.',
    ),
  },
  {
    description: 'A marking, or a language, for parts of an object.',
    anyOf: [{ required: ['marking_ref'] }, { required: ['lang'] }],
    stix: { clause: '7.2.3' } satisfies Annotation,
  },
)

/** The dictionary of extensions: the predefined ones by name, all others by the id of their definition (section 7.3). */
export const extensionsOf = <Predefined extends TProperties>(predefined: Predefined) =>
  Type.Object(predefined, {
    description:
      'Additions to this object: predefined ones by their name, others by the id of the definition of the extension.',
    minProperties: 1,
    propertyNames: { pattern: `^(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*-ext|extension-definition--${UUID_PATTERN})$` },
    patternProperties: { '^extension-definition--': extensionInstance },
    additionalProperties: { type: 'object', minProperties: 1 },
    stix: {
      code: 'extension.name',
      clause: '3.2',
      message: 'this is neither the id of an extension definition nor a name that ends in -ext',
    } satisfies Annotation,
  })

const extensionInstance = Type.Object(
  { extension_type: extensionType('What this extension does to the object.') },
  { stix: { clause: '7.3' } satisfies Annotation },
)

const specVersion = oneOf(['2.0', '2.1'], 'The version of STIX this object is written in: 2.1.')

const markingProperties = {
  object_marking_refs: Type.Optional(refs(['marking-definition'], 'The markings that apply to the whole object.')),
  granular_markings: Type.Optional(list(granularMarking, 'The markings that apply to parts of the object.')),
}

const creatorProperties = {
  created_by_ref: Type.Optional(ref([], 'The identity of who made the object.')),
  created: preciseTime('When the first version of the object was made, to the millisecond or finer.'),
}

const referenceProperties = {
  external_references: Type.Optional(list(externalReference, 'Where more can be found outside STIX.')),
}

const versionProperties = {
  modified: preciseTime(
    'When this version of the object was made. Together with the id it names exactly this version.',
  ),
  revoked: Type.Optional(flag('True where the author no longer stands by the object. It stays so for good.')),
  labels: Type.Optional(texts('Words that describe the object, chosen by its author or the community.')),
}

const confidenceProperty = {
  confidence: Type.Optional(integer('How sure the author is, from 0 to 100.', { minimum: 0, maximum: 100 })),
}

const languageProperty = {
  lang: Type.Optional(language('The language of the texts in this object; English where absent.')),
}

const anyExtensions = { extensions: Type.Optional(extensionsOf({})) }

const defangedProperty = {
  defanged: Type.Optional(flag('True where the values were made harmless, for instance by writing hxxp.')),
}

type Details = {
  readonly clause: string
  readonly description: string
  readonly order?: readonly TimeOrder[]
  readonly contributing?: readonly string[]
  /** JSON Schema keywords for the whole object, such as anyOf. */
  readonly constraint?: Record<string, unknown>
}

const head = <const T extends string>(type: T) => ({
  type: Type.Literal(type, {
    description: `Always \`${type}\`.`,
    stix: { code: 'type.mismatch', clause: '3.2' } satisfies Annotation,
  }),
  id: identifierOf(type),
})

function definition<Properties extends TProperties>(
  kind: Kind,
  type: string,
  details: Details,
  properties: Properties,
): Definition<TObject<Properties>> {
  return {
    type,
    kind,
    clause: details.clause,
    description: details.description,
    schema: Type.Object(properties, {
      title: type,
      description: details.description,
      ...details.constraint,
      stix: { clause: details.clause } satisfies Annotation,
    }),
    order: details.order ?? [],
    contributing: details.contributing ?? [],
  }
}

const versioned = <const T extends string>(type: T) => ({
  ...head(type),
  spec_version: specVersion,
  ...creatorProperties,
  ...versionProperties,
  ...confidenceProperty,
  ...languageProperty,
  ...referenceProperties,
  ...markingProperties,
  ...anyExtensions,
})

const MODIFIED_ORDER: TimeOrder = { first: 'created', last: 'modified' }

/** A domain object (section 4). */
export function domainObject<const T extends string, Properties extends TProperties>(
  type: T,
  details: Details,
  properties: Properties,
) {
  const order = [MODIFIED_ORDER, ...(details.order ?? [])]
  return definition('sdo', type, { ...details, order }, { ...versioned(type), ...properties })
}

/** A relationship object (section 5). */
export function relationshipObject<const T extends string, Properties extends TProperties>(
  type: T,
  details: Details,
  properties: Properties,
) {
  const order = [MODIFIED_ORDER, ...(details.order ?? [])]
  return definition('sro', type, { ...details, order }, { ...versioned(type), ...properties })
}

/** An observable (section 6): no versions, no author. */
export function observable<const T extends string, Properties extends TProperties>(
  type: T,
  details: Details,
  properties: Properties,
) {
  return definition('sco', type, details, {
    ...head(type),
    spec_version: Type.Optional(specVersion),
    ...markingProperties,
    ...defangedProperty,
    ...anyExtensions,
    ...properties,
  })
}

/** The parts a meta object (section 7) picks from. */
export const metaParts = {
  head,
  definition,
  specVersion,
  creatorProperties,
  versionProperties,
  confidenceProperty,
  referenceProperties,
  markingProperties,
  anyExtensions,
  MODIFIED_ORDER,
}

const TYPE_NAME = Type.String({
  description: 'The name of a type that STIX 2.1 itself does not define.',
  pattern: '^[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?$',
  minLength: 3,
  maxLength: 250,
  stix: {
    code: 'type.name',
    clause: '3.1',
    message: 'a type name is 3 to 250 of a-z, 0-9 and -, and begins with a letter',
  } satisfies Annotation,
})

const anyIdentifier = Type.String({
  description: 'Identifies this object everywhere: its type, two hyphens and a UUID.',
  pattern: `^[a-z](?:-?[a-z0-9])+-?--${UUID_PATTERN}$`,
  stix: {
    code: 'id.format',
    clause: '2.9',
    message: 'this is not a type followed by -- and a UUID of RFC 4122',
  } satisfies Annotation,
})

/** An object of a type STIX does not define, with versions (section 11.2 and extensions new-sdo, new-sro). */
export const customObject = definition(
  'sdo',
  '',
  { clause: '11.2', description: 'An object of a type that an extension defines.', order: [MODIFIED_ORDER] },
  { ...versioned('custom'), type: TYPE_NAME, id: anyIdentifier },
)

/** An observable of a type STIX does not define (extension new-sco). */
export const customObservable = definition(
  'sco',
  '',
  { clause: '11.2', description: 'An observable of a type that an extension defines.' },
  {
    type: TYPE_NAME,
    id: anyIdentifier,
    spec_version: Type.Optional(specVersion),
    ...markingProperties,
    ...defangedProperty,
    ...anyExtensions,
  },
)

export const freeDictionary = (description: string) => dictionary(anything, description)

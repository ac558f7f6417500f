// The common data types of STIX 2.1 (section 2), as constructors of TypeBox schemas. One definition gives the
// TypeScript type, the compiled check and the text of the documentation. The extra key `stix` on a schema carries what
// JSON Schema has no word for: the stable code of a violation, the section it comes from, and a remedy.
import Type, { type TSchema } from 'typebox'

/** What a schema knows about its own violation. Inherited by the schemas inside it that carry none. */
export type Annotation = {
  /** The stable code of a value that has the right JSON type and breaks this schema. */
  readonly code?: string
  /** The section of STIX 2.1 that says so. */
  readonly clause?: string
  readonly message?: string
  readonly remedy?: string
  /** The types a reference may point to; absent where any type is allowed. */
  readonly refersTo?: readonly string[]
  /** The suggested values of an open vocabulary. */
  readonly suggested?: readonly string[]
}

export const UUID_PATTERN = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}'

const LEAP = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29'
const DAY =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))'
/** A day the Gregorian calendar has, leap years included; years before 100 are left to legend. */
const DATE = `(?!00)(?:\\d{4}-${DAY}|${LEAP})`
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)'

const TIME_MESSAGE = 'this is not a time of the form 2026-01-31T12:00:00.000Z that the calendar has'

export const text = (description: string) => Type.String({ description })

export const flag = (description: string) => Type.Boolean({ description })

export const float = (description: string, bounds: { minimum?: number; maximum?: number } = {}) =>
  Type.Number({ description, ...bounds, stix: { code: 'value.range', clause: '2.6' } satisfies Annotation })

export const integer = (description: string, bounds: { minimum?: number; maximum?: number } = {}) =>
  Type.Integer({ description, ...bounds, stix: { code: 'value.range', clause: '2.10' } satisfies Annotation })

/** A list, which STIX never allows to be empty (section 2.12). */
export const list = <Item extends TSchema>(item: Item, description: string) =>
  Type.Array(item, { description, minItems: 1, stix: { clause: '2.12' } satisfies Annotation })

export const texts = (description: string) => list(Type.String(), description)

/** A time in UTC, fraction optional (section 2.16). */
export const time = (description: string) =>
  Type.String({
    description,
    pattern: `^${DATE}T${CLOCK}(?:\\.\\d+)?Z$`,
    stix: { code: 'time.format', clause: '2.16', message: TIME_MESSAGE } satisfies Annotation,
  })

/** A time with at least milliseconds, as `created` and `modified` need it (section 3.2). */
export const preciseTime = (description: string) =>
  Type.String({
    description,
    pattern: `^${DATE}T${CLOCK}\\.\\d{3,}Z$`,
    stix: {
      code: 'time.format',
      clause: '3.2',
      message: 'this is not a time with at least three digits of a fraction, such as 2026-01-31T12:00:00.000Z',
    } satisfies Annotation,
  })

/** A time in whole seconds, which one property of Windows executables asks for (section 6.7.6). */
export const secondsTime = (description: string) =>
  Type.String({
    description,
    pattern: `^${DATE}T${CLOCK}Z$`,
    stix: { code: 'time.format', clause: '6.7.6', message: 'this is not a time in whole seconds' } satisfies Annotation,
  })

/** The identifier of an object of a known type (section 2.9). */
export const identifierOf = (type: string) =>
  Type.String({
    description: `Identifies this object everywhere: \`${type}--\` and a UUID. All versions of an object share it.`,
    pattern: `^${type}--${UUID_PATTERN}$`,
    stix: {
      code: 'id.format',
      clause: '2.9',
      message: `this is not ${type}-- followed by a UUID of RFC 4122`,
    } satisfies Annotation,
  })

/** The identifier of another object; `types` limits what it may be (section 3.3). */
export const ref = (types: readonly string[], description: string) =>
  Type.String({
    description,
    pattern: `^${typePart(types)}--${UUID_PATTERN}$`,
    stix: refAnnotation(types),
  })

export const refs = (types: readonly string[], description: string) => list(ref(types, description), description)

/**
 * The identifier of another object inside an observable. Its type must be right, but a broken UUID is only noted:
 * nothing is lost except a link that leads nowhere, and the OASIS validator lets it pass.
 */
export const looseRef = (types: readonly string[], description: string) =>
  Type.String({ description, pattern: `^${typePart(types)}--.+$`, stix: refAnnotation(types) })

export const looseRefs = (types: readonly string[], description: string) =>
  list(looseRef(types, description), description)

/** A value from a list that may grow: anything is allowed, the suggestions are documentation (section 2.14). */
export const openVocabulary = (suggested: readonly string[], description: string) =>
  Type.String({ description, stix: { clause: '2.14', suggested } satisfies Annotation })

export const openVocabularies = (suggested: readonly string[], description: string) =>
  list(openVocabulary(suggested, description), description)

/** A value from a closed list (section 2.4). */
export const oneOf = <const Values extends string[]>(values: Values, description: string) =>
  Type.Enum(values, {
    description,
    stix: {
      code: 'value.enum',
      clause: '2.4',
      message: `this must be one of ${values.join(', ')}`,
    } satisfies Annotation,
  })

/** Bytes as an even number of hexadecimal digits (section 2.8). */
export const hex = (description: string) =>
  Type.String({
    description,
    pattern: '^(?:[0-9a-fA-F]{2})+$',
    stix: {
      code: 'value.hex',
      clause: '2.8',
      message: 'this is not an even number of hexadecimal digits',
    } satisfies Annotation,
  })

/** Bytes in base64 with padding (section 2.1). */
export const binary = (description: string) =>
  Type.String({
    description,
    pattern: BASE64_PATTERN,
    stix: { code: 'value.base64', clause: '2.1', message: 'this is not base64' } satisfies Annotation,
  })

export const BASE64_PATTERN = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$'
export const HEX_PATTERN = '^(?:[0-9a-fA-F]{2})+$'

/** A URI: a scheme, a colon, and only the characters RFC 3986 has. */
export const uri = (description: string) =>
  Type.String({
    description,
    pattern: "^[A-Za-z][A-Za-z0-9+.\\-]*:(?:[A-Za-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$",
    stix: {
      code: 'value.uri',
      message: 'this is not a URI of RFC 3986',
      remedy: 'Give the scheme (https:) and percent-encode spaces and other characters a URI cannot hold.',
    } satisfies Annotation,
  })

/** A language tag of RFC 5646: a language of two or three letters, then subtags. */
export const LANGUAGE_PATTERN = '^(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*|[xiXI](?:-[A-Za-z0-9]{1,8})+)$'

export const language = (description: string) =>
  Type.String({
    description,
    pattern: LANGUAGE_PATTERN,
    stix: {
      code: 'value.language',
      clause: '3.2',
      message: 'this is not a language tag of RFC 5646, such as en or pt-BR',
    } satisfies Annotation,
  })

/** Free keys with values of one kind; never empty (section 2.3). */
export const dictionary = <Value extends TSchema>(
  value: Value,
  description: string,
  keyPattern = '^[a-zA-Z0-9_-]{1,250}$',
) =>
  Type.Record(Type.String({ pattern: keyPattern }), value, {
    description,
    additionalProperties: false,
    minProperties: 1,
    stix: {
      code: 'dictionary.key',
      clause: '2.3',
      message: 'this key has characters a dictionary key cannot have',
    } satisfies Annotation,
  })

/** Any JSON value but null, as dictionaries hold them. */
export const anything = Type.Unknown({ not: { type: 'null' } })

const digest = (length: number, name: string) =>
  Type.Optional(
    Type.String({
      description: `The ${name} digest in hexadecimal, ${length} digits.`,
      pattern: `^[0-9a-fA-F]{${length}}$`,
      stix: {
        code: 'hash.value',
        clause: '2.7',
        message: `this is not a ${name} digest of ${length} hexadecimal digits`,
      } satisfies Annotation,
    }),
  )

/** Digests by algorithm; other algorithms may stand beside the suggested ones (section 2.7). */
export const hashes = (description: string) =>
  Type.Object(
    {
      MD5: digest(32, 'MD5'),
      'SHA-1': digest(40, 'SHA-1'),
      'SHA-256': digest(64, 'SHA-256'),
      'SHA-512': digest(128, 'SHA-512'),
      'SHA3-256': digest(64, 'SHA3-256'),
      'SHA3-512': digest(128, 'SHA3-512'),
      SSDEEP: Type.Optional(
        Type.String({
          description: 'The fuzzy hash made by ssdeep.',
          pattern: '^[a-zA-Z0-9/+:.]{1,128}$',
          stix: { code: 'hash.value', clause: '2.7', message: 'this is not an ssdeep hash' } satisfies Annotation,
        }),
      ),
      TLSH: Type.Optional(
        Type.String({
          description: 'The locality sensitive hash TLSH, with or without its version prefix.',
          pattern: '^(?:T1)?[a-zA-Z0-9]{70}$',
          stix: { code: 'hash.value', clause: '2.7', message: 'this is not a TLSH hash' } satisfies Annotation,
        }),
      ),
    },
    {
      description,
      minProperties: 1,
      propertyNames: { pattern: '^[a-zA-Z0-9_-]{3,250}$' },
      additionalProperties: { type: 'string' },
      stix: {
        code: 'hash.name',
        clause: '2.7',
        message: 'this is not a name of a hash algorithm (3 to 250 of a-z, A-Z, 0-9, - and _)',
      } satisfies Annotation,
    },
  )

function typePart(types: readonly string[]): string {
  return types.length === 0 ? '[a-z](?:-?[a-z0-9])+-?' : `(?:${types.join('|')})`
}

function refAnnotation(types: readonly string[]): Annotation {
  const what = types.length === 0 ? 'an object' : `an object of type ${types.join(' or ')}`
  return { code: 'ref.format', clause: '3.3', message: `this is not the identifier of ${what}`, refersTo: types }
}

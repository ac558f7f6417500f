// The header of a statement (protocol section 2): who says what kind of thing, when, under which marking. It is the
// part that is always disclosed, JSON as its author wrote it, and it is read here and nowhere else. What a reader
// does not know (another kind, another key) is kept in the bytes; what it must understand alike with every other
// reader (the marking, a key given twice) is refused unless it is plain.
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { parseMicros } from './clock.ts'
import { Fault } from './fault.ts'
import { isDomainLike } from './id.ts'
import { parseJson } from './json.ts'
import { LIMITS } from './limits.ts'
import { parseMarking, type Marking } from './marking.ts'

/** Names another statement: its log, its place there, and its commitment (64 lower-case hex digits). */
export type StatementRef = { readonly origin: string; readonly index: number; readonly commitment: string }

export type Header = {
  readonly v: 1
  /** The author's member id. */
  readonly member: string
  /** The log it was written for. */
  readonly origin: string
  /** UUID version 7, lower case. */
  readonly id: string
  /** `records.put` and so on; any name of this shape, because unknown kinds are stored and forwarded. */
  readonly kind: string
  /** RFC 3339 in UTC. */
  readonly time: string
  readonly marking: Marking
  /** How part 2 may be handled; absent: it is the author's alone. */
  readonly contextMarking?: Marking
  readonly mediaType: string
  /** Items in the content list. */
  readonly count: number
  readonly collection?: string
  /** What this answers. */
  readonly re?: StatementRef
  /** What this takes the place of. */
  readonly replaces?: StatementRef
}

const REF = Type.Object({
  origin: Type.String({ minLength: 1, maxLength: 255 }),
  index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  commitment: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})

/** The shape on the wire, as published. Markings are checked by parseMarking. */
export const HEADER_SCHEMA = Type.Object({
  v: Type.Literal(1),
  member: Type.String({ maxLength: 253 }),
  origin: Type.String({ minLength: 1, maxLength: 255 }),
  id: Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' }),
  kind: Type.String({ maxLength: 64, pattern: '^[a-z][a-z.-]*$' }),
  time: Type.String({ maxLength: 40 }),
  marking: Type.Unknown(),
  contextMarking: Type.Optional(Type.Unknown()),
  mediaType: Type.String({ minLength: 1, maxLength: 255 }),
  count: Type.Integer({ minimum: 0, maximum: LIMITS.statementRecordsMax }),
  collection: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  re: Type.Optional(REF),
  replaces: Type.Optional(REF),
})

const validator = Compile(HEADER_SCHEMA)

/** Reads a header. Throws `log.invalid`, with the place, for anything that is not one. Keys not listed are left out. */
export function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length > LIMITS.headerBytesMax) throw invalid(`a header has at most ${LIMITS.headerBytesMax} bytes`)
  const value = readJson(bytes)
  if (!validator.Check(value)) {
    throw invalid('this is not a statement header', validator.Errors(value)[0]?.instancePath ?? '')
  }
  if (!isDomainLike(value.member)) throw invalid('this is not a member id', '/member')
  if (parseMicros(value.time) === undefined) throw invalid('a time is RFC 3339 in UTC, with Z', '/time')
  const { v, member, origin, id, kind, time, mediaType, count, collection, re, replaces } = value
  return {
    v,
    member,
    origin,
    id,
    kind,
    time,
    mediaType,
    count,
    marking: readMarking(value.marking, '/marking'),
    ...(value.contextMarking === undefined
      ? {}
      : { contextMarking: readMarking(value.contextMarking, '/contextMarking') }),
    ...(collection === undefined ? {} : { collection }),
    ...(re === undefined ? {} : { re: readRef(re) }),
    ...(replaces === undefined ? {} : { replaces: readRef(replaces) }),
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, { place: 'header' })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault('log.invalid', error.message, {
      cause: error,
      ...(error.place === undefined ? {} : { place: error.place }),
    })
  }
}

function readMarking(value: unknown, place: string): Marking {
  const marking = parseMarking(value)
  if (marking === undefined) throw invalid('a marking is missing, unknown or incomplete', place)
  return marking
}

function readRef({ origin, index, commitment }: StatementRef): StatementRef {
  return { origin, index, commitment }
}

function invalid(message: string, place?: string): Fault {
  return new Fault('log.invalid', message, place === undefined ? {} : { place })
}

// The rules of single types of observables (STIX 2.1 section 6) and of their identifiers (section 2.9).
import { isIPv6 } from 'node:net'
import { parseMicros } from '#kernel/clock.ts'
import { hasContributing, observableId } from '../sco-id.ts'
import { isCharset } from './charset.ts'
import { type Json, type Rule, type RuleContext } from './kit.ts'

/** The rules of one type, by type. */
export const OBSERVABLE_RULES: Readonly<Record<string, Rule>> = {
  artifact,
  directory: (object, context) => encoding(object, context, 'path', 'path_enc'),
  'email-message': emailMessage,
  file: (object, context) => encoding(object, context, 'name', 'name_enc'),
  'ipv6-addr': ipv6Address,
  'network-traffic': networkTraffic,
}

/**
 * The id of an observable: random where nothing it could be made from is there, and for a process always; otherwise it
 * should be the deterministic one. Observables inside an old observed-data object have local ids and are not held to it.
 */
export const observableIdentifier: Rule = (object, { definition, report, path }) => {
  const { id } = object
  if (typeof id !== 'string' || definition.type === '' || id.length < 36) return
  const version = id.at(-22)
  const random = definition.contributing.length === 0 || !hasContributing(object, definition.contributing)
  if (random && version !== '4') {
    const message = 'an id that cannot be made from the content must have a random UUID (version 4)'
    return report.breaks({
      code: 'id.version',
      path: `${path}/id`,
      message,
      clause: definition.type === 'process' ? '6.13' : '2.9',
    })
  }
  if (random || version !== '5') return
  const expected = observableId(object)
  if (expected === undefined || expected === id.toLowerCase()) return
  report.advises({
    code: 'id.deterministic',
    path: `${path}/id`,
    message: `the id made from the content would be ${expected}`,
    remedy: 'Use that id, or a random UUID (version 4).',
    clause: '2.9',
  })
}

/** Observables have no versions; where one carries such times all the same, they must be times. */
export const observableTimes: Rule = (object, { report, path }) => {
  for (const name of ['created', 'modified']) {
    const value = object[name]
    if (value === undefined || (typeof value === 'string' && parseMicros(value) !== undefined)) continue
    report.breaks({
      code: 'time.format',
      path: `${path}/${name}`,
      message: 'this is not a time that the calendar has',
      clause: '2.16',
    })
  }
}

function artifact(object: Json, { report, path }: RuleContext): void {
  const { payload_bin: payload, url, hashes, encryption_algorithm: algorithm, decryption_key: key } = object
  const clause = '6.1'
  if (payload !== undefined && url !== undefined) {
    report.breaks({
      code: 'property.conflict',
      path: `${path}/url`,
      message: 'an artifact has either payload_bin or url',
      clause,
    })
  }
  if (url !== undefined && hashes === undefined) {
    report.breaks({
      code: 'property.missing',
      path: `${path}/hashes`,
      message: 'an artifact with url needs hashes',
      clause,
    })
  }
  if (key !== undefined && algorithm === undefined) {
    const message = 'a decryption_key needs encryption_algorithm'
    report.breaks({ code: 'property.missing', path: `${path}/encryption_algorithm`, message, clause })
  }
}

function encoding(
  object: Json,
  { definition, report, path }: RuleContext,
  property: string,
  encodingProperty: string,
): void {
  const name = object[encodingProperty]
  if (name === undefined) return
  if (object[property] === undefined) {
    const message = `${encodingProperty} says how ${property} is encoded, which is not here`
    report.breaks({ code: 'property.conflict', path: `${path}/${encodingProperty}`, message, clause: '3.1' })
  }
  if (typeof name !== 'string' || isCharset(name)) return
  report.breaks({
    code: 'value.charset',
    path: `${path}/${encodingProperty}`,
    message: `${name.slice(0, 60)} is not the name of a character set in the IANA registry`,
    clause: definition.clause,
  })
}

function emailMessage(object: Json, { report, path }: RuleContext): void {
  const { is_multipart: multipart, body, body_multipart: parts } = object
  if (multipart === true && body !== undefined) {
    report.breaks({
      code: 'property.conflict',
      path: `${path}/body`,
      message: 'a message of several parts has body_multipart, not body',
      clause: '6.6',
    })
  }
  if (multipart === false && parts !== undefined) {
    report.breaks({
      code: 'property.conflict',
      path: `${path}/body_multipart`,
      message: 'a message of one part has body, not body_multipart',
      clause: '6.6',
    })
  }
}

function ipv6Address(object: Json, { report, path }: RuleContext): void {
  const { value } = object
  if (typeof value !== 'string') return
  const slash = value.indexOf('/')
  if (isIPv6(slash < 0 ? value : value.slice(0, slash))) return
  report.breaks({
    code: 'value.ipv6',
    path: `${path}/value`,
    message: 'this is not an IPv6 address or range',
    clause: '6.9',
  })
}

function networkTraffic(object: Json, { report, path }: RuleContext): void {
  if (object['is_active'] === true && object['end'] !== undefined) {
    report.breaks({
      code: 'property.conflict',
      path: `${path}/end`,
      message: 'traffic that is active has no end',
      clause: '6.12',
    })
  }
}

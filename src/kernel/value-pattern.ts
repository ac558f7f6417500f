// A value as a STIX pattern (STIX 2.1 section 9): how an indicator says it, whoever writes it.
import type { Value } from './value.ts'

const PATHS: Readonly<Record<string, string>> = {
  domain: 'domain-name:value',
  url: 'url:value',
  ipv4: 'ipv4-addr:value',
  'ipv4-net': 'ipv4-addr:value',
  ipv6: 'ipv6-addr:value',
  'ipv6-net': 'ipv6-addr:value',
  email: 'email-addr:value',
}

/** The pattern that is true of this value and of nothing else. A vulnerability has none: it is an object of its own. */
export function patternOf({ kind, value }: Value): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (kind !== 'hash') return `[${PATHS[kind] ?? 'artifact:url'} = ${quote(value)}]`
  const [algorithm = '', hex = ''] = value.split(':', 2)
  return `[file:hashes.${quote(algorithm.toUpperCase())} = ${quote(hex)}]`
}

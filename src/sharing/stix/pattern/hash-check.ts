import type { Literal, ObjectPath, Operator } from './tree.ts'

/** Hex digits of each algorithm of the STIX 2.1 hash vocabulary that has a fixed length (section 10.7). */
const DIGITS: Readonly<Record<string, number>> = {
  MD5: 32,
  'SHA-1': 40,
  'SHA-224': 56,
  'SHA-256': 64,
  'SHA-384': 96,
  'SHA-512': 128,
  'SHA3-224': 56,
  'SHA3-256': 64,
  'SHA3-384': 96,
  'SHA3-512': 128,
}

/** Says why a literal cannot be a hash of the algorithm its path names (`file:hashes.'SHA-256' = 'f00'`), if so. */
export function hashProblem(path: ObjectPath, operator: Operator, literals: readonly Literal[]): string | undefined {
  if (operator !== '=' && operator !== '!=' && operator !== 'IN') return undefined
  const last = path.steps.at(-1)
  const list = path.steps.at(-2)
  if (last?.kind !== 'property' || list?.kind !== 'property' || list.name !== 'hashes') return undefined
  const digits = DIGITS[last.name.toUpperCase()]
  if (digits === undefined) return undefined
  for (const literal of literals) {
    if (literal.kind !== 'string' || literal.value.length !== digits || !/^[0-9a-fA-F]*$/.test(literal.value)) {
      return `not a ${last.name} hash: it has ${digits} hex digits`
    }
  }
  return undefined
}

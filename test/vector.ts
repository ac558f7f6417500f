// Vectors (test/vectors): JSON that two implementations of the protocol must agree on, and the files that they show.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { sha256 } from '#kernel/hash.ts'

export function readVector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as T
}

/** A file in a vector: its text, its JSON, or that of another one with places (JSON pointers) set or left out. */
export type VectorFile = {
  readonly why: string
  /** Of the bytes that come out. */
  readonly sha256: string
  readonly text?: string
  readonly file?: unknown
  /** The file at this place of `files` is the one to change. */
  readonly of?: number
  readonly set?: Readonly<Record<string, unknown>>
  readonly without?: readonly string[]
}

/** The bytes of a file: a text as it stands, JSON with an indent of two and a line feed at its end. */
export function bytesOfFile(each: VectorFile, files: readonly VectorFile[] = []): Uint8Array {
  const bytes = Buffer.from(each.text ?? `${JSON.stringify(changed(each, files), undefined, 2)}\n`)
  assert.equal(sha256(bytes).toHex(), each.sha256, each.why)
  return bytes
}

function changed({ file, of, set = {}, without = [] }: VectorFile, files: readonly VectorFile[]): unknown {
  const value: unknown = structuredClone(of === undefined ? file : files[of]?.file)
  for (const [pointer, to] of Object.entries(set)) {
    const { parent, key } = find(value, pointer)
    parent[key] = to
  }
  for (const pointer of without) {
    const { parent, key } = find(value, pointer)
    delete parent[key]
  }
  return value
}

/** Where a pointer (RFC 6901, without escapes) leads. */
function find(value: unknown, pointer: string): { readonly parent: Record<string, unknown>; readonly key: string } {
  const keys = pointer.split('/').slice(1)
  const key = keys.pop() ?? ''
  const parent = keys.reduce<unknown>((at, each) => (at as Record<string, unknown>)[each], value)
  assert.ok(typeof parent === 'object' && parent !== null, pointer)
  return { parent: parent as Record<string, unknown>, key }
}

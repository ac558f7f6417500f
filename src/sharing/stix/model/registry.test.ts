import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customDefinitionOf, DEFINITIONS, definitionOf } from './registry.ts'

type Node = {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly stix?: { readonly clause?: string }
}

test('all 19 domain objects, 2 relationships, 18 observables, 3 meta objects and the bundle are defined', () => {
  const count = (kind: string) => DEFINITIONS.filter((definition) => definition.kind === kind).length
  assert.deepEqual(['sdo', 'sro', 'sco', 'meta', 'bundle'].map(count), [19, 2, 18, 3, 1])
  assert.equal(definitionOf('constructor'), undefined)
})

test('every property has a description, and every type names its section', () => {
  for (const { type, schema, clause } of DEFINITIONS) {
    assert.match(clause, /^\d/)
    assert.deepEqual(undescribed(schema as unknown as Node, type), [])
  }
})

function undescribed(node: Node, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const place = `${path}.${name}`
    return [
      ...(child.description === undefined ? [place] : []),
      ...undescribed(child, place),
      ...undescribed(child.items ?? {}, place),
    ]
  })
}

test('an object of an unknown type is what its extension says it is, else what its times say', () => {
  const declared = (type: string) => customDefinitionOf({ extensions: { x: null, y: { extension_type: type } } }).kind
  assert.equal(declared('new-sco'), 'sco')
  assert.equal(declared('new-sdo'), 'sdo')
  assert.equal(declared('new-sro'), 'sdo')
  assert.equal(customDefinitionOf({ created: 'x' }).kind, 'sdo')
  assert.equal(customDefinitionOf({ extensions: 5 }).kind, 'sco')
})

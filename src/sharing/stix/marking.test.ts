import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Marking, TLP, type Tlp } from '#kernel/marking.ts'
import { checkObject } from './check.ts'
import { markingOf } from './marking.ts'
import { fixedDefinition, FIXED_MARKINGS, TLP2_EXTENSION } from './tlp.ts'

const OTHER = 'marking-definition--6ba7b812-9dad-41d1-80b4-00c04fd430c8'
const DEFAULT: Marking = {
  tlp: 'GREEN',
  audience: { named: false, communities: ['energy.example'] },
  personal: 'present',
}

const idOf = (tlp: Tlp, version: 1 | 2) =>
  [...FIXED_MARKINGS].find(([, marking]) => marking.tlp === tlp && marking.version === version)?.[0]
const markingId = (tlp: Tlp) => idOf(tlp, 2) ?? assert.fail(tlp)

function labelled(object: Record<string, unknown>, definition?: unknown, marking = DEFAULT): Tlp {
  return markingOf(object, (id) => (id === OTHER ? definition : undefined), { marking, personal: 'none' }).marking.tlp
}

const custom = (more: object) => ({ type: 'marking-definition', id: OTHER, ...more })

test('the fixed labels need no definition and cannot be redefined', () => {
  for (const [id, { tlp }] of FIXED_MARKINGS) {
    const lie = () => ({ type: 'marking-definition', id, definition_type: 'tlp', definition: { tlp: 'white' } })
    assert.equal(markingOf({ object_marking_refs: [id] }, lie, { marking: DEFAULT, personal: 'none' }).marking.tlp, tlp)
  }
})

test('the fixed definitions are valid STIX, every one', () => {
  for (const id of FIXED_MARKINGS.keys()) {
    const answer = checkObject(fixedDefinition(id), { strictness: 'strict' })
    assert.ok(answer.ok && answer.forgiven.length === 0, JSON.stringify(answer))
  }
})

test('TLP:WHITE is CLEAR', () => {
  assert.equal(labelled({ object_marking_refs: ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9'] }), 'CLEAR')
})

test('the strictest label wins, of the whole or of a part', () => {
  for (const whole of TLP) {
    for (const part of TLP) {
      const object = {
        object_marking_refs: [markingId(whole)],
        granular_markings: [{ marking_ref: markingId(part), selectors: ['name'] }],
      }
      assert.equal(TLP.indexOf(labelled(object)), Math.max(TLP.indexOf(whole), TLP.indexOf(part)))
    }
  }
})

test('without a label the default holds; a label replaces it and keeps its audience', () => {
  assert.equal(labelled({}), 'GREEN')
  const { marking } = markingOf({ object_marking_refs: [markingId('CLEAR')] }, () => undefined, {
    marking: DEFAULT,
    personal: 'none',
  })
  assert.deepEqual(marking, { ...DEFAULT, tlp: 'CLEAR', personal: 'none' })
})

test('a marking nobody knows is at least AMBER+STRICT, and never loosens the default', () => {
  assert.equal(labelled({ object_marking_refs: [OTHER] }), 'AMBER+STRICT')
  assert.equal(labelled({ object_marking_refs: [OTHER, markingId('CLEAR')] }), 'AMBER+STRICT')
  assert.equal(labelled({ object_marking_refs: [OTHER, markingId('RED')] }), 'RED')
  assert.equal(labelled({ object_marking_refs: [OTHER] }, undefined, { ...DEFAULT, tlp: 'RED' }), 'RED')
})

test('a plain statement changes nothing; a statement with more to it is unknown', () => {
  const statement = { definition_type: 'statement', definition: { statement: '© 2026' } }
  const object = { object_marking_refs: [OTHER] }
  assert.equal(labelled(object, custom(statement)), 'GREEN')
  assert.equal(labelled(object, custom({ ...statement, extensions: { [OTHER]: {} } })), 'AMBER+STRICT')
  assert.equal(labelled(object, custom({ ...statement, definition: { statement: 's', more: 1 } })), 'AMBER+STRICT')
})

test('a label in a definition of its own counts, in both versions; a label that does not exist is unknown', () => {
  const object = { object_marking_refs: [OTHER] }
  const second = (label: unknown, more = {}) =>
    custom({ extensions: { [TLP2_EXTENSION]: { extension_type: 'property-extension', tlp_2_0: label }, ...more } })
  assert.equal(labelled(object, custom({ definition_type: 'tlp', definition: { tlp: 'amber' } })), 'AMBER')
  assert.equal(labelled(object, second('amber+strict')), 'AMBER+STRICT')
  assert.equal(labelled(object, second('clear')), 'CLEAR')
  assert.equal(labelled(object, second('clear', { [OTHER]: {} })), 'AMBER+STRICT')
  assert.equal(labelled(object, second('chartreuse')), 'AMBER+STRICT')
  assert.equal(labelled(object, { ...second('clear'), definition_type: 'tlp', definition: { tlp: 'red' } }), 'RED')
})

test('an answer under another id or of another type is no definition', () => {
  const object = { object_marking_refs: [OTHER] }
  const statement = { definition_type: 'statement', definition: { statement: 's' } }
  assert.equal(labelled(object, { ...custom(statement), id: 'marking-definition--x' }), 'AMBER+STRICT')
  assert.equal(labelled(object, { ...custom(statement), type: 'tool' }), 'AMBER+STRICT')
})

test('malformed markings are read as the strictest they could be', () => {
  for (const refs of ['x', null, [null], [5], {}])
    assert.equal(labelled({ object_marking_refs: refs }), 'AMBER+STRICT', JSON.stringify(refs))
  for (const parts of ['x', [null], [{}], [{ marking_ref: 5 }]])
    assert.equal(labelled({ granular_markings: parts }), 'AMBER+STRICT', JSON.stringify(parts))
  assert.equal(labelled({ granular_markings: [{ lang: 'de', selectors: ['name'] }] }), 'GREEN')
})

test('observables inside an old observed-data count too', () => {
  const object = { type: 'observed-data', objects: { '0': { type: 'url', object_marking_refs: [markingId('RED')] } } }
  assert.equal(labelled(object), 'RED')
})

test('marking definitions follow the same rule', () => {
  const definition = custom({
    definition_type: 'statement',
    definition: { statement: 's' },
    object_marking_refs: [markingId('AMBER')],
  })
  assert.equal(labelled(definition), 'AMBER')
})

test('every decision has its reason', () => {
  const object = { object_marking_refs: [OTHER, markingId('AMBER')] }
  const { reasons } = markingOf(object, () => undefined, { marking: DEFAULT, personal: 'none' })
  assert.deepEqual(reasons, [`${OTHER} is not known here: at least TLP:AMBER+STRICT`, 'marked TLP:AMBER'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPolicy } from '#test/store.ts'
import { TLP, type Marking, type Tlp } from '../marking.ts'
import { askOf, toDecision } from './judge.ts'
import { NO_OWN_RULES } from './rules.ts'
import { SHARES, type Decision, type Principal, type Subject } from './types.ts'

/** What Cedar says by the floors and the base. */
function decide(principal: Principal, about: Subject): Decision {
  const question = { principal, subject: about }
  const [verdict] = testPolicy.decideSync([], [askOf(NO_OWN_RULES, question)])
  assert.ok(verdict?.ok, JSON.stringify(verdict))
  return toDecision(NO_OWN_RULES, question, verdict)
}

const marking = (tlp: Tlp, communities: string[] = []): Marking => ({
  tlp,
  audience: { named: false, communities },
  personal: 'none',
})
const subject = (part: Partial<Subject>): Subject => ({
  marking: marking('CLEAR'),
  named: false,
  own: true,
  share: 'peers',
  public: false,
  ...part,
})
const peer = (part: object = {}): Principal => ({
  kind: 'member',
  member: 'b.example',
  approved: true,
  communities: [],
  via: 'peer',
  ...part,
})

test('the widest share still stops at the TLP floor', () => {
  const verdict = (tlp: Tlp, principal: Principal, part: Partial<Subject> = {}): string =>
    decide(principal, subject({ marking: marking(tlp, ['energy.example']), ...part })).rule
  assert.equal(verdict('RED', peer()), 'floor.red')
  assert.equal(verdict('RED', peer(), { named: true }), 'allow.named')
  assert.equal(verdict('AMBER+STRICT', peer({ communities: ['energy.example'] })), 'floor.amber-strict')
  assert.equal(verdict('AMBER', peer()), 'floor.amber')
  assert.equal(verdict('AMBER', peer({ communities: ['energy.example'] })), 'allow.community')
  assert.equal(verdict('GREEN', peer()), 'allow.peer')
  assert.equal(verdict('GREEN', peer({ approved: false })), 'floor.green')
  assert.equal(verdict('CLEAR', peer({ approved: false })), 'share.peers')
})

test('RED goes to no machine client, not even to one of a named member or of this member', () => {
  const red = subject({ marking: marking('RED'), named: true })
  assert.equal(decide(peer({ via: 'machine' }), red).rule, 'floor.red.machine')
  assert.equal(decide({ kind: 'self', via: 'machine' }, red).rule, 'floor.red.machine')
  assert.equal(decide({ kind: 'self', via: 'person', red: true }, red).allow, true)
  assert.equal(decide({ kind: 'self', via: 'person', red: false }, red).rule, 'floor.red.person')
})

test('the public gets CLEAR from a collection declared public and nothing else', () => {
  for (const tlp of TLP)
    for (const share of SHARES)
      for (const open of [true, false]) {
        const decision = decide({ kind: 'public' }, subject({ marking: marking(tlp), share, public: open }))
        assert.equal(decision.allow, tlp === 'CLEAR' && share === 'peers' && open)
      }
})

test('share none keeps everything, whoever is named', () => {
  for (const tlp of TLP)
    assert.equal(decide(peer(), subject({ marking: marking(tlp), share: 'none', named: true })).allow, false)
})

test('a wider share never allows less than a narrower one', () => {
  for (const tlp of TLP)
    for (const named of [true, false])
      for (const communities of [[], ['energy.example']])
        for (const approved of [true, false]) {
          const allowed = SHARES.map(
            (share) =>
              decide(
                peer({ communities, approved }),
                subject({ marking: marking(tlp, ['energy.example']), share, named }),
              ).allow,
          )
          assert.deepEqual(allowed, allowed.toSorted(), `${tlp} ${named} ${communities} ${approved}`)
        }
})

test('an unknown label is for nobody outside, and what others said is not passed on', () => {
  const odd = { ...marking('CLEAR'), tlp: 'ORANGE' as Tlp }
  assert.equal(decide(peer(), subject({ marking: odd, named: true })).rule, 'floor.unknown')
  assert.equal(decide(peer(), subject({ own: false, named: true })).rule, 'floor.onward')
  assert.equal(decide({ kind: 'public' }, subject({ own: false, public: true })).rule, 'floor.onward')
  assert.equal(decide(peer(), subject({ marking: { ...marking('CLEAR'), exercise: 'x' } })).rule, 'floor.exercise')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesBetween } from '#web/policy/changes.ts'
import { piecesOf } from '#web/policy/colours.ts'
import { Chance } from '#test/policy/random.ts'
import { rounds, seedOf } from '#test/rounds.ts'

test('colours change nothing: the pieces of a line are the line, whatever stands in it', () => {
  const line = '@id("x.y") permit (principal in Community::"energy.example", action, resource) // when'
  assert.deepEqual(
    piecesOf(line)
      .filter(({ kind }) => kind !== 'plain')
      .map(({ kind, text }) => `${kind} ${text}`),
    [
      'entity @id',
      'string "x.y"',
      'keyword permit',
      'keyword principal',
      'keyword in',
      'entity Community',
      'string "energy.example"',
      'keyword action',
      'keyword resource',
      'note // when',
    ],
  )
  const alphabet = ['"', '\\', '//', '@', '::', 'permit', ' ', '.', 'é', '普', '(', ')', 'x', '0']
  const seed = seedOf('colours')
  const chance = new Chance(seed)
  for (let i = 0; i < rounds({ test: 500, soak: 50_000 }); i += 1) {
    const text = Array.from({ length: chance.pick(20) }, () => alphabet[chance.pick(alphabet.length)]).join('')
    assert.equal(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
      text,
      `seed ${seed}`,
    )
  }
})

test('what came and what went between two texts: without what came it is the old one, without what went the new one', () => {
  assert.deepEqual(
    changesBetween('a\nb\nc', 'a\nx\nc').map(({ kind, text }) => `${kind} ${text}`),
    ['same a', 'went b', 'came x', 'same c'],
  )
  const seed = seedOf('changes')
  const chance = new Chance(seed)
  for (let i = 0; i < rounds({ test: 500, soak: 50_000 }); i += 1) {
    const random = (): string => Array.from({ length: chance.pick(12) }, () => 'abc'[chance.pick(3)]).join('\n')
    const [before, after] = [random(), random()]
    const changes = changesBetween(before, after)
    const without = (kind: string): string =>
      changes
        .filter((line) => line.kind !== kind)
        .map(({ text }) => text)
        .join('\n')
    assert.equal(without('came'), before, `seed ${seed}`)
    assert.equal(without('went'), after, `seed ${seed}`)
  }
})

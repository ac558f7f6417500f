// Names in the graph: none over another name or another record on a dense star, and what is chosen or pointed at has its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GraphEdge, GraphNode } from '#sharing/wire.ts'
import { fitted, toScreen, type Camera } from '../../src/web/graph/camera.ts'
import { Model } from '../../src/web/graph/model.ts'
import { NAME_HEIGHT, placeNames } from '../../src/web/graph/names.ts'
import { claim, roomOf, type Box } from '../../src/web/ui/room.ts'

const SIZE = { width: 900, height: 600 }
const LEAVES = 36
const id = (n: number): string => `indicator--${n}`

function star(): Model {
  const model = new Model()
  const nodes = Array.from({ length: LEAVES }, (_, n): GraphNode => ({
    id: id(n),
    type: 'indicator',
    here: true,
    name: `Staging host number ${n}`,
  }))
  const edges = nodes
    .slice(1)
    .map((node): GraphEdge => ({ id: `r${node.id}`, from: node.id, to: id(0), word: 'related-to' }))
  model.takeNeighbours(id(0), { nodes, edges }, true)
  while (model.layout.warm) model.layout.step()
  return model
}

type Written = { readonly text: string; readonly box: Box }

function written(model: Model, camera: Camera, pointed?: number): Written[] {
  return placeNames({ model, camera, size: SIZE, pointed }, model.points, []).map(({ text, x, top }) => {
    const half = roomOf(text) / 2
    return { text, box: [x - half, top, x + half, top + NAME_HEIGHT] }
  })
}

const whole = (model: Model): Camera => fitted(model.layout, model.shown, SIZE)

test('no name lies on another, or on another record', () => {
  const model = star()
  for (const scale of [1, 0.5, 2]) {
    const camera = { ...whole(model), scale: whole(model).scale * scale }
    const names = written(model, camera)
    assert.ok(names.length > 0)
    const taken: Box[] = []
    for (const { text, box } of names) assert.ok(claim(taken, box), `${text} lies on another name at ${scale}`)
    for (const { at, id: own } of model.points) {
      const [x, y] = toScreen(camera, SIZE, model.layout.x[at] ?? 0, model.layout.y[at] ?? 0)
      const covered = names.filter(({ box }) => x > box[0] && x < box[2] && y > box[1] && y < box[3])
      assert.deepEqual(covered, [], `a name covers ${own} at ${scale}`)
    }
  }
})

test('what has no room is named once it is chosen, pointed at, or looked at nearer', () => {
  const model = star()
  const far = { ...whole(model), scale: whole(model).scale * 0.5 }
  const namesOf = (camera: Camera, pointed?: number): Set<string> =>
    new Set(written(model, camera, pointed).map(({ text }) => text))
  const before = namesOf(far)
  const hidden = model.points.find(({ name = '' }) => !before.has(name))
  assert.ok(hidden !== undefined, 'a dense star has no room for every name')
  assert.ok(namesOf(far, hidden.at).has(hidden.name ?? ''))
  model.choose(hidden.at)
  assert.ok(namesOf(far).has(hidden.name ?? ''))
  model.choose(undefined)
  const [x, y] = [model.layout.x[hidden.at] ?? 0, model.layout.y[hidden.at] ?? 0]
  assert.ok(namesOf({ x, y, scale: 6 }).has(hidden.name ?? ''))
})

test('Chinese takes the room that it takes', () => {
  assert.equal(roomOf('北方应急中心', 12), 72)
  assert.ok(roomOf('CERT North', 12) < 72)
})

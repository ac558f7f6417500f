// Places in the graph: the same each time, at rest once found, and the short cut over far points is close to the truth.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GraphEdge, GraphNode } from '#sharing/wire.ts'
import { Layout } from '../../src/web/graph/layout.ts'
import { Model } from '../../src/web/graph/model.ts'
import { Tree } from '../../src/web/graph/tree.ts'

function settle(layout: Layout): void {
  for (let step = 0; layout.warm; step += 1) {
    assert.ok(step < 1000, 'it comes to rest')
    layout.step()
  }
}

function star(points: number): Layout {
  const layout = new Layout()
  layout.add(points, undefined)
  for (let at = 1; at < points; at += 1) layout.join(0, at)
  layout.heat(0)
  settle(layout)
  return layout
}

const places = ({ x, y, count }: Layout): number[][] => [Array.from(x.slice(0, count)), Array.from(y.slice(0, count))]

test('the same records lie the same way each time, and not on each other', () => {
  const [one, other] = [star(300), star(300)]
  assert.deepEqual(places(one), places(other))
  for (let a = 0; a < 300; a += 1)
    for (let b = 0; b < a; b += 1)
      assert.ok(
        Math.hypot((one.x[a] ?? 0) - (one.x[b] ?? 0), (one.y[a] ?? 0) - (one.y[b] ?? 0)) > 4,
        `${a} lies on ${b}`,
      )
})

test('what has found its place stays there when more is opened, until all is arranged again', () => {
  const layout = star(40)
  const before = places(layout).map((axis) => axis.slice(0, 40))
  layout.add(60, 7)
  for (let at = 40; at < 100; at += 1) layout.join(7, at)
  layout.heat(40)
  settle(layout)
  assert.deepEqual(
    places(layout).map((axis) => axis.slice(0, 40)),
    before,
  )
  layout.heat(0)
  settle(layout)
  assert.notDeepEqual(
    places(layout).map((axis) => axis.slice(0, 40)),
    before,
  )
})

test('far points that push as one push nearly as they do one by one; points in one place do no harm', () => {
  const [x, y] = [new Float64Array(500), new Float64Array(500)]
  for (let i = 0; i < 500; i += 1) {
    x[i] = 1000 * Math.sin(i * 12.9898)
    y[i] = i < 20 ? 5 : 1000 * Math.cos(i * 78.233)
    if (i < 20) x[i] = 5
  }
  const tree = new Tree()
  tree.build(x, y, 500)
  const [near, exact] = [
    { x: 0, y: 0 },
    { x: 0, y: 0 },
  ]
  for (let i = 20; i < 500; i += 37) {
    tree.push(i, 0.7, near)
    tree.push(i, 0, exact)
    let [sumX, sumY] = [0, 0]
    for (let j = 0; j < 500; j += 1) {
      if (j === i) continue
      const [dx, dy] = [(x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0)]
      sumX += dx / Math.max(1, dx * dx + dy * dy)
      sumY += dy / Math.max(1, dx * dx + dy * dy)
    }
    assert.ok(Math.hypot(exact.x - sumX, exact.y - sumY) < 1e-6 + 0.05 * Math.hypot(sumX, sumY), 'opened to the end')
    assert.ok(Math.hypot(near.x - sumX, near.y - sumY) < 0.1 * Math.hypot(sumX, sumY) + 0.02, 'far ones as one')
  }
})

const id = (n: number): string => `malware--${n}`
const node = (n: number): GraphNode => ({ id: id(n), type: n > 5 ? 'report' : 'malware', here: true })
const edge = (from: number, to: number, word = 'uses'): GraphEdge => ({
  id: `r${from}${to}`,
  from: id(from),
  to: id(to),
  word,
})

test('a filter hides a kind and what hangs on it alone, and never what was asked for', () => {
  const model = new Model()
  model.takeNeighbours(id(1), { nodes: [1, 2, 6].map(node), edges: [edge(1, 2), edge(6, 1, 'object_refs')] }, true)
  model.takeNeighbours(id(6), { nodes: [6, 3].map(node), edges: [edge(6, 3, 'object_refs')] }, false)
  const shown = (): string[] => model.points.filter(({ at }) => model.shown[at] === 1).map((point) => point.id)
  assert.deepEqual(shown(), [1, 2, 6, 3].map(id))
  model.hide('types', 'report', true)
  assert.deepEqual(shown(), [1, 2].map(id))
  model.hide('types', 'malware', true)
  assert.deepEqual(shown(), [id(1)])
  model.hide('types', 'report', false)
  assert.deepEqual(shown(), [1, 6].map(id))
  model.hide('words', 'object_refs', true)
  assert.deepEqual(shown(), [id(1)])
})

test('what is fetched twice is there once, and a full graph takes no more', () => {
  const model = new Model()
  const page = { nodes: [1, 2].map(node), edges: [edge(1, 2)] }
  assert.equal(model.takeNeighbours(id(1), page, true), 2)
  assert.equal(model.takeNeighbours(id(1), page, true), 0)
  assert.equal(model.lines.length, 1)
  const many = Array.from({ length: 6000 }, (_each, n) => node(n))
  model.takeNeighbours(id(1), { nodes: many, edges: [] }, false)
  assert.equal(model.points.length, 5000)
})

// What the graph holds: records and the lines between them, what of it is shown, and what is chosen. Nothing is taken out
// again, so that a point keeps its number and its place.
import type { GraphEdge, GraphNode, NeighboursView, PathView } from '#sharing/wire.ts'
import { familyOf } from './kinds.ts'
import { Layout } from './layout.ts'

export type Point = {
  readonly at: number
  readonly id: string
  readonly type: string
  readonly family: number
  readonly name?: string
  /** False: others speak of it, and it is not here to be read. */
  readonly here: boolean
  /** Asked for by the reader: shown whatever is filtered. */
  root: boolean
  /** How far its neighbours are fetched. */
  opened: 'no' | 'some' | 'all'
  next: string | undefined
}
export type Line = { readonly from: number; readonly to: number; readonly word: string; readonly key: string }
export type Filters = { readonly types: ReadonlySet<string>; readonly words: ReadonlySet<string> }

export const POINTS_MAX = 5000

export class Model {
  readonly points: Point[] = []
  readonly lines: Line[] = []
  readonly layout = new Layout()
  chosen: number | undefined
  /** Where a way is to begin. */
  start: number | undefined
  way: ReadonlySet<string> = new Set()
  hidden: Filters = { types: new Set(), words: new Set() }
  /** Changes whenever anything here does. */
  version = 0
  /** Which points and lines the filters leave, by their numbers. */
  shown = new Uint8Array(0)
  shownLines = new Uint8Array(0)
  readonly #numbers = new Map<string, number>()
  readonly #keys = new Set<string>()
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  find(id: string): Point | undefined {
    return this.points[this.#numbers.get(id) ?? -1]
  }

  /** Takes up one page of neighbours; how many records are new. */
  takeNeighbours(id: string, { nodes, edges, next }: NeighboursView, asRoot: boolean): number {
    const around = this.#numbers.get(id)
    const added = this.#take(nodes, edges, around)
    const point = this.find(id)
    if (point !== undefined) {
      point.opened = next === undefined ? 'all' : 'some'
      point.next = next
      if (asRoot) point.root = true
    }
    this.changed()
    return added
  }

  takeWay({ nodes, edges }: PathView): void {
    this.#take(nodes, edges, this.start)
    this.way = new Set(edges.map(keyOf))
    for (const { id } of nodes) {
      const point = this.find(id)
      if (point !== undefined) point.root = true
    }
    this.changed()
  }

  choose(at: number | undefined): void {
    if (this.chosen === at) return
    this.chosen = at
    this.changed()
  }

  hide(kind: keyof Filters, value: string, hidden: boolean): void {
    const set = new Set(this.hidden[kind])
    if (hidden) set.add(value)
    else set.delete(value)
    this.hidden = { ...this.hidden, [kind]: set }
    this.changed()
  }

  arrange(): void {
    this.layout.heat(0)
    this.changed()
  }

  isOnWay(line: Line): boolean {
    return this.way.has(line.key)
  }

  changed(): void {
    this.#filter()
    this.version += 1
    for (const listener of this.#listeners) listener()
  }

  #take(nodes: readonly GraphNode[], edges: readonly GraphEdge[], around: number | undefined): number {
    const first = this.points.length
    const room = POINTS_MAX - first
    const fresh = nodes.filter(({ id }) => !this.#numbers.has(id)).slice(0, room)
    this.layout.add(fresh.length, around)
    for (const node of fresh) this.#add(node)
    for (const edge of edges) this.#join(edge)
    if (fresh.length > 0) this.layout.heat(first)
    return fresh.length
  }

  #add({ id, type, here, name }: GraphNode): void {
    const at = this.points.length
    this.#numbers.set(id, at)
    this.points.push({
      at,
      id,
      type,
      family: familyOf(type),
      ...(name === undefined ? {} : { name }),
      here,
      root: false,
      opened: 'no',
      next: undefined,
    })
  }

  #join(edge: GraphEdge): void {
    const key = keyOf(edge)
    const [from, to] = [this.#numbers.get(edge.from), this.#numbers.get(edge.to)]
    if (from === undefined || to === undefined || from === to || this.#keys.has(key)) return
    this.#keys.add(key)
    this.lines.push({ from, to, word: edge.word, key })
    this.layout.join(from, to)
  }

  /** A record is shown while its kind is, and while it was asked for or a line that is shown ends there. */
  #filter(): void {
    const { types, words } = this.hidden
    const kept = (at: number): boolean => !types.has(this.points[at]?.type ?? '') || this.points[at]?.root === true
    this.shown = new Uint8Array(this.points.length)
    this.shownLines = new Uint8Array(this.lines.length)
    for (const point of this.points) if (point.root || this.layout.degree(point.at) === 0) this.shown[point.at] = 1
    for (const [at, line] of this.lines.entries()) {
      if (words.has(line.word) || !kept(line.from) || !kept(line.to)) continue
      this.shownLines[at] = 1
      this.shown[line.from] = 1
      this.shown[line.to] = 1
    }
  }
}

const keyOf = ({ id, from, to, word }: GraphEdge): string => `${id} ${from} ${to} ${word}`

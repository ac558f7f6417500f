// A list part as somebody holds it (protocol section 2): whole, where one seed stands for the salts of all items, or
// some items of it, where each has its own salt and all commitments stand beside them. Going from the first to the
// second is how one item is shown alone, and how one is erased while its neighbours can still be proven.
import { itemCommit, itemSalt, listCommit, wholeListCommit } from './commitment.ts'
import { Fault } from './fault.ts'
import { equalBytes } from '#kernel/hash.ts'

/** All items; the seed stands for every item's salt. */
export type WholeList = { readonly seed: Uint8Array; readonly items: readonly Uint8Array[] }

export type ShownItem = {
  /** Place in the list, from 0. */
  readonly index: number
  readonly salt: Uint8Array
  readonly bytes: Uint8Array
}

/** Some items, in the order of the list: the salt of each one shown, and the commitments of all. */
export type PartialList = { readonly itemCommits: readonly Uint8Array[]; readonly items: readonly ShownItem[] }

export type ListPart = WholeList | PartialList

export function isWhole(list: ListPart): list is WholeList {
  return 'seed' in list
}

/** How many items the list has, shown or not. */
export function listCount(list: ListPart): number {
  return isWhole(list) ? list.items.length : list.itemCommits.length
}

/** The items that are there, each with its place. */
export function itemsOf(list: ListPart): { readonly index: number; readonly bytes: Uint8Array }[] {
  return list.items.map((item, index) => ('bytes' in item ? item : { index, bytes: item }))
}

/** As long as the list: each item that is there, undefined for each that is not. */
export function alignedItems(list: ListPart): (Uint8Array | undefined)[] {
  const items = new Array<Uint8Array | undefined>(listCount(list)).fill(undefined)
  for (const { index, bytes } of itemsOf(list)) items[index] = bytes
  return items
}

/**
 * The same list with the items at `places` alone: what is sent of a batch to somebody who gets one record of it, and
 * what is kept after an erase. The seed is not in it, and no salt of another item can be had from it. Throws
 * `not-found` for a place that is not held.
 */
export function discloseItems(list: ListPart, places: Iterable<number>): PartialList {
  const held = isWhole(list) ? saltItems(list) : list
  const byIndex = new Map(held.items.map((item) => [item.index, item]))
  const items = [...new Set(places)]
    .toSorted((a, b) => a - b)
    .map((place) => {
      const item = byIndex.get(place)
      if (item === undefined) throw new Fault('not-found', `item ${place} of this statement is not here`)
      return item
    })
  return { itemCommits: held.itemCommits, items }
}

/** A whole list in the other form: every item with its own salt. */
function saltItems({ seed, items }: WholeList): PartialList {
  const salted = items.map((bytes, index) => ({ index, salt: itemSalt(seed, index), bytes }))
  return { itemCommits: salted.map(({ salt, index, bytes }) => itemCommit(salt, index, bytes)), items: salted }
}

/** What two holders of parts of one list have together. Both must be verified against the same commitment. */
export function joinLists(a: ListPart, b: ListPart): ListPart {
  if (isWhole(a)) return a
  if (isWhole(b)) return b
  const items = new Map([...a.items, ...b.items].map((item) => [item.index, item]))
  return { itemCommits: a.itemCommits, items: [...items.values()].toSorted((x, y) => x.index - y.index) }
}

/** Whether a list, or what is shown of it, is the one that `expected` commits to at place `part` of an envelope. */
export function holdsList(part: number, list: ListPart, expected: Uint8Array): boolean {
  if (isWhole(list)) return equalBytes(wholeListCommit(part, list.seed, list.items), expected)
  const { itemCommits, items } = list
  if (!equalBytes(listCommit(part, itemCommits), expected)) return false
  return items.every(({ index, salt, bytes }) => {
    const commit = itemCommits[index]
    return commit !== undefined && equalBytes(itemCommit(salt, index, bytes), commit)
  })
}

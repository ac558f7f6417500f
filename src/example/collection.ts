// The collection of the example, and what it is known by.
import type { Marking } from '#kernel/marking.ts'
import type { Reader } from '#kernel/store/types.ts'
import { findCollection, type Collection } from '#sharing/collection.ts'
import { countRecords } from '#sharing/api.ts'

export const ALIAS = 'example'
export const MARKING: Marking = {
  tlp: 'AMBER+STRICT',
  audience: { named: false, communities: [] },
  personal: 'none',
  exercise: '5d9f6c0e-6f0b-4f0e-9d38-2f6f0a3c7e11',
}

export const isExample = ({ own, marking }: Collection): boolean => own && marking.exercise === MARKING.exercise

/** How many records the example has here; undefined where it is not. */
export async function exampleRecords(reader: Reader): Promise<number | undefined> {
  const found = await findCollection(reader, ALIAS)
  if (found === undefined || !isExample(found)) return undefined
  const records = await countRecords(reader, found.id)
  return records === 0 ? undefined : records
}
